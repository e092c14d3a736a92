"""Ending a job from outside: failed or cancelled by somebody, whatever works on it at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation import log
from sidecar.automation.engine import relay
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineStore, document_of, replace_recursive
from sidecar.automation.jobs import status as statuses
from sidecar.automation.queues import backups
from sidecar.automation.repositories.job_reports import JobLease, JobReports
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.promises import BEGIN, TELL, Promises
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, Job
from sidecar.db import Database, Session, php_json
from sidecar.errors import InvalidInput
from sidecar.queue import arguments, silencing

EXECUTE = "datamachine_execute_step"
COMPLETE = "datamachine_job_complete"
#: Children that are cancelled in one look.
CHILDREN = 100


class Ended(msgspec.Struct, frozen=True):
    """What an end from outside did."""

    job_id: int
    status: str
    #: Whether a prompt that the job had taken went back to its queue.
    prompt_requeued: bool = False
    children: int = 0


class WorkedOn(Exception):
    """A worker is at the job that was to be ended only if nobody is."""


class _HasEnded(Exception):
    """Undoes what was begun for a job that had ended."""


class Endings:
    """Writes the end, silences what would go on, tells, and gives back what the job had taken.

    Whoever calls it is in a WordPress process, so that every listener hears.
    """

    def __init__(
        self,
        db: Database,
        jobs: JobsRepository,
        reports: JobReports,
        store: EngineStore,
        completion: Completion,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._reports = reports
        self._store = store
        self._completion = completion
        self._begun = Promises(db, BEGIN)
        self._untold = Promises(db, TELL)

    def fail(
        self, job: Job, reason: str, *, status: str | None = None, message: str = "", idle: bool = False
    ) -> Ended | None:
        """End a job as failed; None when it had ended already. ``status`` where it is not the reason's.

        ``idle``: only a job that nobody works on; else :class:`WorkedOn`.
        """
        status = status or statuses.failed(reason)
        data = {"error_reason": reason, "error_message": message or reason}
        if not self._end(job, status, data, idle=idle):
            return None
        requeued = self._takes_back(job.job_id)
        with self._untold.keeping(job.job_id):
            relay.fire(COMPLETE, job.job_id, status)
            self._completion.after_failure(job.job_id, reason, {"reason": reason})
        return Ended(job.job_id, status, requeued)

    def settle(self, job: Job, status: str, *, reason: str, message: str) -> Ended | None:
        """End a job that nothing goes on with as ``status`` says; None when it had ended already."""
        if statuses.is_failure(status):
            return self.fail(job, reason, status=status, message=message)
        engine = self._store.load(job.job_id)
        # Listeners find the item marked, as at every other end.
        self._completion.mark_processed(engine)
        if not self._end(job, status, {}):
            return None
        with self._untold.keeping(job.job_id):
            relay.fire(COMPLETE, job.job_id, status)
            self._completion.remove_files(engine)
        return Ended(job.job_id, status)

    def cancel(self, job: Job, reason: str = "") -> Ended | None:
        """End a job and everything below it as cancelled; None when it had ended already."""
        status = statuses.cancelled(reason)
        # What a fan-out is stopped by, as Data Machine stores it; its chunks look for it.
        if not self._end(job, status, {"cancelled": True, "error_reason": "cancelled"}):
            return None
        requeued = self._takes_back(job.job_id)
        with self._untold.keeping(job.job_id):
            children = self._after_cancelling(job.job_id, status)
        return Ended(job.job_id, status, requeued, children)

    def _after_cancelling(self, job_id: int, status: str) -> int:
        relay.fire(COMPLETE, job_id, status)
        done = self._completion.give_back(job_id)
        log.info("Job cancelled", {"job_id": job_id, "status": status, **done})
        return self.cancel_children(job_id, statuses.reason(status))

    def tell_again(self, job: Job) -> None:
        """Do what follows an end that is written, whose teller died; doing it again changes nothing."""
        if statuses.base(job.status) == statuses.CANCELLED:
            self._after_cancelling(job.job_id, job.status)
        else:
            self._completion.tell_again(job)

    def cancel_children(self, job_id: int, reason: str = "") -> int:
        """Cancel the unfinished children of a job, and theirs; how many."""
        count = after = 0
        while batch := self._reports.unfinished_children(job_id, after, CHILDREN):
            for child in batch:
                ended = self.cancel(child, reason)
                count += 0 if ended is None else 1 + ended.children
            after = batch[-1].job_id
        return count

    def cancel_of_flows(self, flow_ids: Sequence[int], reason: str) -> int:
        """Cancel the unfinished jobs of flows that are deleted; how many."""
        count = after = 0
        while flow_ids and (batch := self._reports.unfinished_of_flows(flow_ids, after, CHILDREN)):
            for job in batch:
                ended = self.cancel(job, reason)
                count += 0 if ended is None else 1 + ended.children
            after = batch[-1].job_id
        return count

    def _end(self, job: Job, status: str, data: Mapping[str, Any], *, idle: bool = False) -> bool:
        """One transaction: lease, doorbells, row, engine data, and that nobody was told yet; whether the job
        had not ended yet.
        """

        def work(session: Session) -> tuple[list[int], list[str]]:
            # The lease first, as whoever works on the job locks it first; it cannot go on from here.
            lease = self._reports.lease(session, job.job_id)
            if idle and lease is not None and lease.state == "running" and lease.live:
                raise WorkedOn
            step = _stands_at(session, job, lease)
            found = {**data, "error_step_id": step} if step else dict(data)
            silenced = silencing.silence(session, [job.job_id])
            if not self._jobs.transition(session, job.job_id, status):
                raise _HasEnded
            if lease is None:
                # Its first step may have begun in between.
                silencing.revoke(session, [job.job_id])
            self._begun.kept(session, job.job_id)
            self._untold.give(session, job.job_id)
            return silenced, self._note(session, job.job_id, found)

        try:
            silenced, keys = self._db.run(work)
        except _HasEnded:
            return False
        self._store.told(job.job_id, dict.fromkeys(keys))
        silencing.told(self._db, silenced)
        return True

    def _note(self, session: Session, job_id: int, data: Document) -> list[str]:
        try:
            return self._store.change_in(session, job_id, lambda old: replace_recursive(old, data)).keys()
        except php_json.NotJson:
            # A document that nobody can read does not keep its job from ending.
            return []

    def step_of(self, job: Job) -> str:
        """The flow step a job stands at: the one that runs or is due, else where it failed, else ''."""
        with self._db.session() as session:
            return _stands_at(session, job, self._reports.lease(session, job.job_id))

    def _takes_back(self, job_id: int) -> bool:
        return any(backups.removed(self._store.load(job_id)))


def _stands_at(session: Session, job: Job, lease: JobLease | None) -> str:
    step = "" if lease is None else lease.step
    # A lease that is at work or waits names the step whose result is not committed yet, where the doorbell
    # of the step before may still be in progress.
    if lease is not None and lease.state in ("running", "ready") and step:
        return step
    for bell in silencing.pending(session, [job.job_id]):
        if bell.hook == EXECUTE and (found := _step(bell.args)):
            return found
    return step or str(document_of(job).get("error_step_id") or "")


def _step(args: str) -> str:
    try:
        found = arguments.decode(args, None)
    except InvalidInput:
        return ""
    values: Sequence[Any] = list(found.values()) if isinstance(found, dict) else found
    return str(values[1]) if len(values) > 1 and isinstance(values[1], str) else ""


def batch_of(job: Job) -> bool:
    """Whether a job fanned out."""
    data = document_of(job)
    return bool(data.get("batch")) and number(data.get("batch_total")) > 0
