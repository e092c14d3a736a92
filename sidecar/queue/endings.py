"""Ends of doorbells that need no commit of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from sidecar.queue import acknowledgement

if TYPE_CHECKING:
    from sidecar.db import Database, Session
    from sidecar.queue.claims import Claim, Due
    from sidecar.queue.run import Run
    from sidecar.queue.tally import Tally


class _Ending(msgspec.Struct, frozen=True):
    run: Run
    due: Due
    claim: Claim

    def write(self, session: Session) -> None:
        acknowledgement.complete(session, self.run, self.due, self.claim)


class Endings:
    """The end of a worker's last doorbell, where nobody is told of it: it waits for the worker's next commit.

    Its result is committed already. A worker that dies before that commit leaves what one leaves that dies
    before the end: the doorbell is begun again and only acknowledged.
    """

    def __init__(self, db: Database, tally: Tally) -> None:
        self._db = db
        self._tally = tally
        self._waiting: _Ending | None = None

    def defer(self, run: Run, due: Due, claim: Claim) -> None:
        """Let the end of a doorbell wait; whoever does so writes it, with :meth:`joined` or :meth:`flush`."""
        self._waiting = _Ending(run, due, claim)

    @contextmanager
    def joined(self) -> Iterator[Callable[[Session], None] | None]:
        """What writes the end that waits, None when none does; after the block it counts as written."""
        waiting = self._waiting
        yield None if waiting is None else waiting.write
        if waiting is not None:
            self._waiting = None
            self._tally.completed[waiting.due.hook] += 1

    def flush(self) -> None:
        """Write the end that waits, if one does, in a commit of its own; LeaseLost."""
        with self.joined() as write:
            if write is not None:
                self._db.run(write)
