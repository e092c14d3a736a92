"""The queue's table names for the blog that is being worked on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sidecar import blog

if TYPE_CHECKING:
    from sidecar.db import Database, Tables


class Names(NamedTuple):
    """Full table names of one blog."""

    actions: str
    claims: str
    groups: str
    logs: str
    leases: str
    effects: str
    sites: str
    options: str


_process: list[Database] = []


def configure(db: Database) -> None:
    """The site of this process: what :func:`here` speaks of."""
    _process[:] = [db]


def current() -> Tables:
    """The tables of the blog that is being worked on; one object for each blog of each database."""
    if not _process:
        raise LookupError("No site is configured: sidecar.queue.wiring was not run in this process.")
    return _process[0].tables(blog.current())


def here() -> Names:
    """The names for the blog that is being worked on."""
    return _names(current())


@lru_cache(maxsize=256)
def _names(tables: Tables) -> Names:
    return Names(
        actions=tables.actionscheduler_actions,
        claims=tables.actionscheduler_claims,
        groups=tables.actionscheduler_groups,
        logs=tables.actionscheduler_logs,
        leases=tables.bridge_leases,
        effects=tables.bridge_effects,
        sites=tables.bridge_sites,
        options=tables.options,
    )
