"""The user an agent belongs to when nobody else is named."""

from __future__ import annotations

from collections.abc import Callable

from sidecar.wordpress import Options, UsersRepository

#: The autoloaded option in which the plugin keeps what it resolved: only PHP knows the constant
#: ``DATAMACHINE_DEFAULT_AGENT_USER``.
OPTION = "datamachine_bridge_default_agent"


class Owners:
    """Resolves the default agent user of a blog."""

    def __init__(self, options: Callable[[], Options], users: Callable[[], UsersRepository]) -> None:
        self._options = options
        self._users = users

    def default(self, blog_id: int = 1) -> int:
        """What the plugin resolved, else the blog's administrator with the lowest id, else 1."""
        recorded = self._options().get(OPTION, blog_id=blog_id)
        user_id = recorded.get("user_id") if isinstance(recorded, dict) else None
        if isinstance(user_id, int) and user_id > 0:
            return user_id
        administrators = self._users().with_role("administrator", blog_id=blog_id)
        return min((user.id for user in administrators), default=1)
