"""A run: one attempt at one doorbell, seen by the handler that does the work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from sidecar.queue import effects, leases, successors
from sidecar.queue.arguments import Arguments

if TYPE_CHECKING:
    from sidecar.db import Database, Session
    from sidecar.host.context import WordPressHost

_open: ContextVar[Session | None] = ContextVar("datamachine_queue_transaction", default=None)


def current_run() -> Run | None:
    """The run this code works for, or None outside a worker."""
    return successors.current.get()


class Run:
    """What a queue handler is given beside its arguments.

    ``job_id`` (0 for a doorbell that serves no job), ``step``, ``token`` (of the lease), ``attempt`` (1 at
    first), ``advanced`` (True when an earlier attempt already committed the result: nothing may be done
    again), ``effects``, ``host`` (the unit that serves this run, or None for handlers that need no
    WordPress).
    """

    def __init__(
        self,
        db: Database,
        lease: leases.Lease,
        *,
        action_id: int,
        hook: str,
        blog_id: int = 1,
        host: WordPressHost | None = None,
        advanced: bool = False,
    ) -> None:
        self.lease = lease
        self.action_id = action_id
        self.hook = hook
        self.blog_id = blog_id
        self.host = host
        self.job_id = lease.subject.job_id
        self.step = lease.subject.step
        self.token = lease.token
        self.attempt = lease.attempt
        self.advanced = advanced
        self.effects = effects.Effects(self)
        self._db = db
        self._lost = threading.Event()
        self._finished = False

    @property
    def effects_id(self) -> int:
        """What the effects of this run are filed under: the job, or the doorbell itself.

        A job's id and a doorbell's id are told apart by the step: a doorbell's is ``action:<hook>``.
        """
        return self.job_id or self.action_id

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A database transaction that first proves the lease, and holds its row until the commit.

        Raises :class:`~sidecar.queue.leases.LeaseLost`; nothing written inside is kept then. No frame may be
        sent to WordPress inside.
        """
        with self._db.transaction() as session:
            leases.prove(session, self.lease)
            reset = _open.set(session)
            try:
                yield session
            finally:
                _open.reset(reset)

    def advance(self, session: Session, step: str) -> None:
        """The step's result is committed with this transaction; ``step`` comes next ('' when the job is
        over).

        A re-run after a crash finds :attr:`advanced` and only acknowledges the doorbell. ``queue.enqueue`` of
        the same hook and job inside :meth:`transaction` does this by itself; a job's end says :meth:`finish`.
        """
        if self.job_id:
            leases.advance(session, self.lease, step)
        effects.mark_served(session, self)
        self.advanced = True
        self._finished = not step

    def finish(self, session: Session) -> None:
        """The job ends with this transaction, or the work of a doorbell that serves no job."""
        self.advance(session, "")

    @property
    def finished(self) -> bool:
        """True when this run said that nothing follows."""
        return self._finished

    def checkpoint(self) -> None:
        """Call in long loops: raises LeaseLost as soon as the heartbeat has seen that the lease is gone."""
        if self._lost.is_set():
            raise leases.LeaseLost(f"The lease {self.lease.key} was taken over while the step ran.")

    def lose(self) -> None:
        """Told by the heartbeat."""
        self._lost.set()

    def rang(self, session: Session, hook: str, args: Arguments) -> None:
        """A doorbell was written: the successor of this run when it is for the same hook and job."""
        if session is not _open.get() or hook != self.hook or not self.job_id:
            return
        following = leases.subject(hook, args)
        if following.job_id == self.job_id:
            self.advance(session, following.step)
