"""The end of a job: its row, its claims, its files, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sidecar import queue
from sidecar.automation import log
from sidecar.automation.engine import held_items, relay
from sidecar.automation.engine.engine_data import EngineData, EngineStore, replace_recursive
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.flows import step_config
from sidecar.automation.jobs import status as statuses
from sidecar.automation.queues import backups
from sidecar.automation.queues.prompt_queues import PromptQueues
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.repositories.promises import BEGIN, TELL, Promises
from sidecar.automation.repositories.writing import write
from sidecar.automation.settings import Settings
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, Job, is_step
from sidecar.db import Database

TRACE = 2000
#: Why jobs end whose folder goes as a whole: nothing may be put there again.
GONE = ("flow_deleted", "pipeline_deleted")


class Completion:
    """Ends jobs. The row and the queue's lease end in one transaction; hooks fire after it."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        jobs: JobsRepository,
        items: ProcessedItemsRepository,
        store: EngineStore,
        files: JobFiles,
        queues: PromptQueues,
        settings: Settings,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._items = items
        self._store = store
        self._files = files
        self._queues = queues
        self._settings = settings
        self._begun = Promises(db, BEGIN)
        self._untold = Promises(db, TELL)

    def complete(self, job_id: int, status: str, then: Callable[[], object] = lambda: None) -> bool:
        """Write a final status, fire ``datamachine_job_complete`` and do what comes ``then``.

        False, and nothing is told, for any other word and for a job that has ended already. Who dies on the
        way is replaced by a worker: of a step's own job by its doorbell, of any other one by its promise.
        """
        if not statuses.is_final(status):
            return False
        run = queue.current_run()
        with write(self._db) as session:
            if not self._jobs.transition(session, job_id, status):
                return False
            if run is not None and run.job_id == job_id:
                run.finish(session)
                telling: AbstractContextManager[None] = nullcontext()
            else:
                self._begun.kept(session, job_id)
                self._untold.give(session, job_id)
                telling = self._untold.keeping(job_id)
        with telling:
            relay.fire("datamachine_job_complete", job_id, status)
            then()
        return True

    def tell_again(self, job: Job) -> None:
        """Tell an end that is written, and do what follows it: nobody knows who has heard it."""
        engine = self._store.load(job.job_id)
        relay.fire("datamachine_job_complete", job.job_id, job.status)
        if statuses.is_failure(job.status):
            reason = str(engine.get("error_reason") or "step_execution_failure")
            self.after_failure(job.job_id, reason, {"flow_step_id": engine.get("error_step_id")})
        else:
            self.clear_away(engine, job.status)

    def park(self, job_id: int) -> None:
        """Let a job wait for somebody outside; its step is over."""
        run = queue.current_run()
        with write(self._db) as session:
            self._jobs.transition(session, job_id, statuses.WAITING)
            if run is not None and run.job_id == job_id and not run.advanced:
                run.finish(session)

    def mark_processed(self, engine: EngineData) -> None:
        """Mark the job's items; the pipeline has come to its end, and not before."""
        if _claims_more(engine):
            self._items.mark_claimed(engine.job_id)
        for item in held_items.of(engine):
            step, source, identifier = item.flow_step_id, item.source_type, item.item_identifier
            relay.fire("datamachine_mark_item_processed", step, source, identifier, engine.job_id)
            log.debug(
                "Deferred mark-as-processed on pipeline completion",
                {
                    "job_id": engine.job_id,
                    "item_identifier": identifier,
                    "source_type": source,
                    "fetch_flow_step_id": step,
                },
            )

    def remove_files(self, engine: EngineData) -> bool:
        """Remove the job's directory."""
        return self._files.remove(*engine.place)

    def clear_away(self, engine: EngineData, status: str) -> bool:
        """Remove the directory of a job that has ended; also what was written there after its end."""
        if not status.startswith((statuses.FAILED, statuses.CANCELLED)):
            return self.remove_files(engine)
        if not self._settings.flag("cleanup_job_data_on_failure", default=True):
            return False
        if statuses.reason(status) not in GONE:
            self._files.set_aside(*engine.place)
        return self.remove_files(engine)

    def fail(self, job_id: int, reason: str, context: Mapping[str, Any]) -> None:
        """What ``datamachine_fail_job`` does. A job that has ended already keeps its end."""
        status = self._jobs.status(job_id)
        if status is None or statuses.is_final(status):
            return
        self._store.merge(job_id, _error_data(reason, context))
        # Somebody else may have ended it in between: then its end, and what it had taken, are theirs.
        self.complete(
            job_id,
            statuses.failed(str(context.get("reason") or reason)),
            lambda: self.after_failure(job_id, reason, context),
        )

    def after_failure(self, job_id: int, reason: str, context: Mapping[str, Any]) -> None:
        """Undo what the job had taken, and log why it failed. Doing it again changes nothing."""
        undone = self.give_back(job_id)
        log.error(
            "Job marked as failed",
            {
                "job_id": job_id,
                "failure_reason": reason,
                "triggered_by": "datamachine_fail_job",
                "context_data": dict(context),
                **undone,
            },
        )

    def give_back(self, job_id: int) -> Document:
        """Give back what a job that did not end well had taken: its prompt, its items, its folder.

        Its packets are kept aside: it may be retried. Doing it again changes nothing. What was done, for
        the log.
        """
        engine = self._store.load(job_id)
        self._give_back_entries(engine)
        deleted = self._items.delete_of_job(job_id)
        log.debug(
            "Deleted processed items",
            {"criteria": {"job_id": job_id}, "items_deleted": deleted, "success": True},
        )
        self.release_claim(engine)
        step = engine.get("error_step_id")
        if isinstance(step, str) and step:
            # Where it died between ringing for a step and giving it its packets.
            self._files.adopt(*engine.place, step)
        return {
            "processed_items_cleaned": True,
            "files_cleanup_enabled": self._settings.flag("cleanup_job_data_on_failure", default=True),
            "files_cleaned": self.clear_away(engine, statuses.FAILED),
        }

    def release_claim(self, engine: EngineData) -> None:
        """Give up the claims on the job's items. Told twice, it takes nobody else's."""
        for item in held_items.of(engine):
            self._items.release(
                item.flow_step_id, item.source_type, item.item_identifier, held_by=item.held_by
            )

    def _give_back_entries(self, engine: EngineData) -> None:
        """To the job's own flow, whatever the backups name."""
        flow_id = number(engine.job.get("flow_id"))
        for slot, step, entry in backups.removed(engine) if flow_id else ():
            if step in engine.flow_config:
                self._queues.give_back(engine.job_id, flow_id, step, slot, entry)


def _claims_more(engine: EngineData) -> bool:
    """Whether a job may hold other claims than the one of its item: it fetched with its last step, where
    nothing is handed on, or with several.
    """
    steps = [step for step in engine.flow_config.values() if is_step(step)]
    fetching = [step for step in steps if step_config.is_fetch(step)]
    last = max(steps, key=lambda step: number(step.get("execution_order")), default=None)
    return len(fetching) > 1 or last in fetching


def _error_data(reason: str, context: Mapping[str, Any]) -> Document:
    """What a failure leaves in the engine data."""
    message = next(
        (
            context[key]
            for key in ("error_message", "ai_error", "exception_message", "reason")
            if context.get(key)
        ),
        reason,
    )
    found: Document = {
        "error_reason": reason,
        "error_step_id": context.get("flow_step_id"),
        "error_message": message,
    }
    trace = context.get("exception_trace") or context.get("error_trace")
    if trace:
        found["error_trace"] = str(trace)[:TRACE]
    return replace_recursive({}, found)
