"""Retrying a job by hand: a new job that begins where the old one stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import log, registry, wordpress
from sidecar.automation.access import JOBS, OPERATOR, Access
from sidecar.automation.engine import acting, held_items, plan, relay
from sidecar.automation.engine.acting import narrower
from sidecar.automation.engine.engine_data import EngineData, decode
from sidecar.automation.engine.held_items import HeldItem
from sidecar.automation.errors import InvalidPlan, JobNotFound
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.flows import step_config
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.creation import DIRECT, JobCreation
from sidecar.automation.jobs.endings import Ended, Endings, WorkedOn, batch_of
from sidecar.automation.jobs.undo import DONE as UNDONE
from sidecar.automation.jobs.undo import EFFECTS
from sidecar.automation.queues import backups
from sidecar.automation.repositories.job_reports import JobReports
from sidecar.automation.repositories.job_retries import SUCCESSOR, UNDER_WAY, RetryMarks
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import Document, Job, NewJob, Packet
from sidecar.db import Database
from sidecar.errors import Conflict, NotFound
from sidecar.identity import AgentsRepository, Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

MANUAL = "manual_retry"
#: What the old job's document says of its own end and deeds, and its own family; the new job has none of it.
OWN = frozenset({
    "attempts", "cancelled", "completed_at", "error", "error_message", "error_reason", "error_step_id",
    "error_trace", "job", "job_status", "job_status_reason", "parent_job_id",
    "queued_patch_backup", "queued_prompt_backup", "retry", "retry_of", "token_usage",
    "transcript_session_id", "webhook_gate", EFFECTS, SUCCESSOR, UNDER_WAY, UNDONE,
})  # fmt: skip


class NotRetryable(Conflict):
    """The job's status, or what it is, does not allow a retry."""

    code = "job_not_retryable"


class AlreadyRetried(Conflict):
    """A retry of the job exists."""

    code = "already_retried"


class ItemTaken(Conflict):
    """Another job has taken the item that the job worked on."""

    code = "item_taken"


class StillRunning(Conflict):
    """A worker is working on the job."""

    code = "job_running"


class Retried(msgspec.Struct, frozen=True):
    """A job and what goes on in its place: one job, or one for each child of a fan-out."""

    job_id: int
    new_job_ids: list[int]
    previous_status: str
    prompt_requeued: bool
    #: Where it begins, '' for children.
    step: str

    @property
    def new_job_id(self) -> int:
        """The first of them."""
        return self.new_job_ids[0]

    @property
    def message(self) -> str:
        """What happened, in a line."""
        if self.step:
            return f"Job {self.job_id} goes on as job {self.new_job_id}."
        listed = ", ".join(map(str, self.new_job_ids))
        return f"{len(self.new_job_ids)} children of job {self.job_id} go on as jobs {listed}."


