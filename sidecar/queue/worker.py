"""A worker: claims what is due, executes it, goes on until it is told to stop.

One process works on one doorbell at a time. Signals: TERM and INT finish the doorbell under way, give the
rest of the claim back and end with 0. KILL at any moment loses nothing: see :mod:`sidecar.queue.recovery`.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from sidecar.db.errors import Contention, DatabaseUnavailable
from sidecar.errors import SidecarError
from sidecar.hooks import dispatch, freshness
from sidecar.queue import crew, fence, leases, processes
from sidecar.queue.claims import Claim, Claimer, Only
from sidecar.queue.execution import Executor
from sidecar.queue.heartbeat import Heartbeat
from sidecar.queue.reconciler import Reconciler
from sidecar.queue.recovery import Recovery
from sidecar.queue.tally import Tally
from sidecar.queue.units import Units
from sidecar.queue.waking import Alarm

if TYPE_CHECKING:
    from sidecar.runtime import Runtime

logger = logging.getLogger(__name__)

#: A claim is as large as what this worker does in about a second, so that nobody waits behind a long step.
CLAIM_SECONDS = 1.0
LARGEST_CLAIM = 50
#: Seconds between looks at the queue when nobody rings.
POLL = 1.0
#: Seconds between looks at a database that is away, or at a site that is switched off.
ABSENCE = 1.0
#: Seconds before a worker that lost its lease begins again.
PAUSE = 0.2


class Worker:
    """One worker process (or, in tests, one of several objects in a process)."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        max_time: float | None = None,
        max_jobs: int | None = None,
        once: bool = False,
        timing: leases.Timing | None = None,
        pace: float = CLAIM_SECONDS,
        largest_claim: int = LARGEST_CLAIM,
        only: Only | None = None,
        tally: Tally | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        self._runtime = runtime
        self._largest = max(1, min(largest_claim, LARGEST_CLAIM))
        self._only = only
        self._tally = tally or Tally()
        self._until = until
        self._db = runtime.db
        self._timing = timing or leases.Timing.from_environment()
        self._end = None if max_time is None else time.monotonic() + max_time
        self._left = max_jobs
        self._once = once
        self._stopping = False
        self._alarm: Alarm | None = None
        #: Smoothed seconds a doorbell takes; one is claimed first, to see.
        self._pace = pace

        # What a worker that was put to sleep inside a transaction holds, others wait for.
        self._db.idle_limit = max(1, int(self._timing.lease))

    @property
    def used_up(self) -> bool:
        """Whether it has done as many doorbells as it may."""
        return self._left is not None and self._left <= 0

    def stop(self) -> None:
        """Finish the doorbell under way, then return from :meth:`work`. Safe in a signal handler."""
        self._stopping = True
        if self._alarm is not None:
            self._alarm.ring()

    def work(self) -> int:
        """Work until told to stop, out of time, or (``once``) out of work; the process's exit code."""
        with Alarm(self._runtime.site.run_dir) as alarm:
            self._alarm = alarm
            while not self._over():
                try:
                    if not self._serve():
                        return 0
                except (DatabaseUnavailable, Contention) as error:
                    logger.warning("the database is away or busy: %s", error.message)
                    if self._once:
                        raise
                    alarm.wait(ABSENCE)
                except leases.LeaseLost as error:
                    logger.warning("this worker was declared dead and starts anew: %s", error.message)
                    alarm.wait(PAUSE)
            self._alarm = None
        return 0

    def _over(self) -> bool:
        return (
            self._stopping
            or (self._until is not None and self._until())
            or (self._end is not None and time.monotonic() >= self._end)
            or self.used_up
        )

    def _serve(self) -> bool:
        """One life of this worker under one lease; False when there is nothing more to do (``once``)."""
        with self._db.session() as session:
            current = fence.read(session)
        if not current.groups:
            if self._once:
                return False
            self._wait(ABSENCE)
            return True
        owner = processes.owner_name()
        lease = self._db.run(lambda session: leases.register(session, owner, current.epoch, self._timing))
        recovery = Recovery(self._db, lease, owner, self._timing)
        reconciler = self._runtime.get(Reconciler)
        beat = Heartbeat(self._db, lease, self._timing, lambda: self._look_after(recovery, reconciler, beat))
        units = Units(self._runtime.hosts.unit)
        executor = Executor(
            self._runtime,
            lease,
            owner=owner,
            epoch=current.epoch,
            timing=self._timing,
            heartbeat=beat,
            units=units,
            tally=self._tally,
        )
        beat.start()
        try:
            recovery.sweep()
            more = self._claims(Claimer(self._db, lease, current, only=self._only), executor, beat, recovery)
        except fence.Fenced as error:
            # Read before anything is claimed, and the last claim was given back: nothing is held.
            logger.info("this worker starts anew: %s", error.message)
            more = True
        except BaseException:
            # What was under way is not known any more: what is held goes back as if this process had died.
            beat.stop()
            units.close()
            self._give_up(recovery)
            raise
        beat.stop()
        units.close()
        self._db.run(lambda session: leases.retire(session, lease))
        return more

    def _claims(self, claimer: Claimer, executor: Executor, beat: Heartbeat, recovery: Recovery) -> bool:
        """Claim after claim; False when nothing is due and this worker only came for what is due.

        A claim that is served goes back in the commit that takes the next one, with its last doorbell's end.
        """
        served: Claim | None = None
        while not self._over():
            if beat.lost.is_set():
                raise leases.LeaseLost("The heartbeat came too late.")
            dispatch.listeners.under(freshness.state(self._db, self._runtime.site.wp_path))
            recovered = recovery.count
            claim = self._take(claimer, executor, served)
            served = None
            if claim is None and claimer.crowded:
                continue
            if claim is None:
                executor.rest()
                if self._once:
                    # What a dead worker held is due as well, also when the heartbeat has just found it.
                    recovery.sweep()
                    if recovery.count > recovered:
                        continue
                    return False
                self._wait(POLL)
                continue
            beat.claim(claim)
            self._tally.claims += 1
            begun = time.monotonic()
            try:
                done = self._execute(claim, executor)
                if executor.announced:
                    # WordPress hears of the end after the claim is gone.
                    executor.endings.flush()
                    claimer.release(claim)
                else:
                    served = claim
            finally:
                beat.claim(None)
            executor.finish()
            if done:
                self._pace = 0.5 * self._pace + 0.5 * (time.monotonic() - begun) / done
        executor.endings.flush()
        if served is not None:
            claimer.release(served)
        return True

    def _take(self, claimer: Claimer, executor: Executor, served: Claim | None) -> Claim | None:
        try:
            with executor.endings.joined() as first:
                return claimer.take(self._batch(), served, first=first)
        except fence.Fenced:
            executor.endings.flush()
            if served is not None:
                claimer.release(served)
            raise

    def _execute(self, claim: Claim, executor: Executor) -> int:
        """Execute a claim's doorbells in order; how many, fewer than claimed when told to stop."""
        done = 0
        for batch in executor.batches(claim.actions):
            if self._over():
                break
            ran = executor.execute(batch, claim, self._over)
            done += ran
            if self._left is not None:
                self._left -= ran
        return done

    def _batch(self) -> int:
        size = int(CLAIM_SECONDS / max(self._pace, CLAIM_SECONDS / self._largest))
        if self._left is not None:
            size = min(size, self._left)
        return max(1, size)

    def _wait(self, seconds: float) -> None:
        if self._end is not None:
            seconds = min(seconds, max(0.0, self._end - time.monotonic()))
        if self._alarm is not None:
            self._alarm.wait(seconds)

    def _look_after(self, recovery: Recovery, reconciler: Reconciler, beat: Heartbeat) -> None:
        """What the heartbeat's thread does between beats."""
        found = recovery.sweep(wait=False, between=beat.when_due) + reconciler.tick()
        if found and self._alarm is not None:
            self._alarm.ring()

    def _give_up(self, recovery: Recovery) -> None:
        try:
            recovery.recover_self()
        except SidecarError as error:
            # The next life of this worker, or another one, finds the lease.
            logger.warning("could not give back what was held: %s", error.message)


def main(
    runtime: Runtime,
    *,
    max_time: float | None = None,
    max_jobs: int | None = None,
    once: bool = False,
    workers: int = 1,
    timing: leases.Timing | None = None,
) -> int:
    """Run queue workers until TERM; the exit code.

    ``max_time`` (seconds) and ``max_jobs`` (doorbells) end it earlier, ``once`` when nothing is due. With
    several ``workers`` this process only starts and stops that many children.
    """
    if workers > 1:
        return crew.run(
            workers,
            lambda: main(runtime, max_time=max_time, max_jobs=max_jobs, once=once, timing=timing),
        )
    worker = Worker(runtime, max_time=max_time, max_jobs=max_jobs, once=once, timing=timing)

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    before: list[tuple[int, Any]] = []
    if threading.current_thread() is threading.main_thread():
        before = [(number, signal.signal(number, stop)) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        return worker.work()
    finally:
        for number, handler in before:
            signal.signal(number, handler)
