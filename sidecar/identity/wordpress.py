"""What identity asks of WordPress: how it makes a slug, who is declared, and who of them was removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from sidecar.bridge import RemoteError
from sidecar.errors import Internal, InvalidInput
from sidecar.host import HostPool
from sidecar.host import context as hosts
from sidecar.host.context import WordPressHost
from sidecar.identity.lookup import encodable
from sidecar.identity.principal import Principal
from sidecar.identity.units import unit_of
from sidecar.wordpress import Options

#: Slug to ``{time, user}``, in the main site's options: a network shares its agents. PHP writes it.
REMOVED = "datamachine_removed_agents"
MAIN_SITE = 1
#: ``{hash, retry_at, slugs}``: what PHP's ``Materializer`` handed over last, in each blog's own options.
SEEN = "datamachine_bridge_agents"


class Cleaned(msgspec.Struct, frozen=True):
    """Text as WordPress keeps it; either may be empty."""

    slug: str
    name: str


class IdentityHost:
    """The host operations ``identity.*``, in the request that waits on us or in a unit."""

    def __init__(self, units: Callable[[], HostPool], options: Callable[[], Options]) -> None:
        self._units = units
        self._options = options

    @contextmanager
    def at_hand(self, principal: Principal) -> Iterator[WordPressHost]:
        """WordPress for one operation, with the principal's user and blog where it is a unit.

        Everything inside shares it: questions, files, hooks. An agent acts there below its limits.
        """
        current = hosts.current()
        if current is not None:
            yield current
            return
        with unit_of(self._units(), principal) as unit:
            yield unit

    def clean(self, text: str, name: str = "") -> Cleaned:
        """``sanitize_title( text )`` and ``sanitize_text_field( name )``; nothing is cut.

        InvalidInput ``invalid_text`` for text that is no UTF-8.
        """
        if not (encodable(text) and encodable(name)):
            raise InvalidInput("Slugs and names of agents are text in UTF-8.", code="invalid_text")
        return msgspec.convert(self._ask("identity.slug", text=text, name=name), Cleaned)

    def declared(self, slug: str) -> bool:
        """Whether a plugin declares an agent of that slug, in WordPress at hand or on the last page that did.

        A unit was loaded once, and what is declared may depend on the database.
        """
        if self._ask("identity.declared", slug=slug) is True:
            return True
        seen = self._options().get(SEEN)
        slugs = seen.get("slugs") if isinstance(seen, dict) else None
        return isinstance(slugs, list) and slug in slugs

    def capabilities(self, user_id: int) -> tuple[str, ...]:
        """Names of all the capabilities a user holds on the blog WordPress works for."""
        told = self._ask("identity.capabilities", user_id=user_id)
        if not isinstance(told, list | tuple):
            raise Internal("WordPress did not answer with a list of capabilities.")
        return tuple(str(each) for each in told)

    def removed(self) -> dict[str, Any]:
        """Declared agents that somebody removed."""
        found = self._options().get(REMOVED, blog_id=MAIN_SITE)
        return found if isinstance(found, dict) else {}

    def remember_removed(self, slug: str, principal: Principal) -> None:
        """Keep a declared agent from coming back."""
        self._set_removed(slug, max(0, principal.user_id))

    def forget_removed(self, slug: str) -> None:
        """Let a declared agent come back; the next request makes it."""
        if slug in self.removed():
            self._set_removed(slug, None)

    def forget(self) -> None:
        """Let the next request look at the declared agents again."""
        self._ask("identity.forget")

    def _set_removed(self, slug: str, user_id: int | None) -> None:
        try:
            self._ask("identity.removed", slug=slug, user_id=user_id)
        except RemoteError as error:
            if error.code != "forbidden":
                raise
            # Whoever may delete the agent need not manage all of them: the site itself keeps the record.
            with self._units().unit("cron", blog_id=MAIN_SITE, system=True) as unit:
                unit.call("identity.removed", {"slug": slug, "user_id": user_id})

    @staticmethod
    def _ask(operation: str, **params: Any) -> Any:
        host = hosts.current()
        assert host is not None, "asked inside at_hand()"
        return host.call(operation, params)
