"""The queue's table names for the blog that is being worked on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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


_scope: ContextVar[Tables | None] = ContextVar("datamachine_queue_tables", default=None)
_process: list[Tables] = []


def configure(db: Database) -> None:
    """The site of this process: what :func:`here` answers outside any :func:`blog`."""
    _process[:] = [db.tables()]


@contextmanager
def blog(db: Database, blog_id: int) -> Iterator[None]:
    """Work on the queue of one blog of a network."""
    reset = _scope.set(db.tables(blog_id))
    try:
        yield
    finally:
        _scope.reset(reset)


def current() -> Tables:
    """The tables of the blog that is being worked on; one object for each blog of each database."""
    tables = _scope.get() or (_process[0] if _process else None)
    if tables is None:
        raise LookupError("No site is configured: sidecar.queue.wiring was not run in this process.")
    return tables


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