class Retrying:
    """For operators of the job's agent. Refusals are Unauthorized or Forbidden ``rest_forbidden``."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        jobs: JobsRepository,
        reports: JobReports,
        marks: RetryMarks,
        creation: JobCreation,
        items: ProcessedItemsRepository,
        files: JobFiles,
        endings: Endings,
        agents: AgentsRepository,
        access: Access,
        units: HostPool,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._reports = reports
        self._marks = marks
        self._creation = creation
        self._items = items
        self._files = files
        self._endings = endings
        self._agents = agents
        self._access = access
        self._units = units

    def retry(self, principal: Principal, job_id: int, *, force: bool = False) -> Retried:
        """Begin again at the step where a job stopped, with the packets and the data it had.

        The old job stays as it is and learns of its successor (``retried_as``); one that is still processing,
        and that nobody works on, ends ``failed - manual_retry`` first. The new job is on its own: it has no
        parent, and is never worth more than the old one or the token that asks. Of a job that fanned out, its
        children that did not end well are retried.

        ``force``: also a job that ended well, that is pending or waiting, that is being worked on (its worker
        is cut off), or that was retried before. JobNotFound, NotRetryable, StillRunning, AlreadyRetried,
        ItemTaken, NotFound ``agent_not_found``.
        """
        self._access.enter(principal, JOBS)
        job = self._permitted(principal, job_id)
        return self._any(principal, job, force)

    def _any(self, principal: Principal, job: Job, force: bool) -> Retried:
        return self._children(principal, job, force) if batch_of(job) else self._one(principal, job, force)

    def _children(self, principal: Principal, parent: Job, force: bool) -> Retried:
        """Retry the children of a fan-out that did not end well; those that cannot be are left out."""
        if not statuses.is_final(parent.status):
            raise NotRetryable(f"Job {parent.job_id} fanned out, and its children still run.")
        made: list[int] = []
        for child_id in self._reports.ill_ended_children(parent.job_id):
            child = self._permitted(principal, child_id)
            try:
                made += self._any(principal, child, force).new_job_ids
            except (AlreadyRetried, ItemTaken, NotRetryable) as error:
                log.info(
                    "Child not retried",
                    {"job_id": child_id, "parent_job_id": parent.job_id, "why": error.message},
                )
        if not made:
            raise NotRetryable(f"Job {parent.job_id} fanned out, and has no child to retry.")
        return Retried(parent.job_id, made, parent.status, False, "")

    def _one(self, principal: Principal, job: Job, force: bool) -> Retried:
        job_id = job.job_id
        self._may(job, force)
        if not self._marks.begin(job_id):
            raise AlreadyRetried(f"Job {job_id} is being retried already.")
        successor = None
        try:
            # Read again: what was read before the mark may be another retry's past.
            job = self._permitted(principal, job_id)
            self._may(job, force)
            done = self._retry(principal, job, force)
            successor = done.new_job_id
            return done
        finally:
            self._marks.end(job_id, successor)

    def _retry(self, principal: Principal, job: Job, force: bool) -> Retried:
        previous, ended = job.status, None
        document = decode(job.engine_data)
        step = self._step(job, document)
        item = self._item(job, document, step)
        with wordpress.process(self._units), registry.reading(), acting.led_by(principal):
            if not statuses.is_final(job.status):
                ended = self._end(job, force)
                # Until then it went on; it may even have ended by itself.
                job = self._permitted(principal, job.job_id)
                if ended is None:
                    self._may(job, force)
                document = decode(job.engine_data)
                step = self._step(job, document)
                item = self._item(job, document, step)
            requeued = (
                any(backups.removed(EngineData(document, job.job_id)))
                if ended is None
                else ended.prompt_requeued
            )
            packets = self._packets(job, document, step)
            made = self._begin(principal, job, item)
            relay.fire("datamachine_schedule_next_step", made.job_id, step, packets)
            self._creation.begun(made.job_id)
            log.info(
                "Job retried",
                {
                    "job_id": job.job_id,
                    "new_job_id": made.job_id,
                    "flow_step_id": step,
                    "previous_status": previous,
                },
            )
        return Retried(job.job_id, [made.job_id], previous, requeued, step)

    def _permitted(self, principal: Principal, job_id: int) -> Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise JobNotFound(f"Job {job_id} not found.")
        self._access.row(
            principal,
            job.agent_id,
            job.user_id,
            OPERATOR,
            "You do not have permission to retry this job.",
        )
        if job.agent_id and self._agents.get(job.agent_id) is None:
            raise NotFound(f"Agent {job.agent_id} no longer exists.", code="agent_not_found")
        return job

    def _may(self, job: Job, force: bool) -> None:
        if force:
            return
        word = statuses.base(job.status)
        if word not in (statuses.FAILED, statuses.CANCELLED, statuses.PROCESSING):
            raise NotRetryable(
                f'Job {job.job_id} has status "{job.status}" — use --force to retry it anyway.'
            )
        if not statuses.is_final(job.status) and self._reports.works(job.job_id):
            raise _running(job)
        successor = self._marks.successor(job.job_id)
        if successor and self._jobs.status(successor) is not None:
            raise AlreadyRetried(
                f"Job {job.job_id} was already retried as job {successor} — use --force to retry it again."
            )

    def _step(self, job: Job, document: Document) -> str:
        """Where it goes on; the first step where nobody knows better."""
        engine = EngineData(document, job.job_id)
        step = self._endings.step_of(job) if not statuses.is_final(job.status) else ""
        for known in (step, str(document.get("error_step_id") or ""), self._leased(job)):
            if known in engine.flow_config:
                return known
        try:
            return str(plan.steps(engine.flow_config)[0]["flow_step_id"])
        except InvalidPlan as error:
            raise NotRetryable(f"Job {job.job_id} carries no step to begin with: {error.message}") from None

    def _leased(self, job: Job) -> str:
        with self._db.session() as session:
            lease = self._reports.lease(session, job.job_id)
        return "" if lease is None else lease.step

    def _packets(self, job: Job, document: Document, step: str) -> list[Packet]:
        """What the step began with."""
        place = EngineData(document, job.job_id).place
        self._files.adopt(*place, step)
        return self._files.aside(*place)

    def _end(self, job: Job, force: bool) -> Ended | None:
        """End a job that nobody works on, with ``force`` also another; None when it has ended by itself."""
        try:
            return self._endings.fail(job, MANUAL, idle=not force)
        except WorkedOn:
            raise _running(job) from None

    def _item(self, job: Job, document: Document, step: str) -> HeldItem | None:
        """The item to claim again; ItemTaken when another job has it."""
        engine = EngineData(document, job.job_id)
        if job.flow_id in (None, DIRECT) or step_config.is_fetch(engine.flow_step(step)):
            return None
        item = next(iter(held_items.of(engine)), None)
        if item is None:
            return None
        identifier = item.item_identifier
        known = self._items.state(item.flow_step_id, item.source_type, [identifier]).get(identifier)
        # A child's item is claimed by its parent.
        if known is not None and (known.processed or known.claimed_by not in (0, *item.held_by)):
            raise _taken(job, identifier)
        return item

    def _begin(self, principal: Principal, job: Job, item: HeldItem | None) -> Job:
        whose = self._jobs.belonging(job.job_id)
        current = decode(self._jobs.engine_data(job.job_id))
        data = {key: value for key, value in current.items() if key not in OWN}
        new = NewJob(
            pipeline_id=job.pipeline_id,
            flow_id=job.flow_id,
            source=job.source,
            label=job.label,
            user_id=job.user_id,
            agent_id=job.agent_id,
            limit=narrower(None if whose is None else whose.limit, principal.ceiling),
            task_type=job.task_type,
        )
        made = self._creation.create(
            new,
            data={**data, "retry_of": job.job_id},
            key=f"retry:{job.job_id}",
            start=True,
        )
        if item is not None and not self._items.claim(
            item.flow_step_id, item.source_type, item.item_identifier, made.job_id
        ):
            # Somebody was faster between the look and the claim.
            self._endings.fail(made, ItemTaken.code)
            raise _taken(job, item.item_identifier)
        return made


def _running(job: Job) -> StillRunning:
    return StillRunning(f"Job {job.job_id} is being worked on right now — use --force to cut its worker off.")


def _taken(job: Job, identifier: str) -> ItemTaken:
    return ItemTaken(
        f"Another job has taken the item of job {job.job_id} ({identifier[:100]}) in the meantime."
    )


def document(retried: Retried) -> dict[str, Any]:
    """As the abilities and routes answer."""
    return {
        "success": True,
        "job_id": retried.job_id,
        "new_job_id": retried.new_job_id,
        "new_job_ids": retried.new_job_ids,
        "previous_status": retried.previous_status,
        "prompt_requeued": retried.prompt_requeued,
        "flow_step_id": retried.step,
        "message": retried.message,
    }
