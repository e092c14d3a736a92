"""Data steps of ``datamachine migrate``: what a package offers that changes rows of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from sidecar.db import shape
from sidecar.db.tables import MAIN_BLOG, Tables

if TYPE_CHECKING:
    from sidecar.db.database import Database

#: Rows a statement changes at most: a batch holds its locks for some tens of milliseconds.
BATCH = 2_000

Counts = dict[str, int]


class Progress(Protocol):
    """Where a run tells how far it is."""

    def start(self, title: str, total: int) -> None:
        """A step begins; about so many rows are to be changed."""
        ...

    def advance(self, rows: int) -> None:
        """So many rows more were changed."""
        ...

    def end(self) -> None:
        """The step is finished."""
        ...


class Silent:
    """Tells nobody."""

    def start(self, title: str, total: int) -> None:
        """Nothing."""

    def advance(self, rows: int) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Work:
    """One step's surroundings: the database, the blog it works on, where it tells its progress."""

    database: Database
    names: Tables
    progress: Progress
    #: Whether this WordPress is a network.
    network: bool
    #: Every blog of the network that is not deleted.
    blogs: tuple[int, ...] = (MAIN_BLOG,)
    #: What an interrupted run of this step has kept, None for nothing.
    state: Any = None
    #: Keeps such a state; joins an open transaction.
    keep: Callable[[Any], None] = lambda _state: None
    batch: int = BATCH

    def shape(self, table: str) -> shape.Shape | None:
        """A table as it stands, None when it is absent; ``table`` is a full name."""
        with self.database.session() as session:
            return shape.read(session, [table]).get(table)


class Step(Protocol):
    """A change of rows. It must bear being interrupted anywhere and run again."""

    @property
    def name(self) -> str:
        """Under which it is remembered."""
        ...

    @property
    def title(self) -> str:
        """What it does, for people."""
        ...

    @property
    def guard(self) -> str:
        """Data Machine's option that says it is done; '' when Data Machine has no such step."""
        ...

    @property
    def shared(self) -> bool:
        """Whether it runs once, on the main blog, because its rows are the network's."""
        ...

    @property
    def network_guard(self) -> bool:
        """Whether the guard is an option of the network."""
        ...

    def estimate(self, work: Work) -> Counts:
        """What :meth:`run` would do, without doing it; columns and tables may still be absent."""
        ...

    def run(self, work: Work) -> Counts:
        """Do it; what was done, by the words that people read."""
        ...


class StepReport(msgspec.Struct, kw_only=True):
    """What became of one step on one blog."""

    name: str
    title: str
    blog: int
    counts: Counts = msgspec.field(default_factory=dict)
