"""One doorbell from "claimed" to "complete" or "failed": rows and hooks in Action Scheduler's order."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sidecar import hooks
from sidecar.db.errors import Contention, DatabaseUnavailable
from sidecar.errors import SidecarError
from sidecar.hooks import dispatch
from sidecar.host import context as host_context
from sidecar.host.errors import AWAY, DIED
from sidecar.queue import acknowledgement, doorbells, effects, handlers, leases, recurring, successors
from sidecar.queue.acknowledgement import Taken
from sidecar.queue.arguments import Arguments, positional
from sidecar.queue.audience import BEGINNING, Audience
from sidecar.queue.claims import Claim, Due
from sidecar.queue.endings import Endings
from sidecar.queue.run import Run

if TYPE_CHECKING:
    from sidecar.queue.heartbeat import Heartbeat
    from sidecar.queue.tally import Tally
    from sidecar.queue.units import Units
    from sidecar.runtime import Runtime

logger = logging.getLogger(__name__)

#: A step whose process dies this often is given up: something in it kills.
MAX_ATTEMPTS = 10
#: A second doorbell of a job that is being worked on waits this long for the first to end, then comes back
#: later.
PATIENCE = 1.0
LATER = 5
#: Seconds until a doorbell whose WordPress process was killed under it, or whom others kept too long from a
#: row it wanted, is begun anew.
AGAIN = 1
#: Bytes of a failure's message that are kept; the log's column takes 64 KiB.
MESSAGE = 60_000


class GivenUp(SidecarError):
    """A step whose worker died at every attempt."""

    code = "queue_given_up"


@dataclass(frozen=True)
class _Task:
    """What a doorbell asks for, and who does it."""

    args: Arguments
    handler: handlers.Handler | None
    traits: handlers.Traits


class Executor:
    """Executes the doorbells of one worker's claims.

    Where nobody hears that a job's doorbell ends, its end waits for the start of the next one, or for the
    commit with which the worker goes on: :attr:`endings`.
    """

    def __init__(
        self,
        runtime: Runtime,
        worker: leases.Lease,
        *,
        owner: str,
        epoch: int,
        timing: leases.Timing,
        heartbeat: Heartbeat,
        units: Units,
        tally: Tally,
    ) -> None:
        self._runtime = runtime
        self._db = runtime.db
        self._worker = worker
        self._owner = owner
        self._epoch = epoch
        self._timing = timing
        self._heartbeat = heartbeat
        self._units = units
        self._tally = tally
        self._audience = Audience(self._db, units)
        self.endings = Endings(self._db, tally)

    def batches(self, actions: Sequence[Due]) -> Iterator[tuple[Due, ...]]:
        """The doorbells of a claim in order: neighbours that are acknowledged with each other, others
        alone.
        """
        for way, group in itertools.groupby(actions, key=self._way):
            if way == "alone":
                yield from ((due,) for due in group)
            else:
                yield tuple(group)

    def _way(self, due: Due) -> Literal["together", "in turn", "alone"]:
        """How a doorbell is acknowledged: with its whole batch, with its neighbour, or by itself."""
        handler = self._runtime.queue_handlers.get(due.hook)
        if handler is None or recurring.recurs(due):
            return "alone"
        traits = handlers.of(handler)
        if traits.batched:
            return "together"
        if traits.host or self._subject(due).job_id:
            return "alone"
        return "in turn"

    def _subject(self, due: Due) -> leases.Subject:
        try:
            return leases.subject(due.hook, self._arguments(due))
        except SidecarError:
            return leases.Subject(0, f"action:{due.hook}")

    def execute(self, batch: tuple[Due, ...], claim: Claim, stop: Callable[[], bool]) -> int:
        """Run the doorbells of one batch, as :meth:`batches` made it, until ``stop()``; how many.

        Raises LeaseLost when the work was taken over, and DatabaseUnavailable when the outcome could not be
        written; in both cases nothing is known to be acknowledged and recovery decides. Every other failure
        ends the doorbell as ``failed``.
        """
        way = self._way(batch[0])
        if way != "alone":
            self.endings.flush()
        if way == "together":
            self._execute_together(batch, claim)
            return len(batch)
        if way == "in turn":
            return self._execute_in_turn(batch, claim, stop)
        self._execute(batch[0], claim)
        return 1

    def _execute_in_turn(self, batch: tuple[Due, ...], claim: Claim, stop: Callable[[], bool]) -> int:
        """Each doorbell's end and its neighbour's start are one commit; they need no WordPress and no job."""
        ended: acknowledgement.Ended | None = None
        done = 0
        for due in batch:
            if done and stop():
                break
            if acknowledgement.turn(self._db, self._worker, ended, due, claim):
                ended = acknowledgement.Ended(due, self._attempt_alone(due))
                self._count(due, ended.error)
            else:
                ended = None
            done += 1
        if ended is not None:
            acknowledgement.turn(self._db, self._worker, ended, None, claim)
        return done

    def _attempt_alone(self, due: Due) -> str | None:
        """Run a handler that needs no WordPress under the worker's own lease; what went wrong, or None."""
        handler = self._runtime.queue_handlers[due.hook]
        traits = handlers.of(handler)
        subject = leases.Subject(0, f"action:{due.hook}")
        served = due.attempts > 0 and not traits.batched and self._served(due, subject)
        lease = self._own(subject, due)
        run = Run(self._db, lease, action_id=due.action_id, hook=due.hook, advanced=served)
        self._heartbeat.run(run)
        try:
            if run.attempt > MAX_ATTEMPTS and not run.advanced:
                raise GivenUp(f"the process that ran it died {run.attempt - 1} times")
            self._call(run, _Task(self._arguments(due), handler, traits))
        except (leases.LeaseLost, DatabaseUnavailable, Contention):
            raise
        except Exception as error:  # as below: a failing handler ends its doorbell only
            logger.exception("doorbell %d (%s) failed", due.action_id, due.hook)
            return _message(error)
        finally:
            self._heartbeat.run(None)
        return None

    def _execute_together(self, batch: tuple[Due, ...], claim: Claim) -> None:
        """Two commits for all: harmless when repeated, several times as fast."""
        good: list[Due] = []
        bad: list[tuple[Due, str]] = []
        for due in acknowledgement.started_together(self._db, self._worker, batch, claim):
            error = self._attempt_alone(due)
            self._count(due, error)
            if error is None:
                good.append(due)
            else:
                bad.append((due, error))
        acknowledgement.ended_together(self._db, self._worker, good, bad, claim=claim)

    def _execute(self, due: Due, claim: Claim) -> None:
        self._audience.leave()
        handler = self._runtime.queue_handlers.get(due.hook)
        traits = handlers.of(handler) if handler is not None else handlers.Traits()
        try:
            args = self._arguments(due)
        except SidecarError as error:
            self.endings.flush()
            self._fail(due, claim, self._own(leases.Subject(0, f"action:{due.hook}"), due), error)
            return
        subject = leases.subject(due.hook, args)
        served = due.attempts > 0 and self._served(due, subject)
        job_id = subject.job_id
        begin = job_id > 0 and (not traits.host or self._audience.absent(job_id))
        if not begin:
            self.endings.flush()
        lease = self._lease(due, claim, subject, served=served, begin=begin)
        if lease is None:
            return
        run = Run(self._db, lease, action_id=due.action_id, hook=due.hook, advanced=served)
        self._heartbeat.run(run)
        try:
            self._attempt(due, claim, run, _Task(args, handler, traits), begun=begin)
        finally:
            self._heartbeat.run(None)

    def _attempt(self, due: Due, claim: Claim, run: Run, task: _Task, *, begun: bool) -> None:
        if task.traits.host:
            run.host = self._audience.unit(run)
        try:
            if not begun:
                for event in BEGINNING:
                    self._audience.notify(event, due)
                acknowledgement.started(self._db, run, due, claim)
            if run.attempt > MAX_ATTEMPTS and not run.advanced:
                raise GivenUp(f"the process that ran it died {run.attempt - 1} times")
            self._call(run, task)
            self._audience.tell("after_execute", due)
        except (leases.LeaseLost, DatabaseUnavailable):
            raise
        except acknowledgement.NotPending:
            # Somebody finished, parked or cancelled it while listeners were told.
            acknowledgement.ignored(self._db, due, run.lease)
            return
        except AWAY as error:
            # WordPress is being updated, or all its places are taken: no reason to fail anything.
            logger.warning("doorbell %d waits for WordPress: %s", due.action_id, error.message)
            acknowledgement.postpone(self._db, due, claim, LATER, lease=run.lease, advanced=run.advanced)
            self._units.close()
            return
        except (Contention, *DIED) as error:
            # As if this worker had died with it: another attempt finds what this one has done.
            logger.warning("doorbell %d is begun anew: %s", due.action_id, error.message)
            acknowledgement.postpone(self._db, due, claim, AGAIN, lease=run.lease, attempted=True)
            self._units.close()
            return
        except (
            Exception
        ) as error:  # whatever a handler or a listener throws ends its doorbell, not the worker
            logger.exception("doorbell %d (%s) failed", due.action_id, due.hook)
            self._fail(due, claim, run.lease, error)
            return
        self._audience.over()
        if run.job_id and self._audience.deaf("completed_action") and not recurring.recurs(due):
            self.endings.defer(run, due, claim)
            return
        following = acknowledgement.completed(self._db, run, due, claim)
        self._count(due, None)
        self._audience.tell("completed_action", due)
        self._rang(following)

    @hooks.scope()
    def _call(self, run: Run, task: _Task) -> None:
        """WordPress's listeners first, then the handler, both with this run as the current one."""
        reset = successors.current.set(run)
        try:
            if run.host is None:
                self._handle(run, task)
                return
            self._fire(run, task)
            with host_context.bind(run.host):
                self._handle(run, task)
        finally:
            successors.current.reset(reset)

    def _fire(self, run: Run, task: _Task) -> None:
        """Fire the doorbell's hook in WordPress. Where a handler of ours does the work, a listener that
        throws, or ends its process, does not keep it from being done."""
        assert run.host is not None
        if task.handler is not None and dispatch.silent(run.host, run.hook):
            return
        params = {"hook": run.hook, "args": positional(task.args), "required": task.handler is None}
        try:
            with host_context.bind(run.host):
                within = handlers.listening(task.handler, task.args)
                if within is None:
                    return
                with within, self._runtime.bus.suppressing(run.hook):
                    run.host.call("queue.fire", params)
        except (leases.LeaseLost, DatabaseUnavailable, *AWAY):
            raise
        except SidecarError as error:
            if task.handler is None:
                raise
            logger.warning("a listener of %s failed: %s", run.hook, error.message)
            if not getattr(run.host, "usable", True):
                self._units.taint()
                run.host = self._audience.unit(run)

    def _handle(self, run: Run, task: _Task) -> None:
        if task.handler is None or (run.advanced and not task.traits.resumes):
            return
        run.checkpoint()
        task.handler(task.args, run)
        run.checkpoint()

    def _arguments(self, due: Due) -> Arguments:
        """The row's arguments; a list gets the names of the hook's catalogue entry, so that a doorbell rung
        by PHP, which knows positions only, names its job as well."""
        args = due.arguments()
        entry = self._runtime.bus.vocabulary.entry(due.hook) if isinstance(args, list) else None
        if entry is None or not args or len(args) > len(entry.args):
            return args
        return dict(zip(entry.args, args, strict=False))

    # Leases and units

    def _lease(
        self, due: Due, claim: Claim, subject: leases.Subject, *, served: bool, begin: bool
    ) -> leases.Lease | None:
        """The lease to work under, or None when there is nothing to do now."""
        if not subject.job_id:
            return self._own(subject, due)
        end = time.monotonic() + PATIENCE
        while True:
            with self.endings.joined() as first:
                answer = acknowledgement.take(
                    self._db,
                    subject,
                    due,
                    claim,
                    owner=self._owner,
                    epoch=self._epoch,
                    timing=self._timing,
                    served=served,
                    begin=begin,
                    first=first,
                )
            if isinstance(answer, leases.Lease):
                return answer
            if answer is Taken.NOT_PENDING:
                acknowledgement.ignored(self._db, due)
                return None
            if answer is Taken.SERVED:
                acknowledgement.superseded(self._db, due, claim)
                return None
            if time.monotonic() >= end:
                acknowledgement.postpone(self._db, due, claim, LATER)
                return None
            time.sleep(0.02)

    def _served(self, due: Due, subject: leases.Subject) -> bool:
        with self._db.session() as session:
            return effects.served(session, subject.job_id or due.action_id, subject.step, due.action_id)

    def _own(self, subject: leases.Subject, due: Due) -> leases.Lease:
        """A doorbell that serves no job runs under the worker's own lease."""
        return leases.Lease(
            self._worker.lease_id, self._worker.key, self._worker.token, subject, due.attempts + 1
        )

    # The end

    def _fail(self, due: Due, claim: Claim, lease: leases.Lease, error: Exception) -> None:
        message = _message(error)
        following = acknowledgement.failed(self._db, lease, due, claim, message)
        self._audience.over()
        self._count(due, message)
        self._audience.tell("failed_execution", due, message=message)
        self._rang(following)
        # Whatever went wrong may have gone wrong in the unit: the next doorbell gets a clean one.
        self._units.taint()

    def _count(self, due: Due, error: str | None) -> None:
        (self._tally.completed if error is None else self._tally.failed)[due.hook] += 1

    def _rang(self, following: int) -> None:
        """The next instance of a recurring doorbell was stored."""
        if following:
            self._audience.tell("stored_action", None, action_id=following)
            with self._db.session() as session:
                doorbells.log(session, following, doorbells.CREATED)

    @property
    def announced(self) -> bool:
        """Whether WordPress was told that the claim under way began."""
        return self._audience.announced

    def finish(self) -> None:
        """The claim is over."""
        self._audience.finish()

    def rest(self) -> None:
        """Nothing is due: hold no unit."""
        self._units.close()


def _message(error: Exception) -> str:
    """What the log says; as much of it as the log can hold, in characters that a database can."""
    text = error.message if isinstance(error, SidecarError) else f"{type(error).__name__}: {error}"
    return text.encode(errors="replace")[:MESSAGE].decode(errors="ignore")
