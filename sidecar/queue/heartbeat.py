"""The heartbeat: a thread with a connection of its own that says "still here" while a step runs."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.errors import SidecarError
from sidecar.queue import leases, localtime, tables
from sidecar.queue.claims import Claim

if TYPE_CHECKING:
    from sidecar.db import Database, Session
    from sidecar.queue.run import Run

logger = logging.getLogger(__name__)

#: How often the thread looks at what is not a heartbeat (dead workers).
TICK = 1.0


class Heartbeat:
    """Extends the worker's lease and its run's, and keeps the doorbells of its claim looking alive.

    Action Scheduler's cleaner fails an in-progress row after 300 s without an attempt, for good: a longer
    step refreshes ``last_attempt_*``.
    """

    def __init__(
        self, db: Database, worker: leases.Lease, timing: leases.Timing, sweep: Callable[[], None]
    ) -> None:
        self._db = db
        self._worker = worker
        self._timing = timing
        self._sweep = sweep
        self._claim: Claim | None = None
        self._run: Run | None = None
        self._due = time.monotonic()
        #: Set when this worker was declared dead by another one.
        self.lost = threading.Event()
        self._stop = threading.Event()
        # The thread works on the blog of the worker that starts it.
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._loop,), name="queue-heartbeat", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits for a beat that is under way."""
        self._stop.set()
        self._thread.join()

    def claim(self, claim: Claim | None) -> None:
        """The claim this worker holds from now on."""
        self._claim = claim

    def run(self, run: Run | None) -> None:
        """The run this worker works on from now on."""
        self._run = run

    def _loop(self) -> None:
        while True:
            try:
                self.when_due()
                self._sweep()
            except SidecarError as error:
                # The database is away or busy: the next tick tries again, and the lease outlives a short
                # absence.
                logger.warning("heartbeat: %s", error.message)
            except Exception:  # the thread must go on whatever happens: a silent worker is a dead one
                logger.exception("heartbeat failed")
            if self._stop.wait(min(TICK, self._timing.heartbeat)):
                return

    def when_due(self) -> None:
        """One heartbeat, if it is time to; for this thread, also in the middle of what takes long."""
        if time.monotonic() >= self._due:
            self.beat()
            self._due = time.monotonic() + self._timing.heartbeat

    def beat(self) -> None:
        """One heartbeat."""
        run, claim = self._run, self._claim
        with self._db.session() as session:
            if not leases.extend(session, self._worker, self._timing):
                self.lost.set()
                if run is not None:
                    run.lose()
                return
            if run is not None and run.job_id and not leases.extend(session, run.lease, self._timing):
                # The run may have ended between the two statements; then losing it means nothing.
                run.lose()
            if claim is not None:
                _refresh(session, claim)
            session.execute(
                f"UPDATE {tables.here().sites} SET worker_seen_at = UTC_TIMESTAMP(6) WHERE id = 1"
            )


def _refresh(session: Session, claim: Claim) -> None:
    listed = ",".join(str(due.action_id) for due in claim.actions)
    session.execute(
        f"UPDATE {tables.here().actions} SET last_attempt_gmt = UTC_TIMESTAMP(),"
        " last_attempt_local = UTC_TIMESTAMP() + INTERVAL :offset SECOND"
        f" WHERE action_id IN ({listed}) AND claim_id = :claim AND status IN ('pending', 'in-progress')",
        {"offset": localtime.offset(session), "claim": claim.claim_id},
    )
