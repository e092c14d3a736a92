"""Which networks the flow at work may reach."""

from __future__ import annotations

from sidecar.automation.engine import acting
from sidecar.automation.handlers.outgoing import place
from sidecar.identity import Permissions
from sidecar.wordpress.options import Options


class Reach:
    """Private addresses are for administrators' flows, and for flows that are nobody's agent's."""

    def __init__(self, permissions: Permissions, options: Options) -> None:
        self._permissions = permissions
        self._options = options

    def private(self) -> bool:
        """Whether whoever the engine works for may have it connect to private and loopback addresses."""
        who = acting.principal()
        return who is not None and self._permissions.administers(who)

    def own(self) -> str:
        """``host:port`` of this site, as everybody may reach it."""
        return place(str(self._options.get("home") or ""))
