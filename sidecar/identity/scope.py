"""Which rows of an agent's resources somebody may see."""

from __future__ import annotations

from typing import Any

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """A condition on the columns ``agent_id`` and ``user_id`` of pipelines, flows, jobs, logs and sessions.

    NULL and 0 in ``agent_id`` both mean that no agent owns the row: unscoped, as on installs that never had
    agents. Such a row of user 0 is everybody's who may ask at all, another one is its user's.
    """

    #: No condition at all.
    everything: bool = False
    #: Rows of these agents.
    agent_ids: tuple[int, ...] = ()
    #: The user whose unscoped rows are seen, beside those of user 0; None: no unscoped rows.
    unscoped_of: int | None = None

    def includes(self, agent_id: int | None, user_id: int) -> bool:
        """Whether one row is seen."""
        if self.everything:
            return True
        if agent_id:
            return agent_id in self.agent_ids
        return self.unscoped_of is not None and user_id in {0, self.unscoped_of}

    def condition(self, alias: str = "") -> tuple[str, dict[str, Any]]:
        """SQL for a WHERE clause and its parameters; ``alias`` names the table, without a dot."""
        if self.everything:
            return "1 = 1", {}
        prefix = f"{alias}." if alias else ""
        parts: list[str] = []
        params: dict[str, Any] = {}
        if self.agent_ids:
            parts.append(f"{prefix}agent_id IN :scope_agents")
            params["scope_agents"] = list(self.agent_ids)
        if self.unscoped_of is not None:
            users = sorted({0, self.unscoped_of})
            parts.append(
                f"(({prefix}agent_id IS NULL OR {prefix}agent_id = 0) AND {prefix}user_id IN :scope_users)"
            )
            params["scope_users"] = users
        return (f"({' OR '.join(parts)})" if parts else "1 = 0"), params


#: The highest number PHP has; it reads longer ones as this.
MOST = 2**63 - 1
EVERYTHING = Scope(everything=True)
NOTHING = Scope()


def requested_agent(text: object) -> int | None:
    """The agent a request names with ``agent_id``: None when absent or empty, 0 for text without digits.

    PHP's reading of digits, as clients know it; 0 is no agent, and matches nothing.
    """
    if text is None or text == "":
        return None
    if isinstance(text, bool):
        return int(text)
    if isinstance(text, int):
        return max(0, min(text, MOST))
    digits = ""
    for character in str(text).strip():
        if not (character.isascii() and character.isdigit()):
            break
        digits += character
    # No id has more digits.
    return min(int(digits), MOST) if digits and len(digits) < 20 else 0
