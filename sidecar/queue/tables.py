"""The queue's table names for the blog a session works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sidecar.db import Session


class Names(NamedTuple):
    """Quoted by nothing: a prefix holds letters, digits and underscores only."""

    actions: str
    claims: str
    groups: str
    logs: str
    leases: str
    effects: str
    sites: str
    options: str


def named(prefix: str) -> Names:
    """The names below one prefix."""
    ours = f"{prefix}datamachine_bridge_"
    theirs = f"{prefix}actionscheduler_"
    return Names(
        actions=f"{theirs}actions",
        claims=f"{theirs}claims",
        groups=f"{theirs}groups",
        logs=f"{theirs}logs",
        leases=f"{ours}leases",
        effects=f"{ours}effects",
        sites=f"{ours}sites",
        options=f"{prefix}options",
    )


def of(session: Session) -> Names:
    """The names for this session's blog."""
    return named(session.tables.prefix)
