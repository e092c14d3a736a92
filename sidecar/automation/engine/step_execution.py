"""Running one step of a job: the ability ``datamachine/execute-step``."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from sidecar import queue
from sidecar.automation import log, registry
from sidecar.automation.engine import packets, plan, relay, selection
from sidecar.automation.engine.batches import Batches
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineData, EngineStore, decode, document_of
from sidecar.automation.engine.failing import Failing, RetryScheduled
from sidecar.automation.errors import StepFailed
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.flows import step_config
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import Step, StepRun, Steps, number
from sidecar.automation.values import Document, Packet, document
from sidecar.bridge import RemoteError
from sidecar.clock import Clock
from sidecar.errors import InvalidInput, NotFound, SidecarError
from sidecar.host import context as hosts

logger = logging.getLogger("datamachine.automation")

#: What a step may raise about its own work. Anything else (the lease, the database, the host) is the queue's.
OWN_FAILURES = (
    StepFailed,
    InvalidInput,
    NotFound,
    RemoteError,
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
)


class StepExecution:
    """Loads what a step needs, runs it and decides what comes next."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        jobs: JobsRepository,
        flows: FlowsRepository,
        store: EngineStore,
        files: JobFiles,
        completion: Completion,
        batches: Batches,
        failing: Failing,
        steps: Steps,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._flows = flows
        self._store = store
        self._files = files
        self._completion = completion
        self._batches = batches
        self._failing = failing
        self._steps = steps
        self._clock = clock

    def execute(self, job_id: int, flow_step_id: str) -> Document:
        """``{success, step_success, outcome[, batch]}``, or ``{success: false, error}`` for a step that could
        not even begin.
        """
        job = self._jobs.get(job_id)
        if job is None:
            return {"success": False, "error": f"Job {job_id} not found."}
        status = job.status
        if status != statuses.PROCESSING and not self._jobs.start(job_id):
            status = self._jobs.status(job_id) or statuses.FAILED
        if statuses.is_final(status):
            # An old doorbell; Data Machine 0.102.8 would begin the job again.
            self._completion.clear_away(EngineData(document_of(job), job_id), status)
            return {"success": False, "error": f"Job {job_id} has already ended: {status}."}
        engine = EngineData(decode(job.engine_data), job_id)
        if engine.get("batch") and engine.get("next_flow_step_id"):
            return {"success": False, "error": f"Job {job_id} has fanned out: its children go on."}
        config = self._config(engine, flow_step_id)
        if config is None:
            return self._unusable(job_id, flow_step_id, "missing_flow_id_in_step_config")
        kind = str(config.get("step_type") or "")
        if not kind:
            return self._unusable(job_id, flow_step_id, "missing_step_type_in_flow_step_config")
        definition = registry.known_step_types().get(kind)
        if definition is None:
            return self._unusable(job_id, flow_step_id, "step_type_not_found_in_registry")
        step = self._steps.find(kind, definition)
        if step is None:
            return self._unusable(job_id, flow_step_id, "step_type_not_available")
        self._files.adopt(*engine.place, flow_step_id)
        run = StepRun(job_id, flow_step_id, config, self._files.read(*engine.place), engine)
        try:
            left, error = self._run(step, run)
            return self._route(run, str(definition.get("class", "")), left, error)
        except RetryScheduled as again:
            return {**_outcome("retry_scheduled", False), "retry_in": again.seconds}
        except queue.LeaseLost:
            status = self._jobs.status(job_id) or ""
            if statuses.is_final(status):
                # Somebody ended the job while its step wrote.
                self._completion.clear_away(engine, status)
            raise

    def _run(self, step: Step, run: StepRun) -> tuple[list[Packet], str]:
        """What the step left. An exception of its own is a packet in front of the others, which fails the
        job; its code comes second.
        """
        try:
            return step.execute(run), ""
        except queue.LeaseLost:
            raise
        except OWN_FAILURES as error:
            if not getattr(hosts.current(), "usable", True):
                raise  # PHP's process ended in it: there is nobody left to tell
            logger.exception("Step %s of job %d failed", run.flow_step_id, run.job_id)
            message = error.message if isinstance(error, SidecarError) else str(error)
            log.error(f"Step exception: {message}", run.about(exception=type(error).__name__))
            failure = packets.packet(
                "step_error",
                {
                    "body": message,
                    "exception_context": "execution",
                    # PHP's own name, where PHP code threw it.
                    "exception_class": getattr(error, "php_class", type(error).__name__),
                },
                {
                    "step_type": run.step_type,
                    "flow_step_id": run.flow_step_id,
                    "success": False,
                    "failure_reason": "step_exception",
                },
                self._clock,
            )
            return [failure, *run.packets], error.code if isinstance(error, SidecarError) else ""

    def _route(self, run: StepRun, step_class: str, left: list[Packet], error: str) -> Document:
        job = self._jobs.get(run.job_id)
        status = "" if job is None else job.status
        engine = self._store.load(run.job_id) if job is None else self._store.of(job)
        override = engine.get("job_status")
        log.debug(
            "Engine: status_override check",
            {
                "job_id": run.job_id,
                "status_override": override,
                "has_override": override is not None,
                "engine_data_job_status": "not_set" if override is None else override,
            },
        )
        success = packets.succeeded(left)
        if status.startswith((statuses.FAILED, statuses.CANCELLED)):
            # Also where it has packets: nothing of it is done, and nothing goes on.
            log.info("Step ended a job that had failed", {**self._where(run), "status": status})
            running = queue.current_run()
            if running is not None and not running.finished:
                # Somebody else ended it: what the step has taken since then goes back too.
                self._completion.give_back(run.job_id)
            return _outcome("failed", False)
        if override == statuses.WAITING:
            self._completion.park(run.job_id)
            return _outcome("waiting", success)
        if isinstance(override, str) and override:
            return self._override(run, engine, override)
        if not success:
            return self._unsuccessful(run, engine, step_class, left, error)
        following = plan.next_step(engine.flow_config, run.flow_step_id)
        if following is None:
            return self._last(run, engine, left)
        return self._continue(run, engine, following, left)

    def _continue(self, run: StepRun, engine: EngineData, following: str, left: list[Packet]) -> Document:
        going = selection.going_on(run, left, document(engine.flow_config.get(following)))
        if going.failure:
            return self._fail(run, {"reason": going.failure})
        if going.fans_out:
            return {
                **_outcome("batch_scheduled", True),
                "batch": self._batches.begin(run, following, going.packets),
            }
        seed = selection.seeds_single(run, going.packets)
        if seed:
            self._store.merge(run.job_id, seed)
        relay.fire("datamachine_schedule_next_step", run.job_id, following, going.packets)
        running = queue.current_run()
        if running is not None and running.job_id == run.job_id and not running.advanced:
            # Somebody removed the listener that rings: without this the job would stay `processing` for ever.
            reason = "next_step_not_scheduled"
            return self._fail(run, {"reason": reason}, code=reason)
        return _outcome("inline_continuation", True)

    def _last(self, run: StepRun, engine: EngineData, left: list[Packet]) -> Document:
        self._completion.mark_processed(engine)
        self._completion.complete(run.job_id, statuses.COMPLETED)
        self._completion.remove_files(engine)
        log.info(
            "Pipeline execution completed successfully",
            {
                **self._where(run),
                "final_packet_count": len(left),
                "final_status": statuses.COMPLETED,
            },
        )
        return _outcome("completed", True)

    def _override(self, run: StepRun, engine: EngineData, status: str) -> Document:
        if not statuses.is_final(status):
            # Data Machine 0.102.8 leaves such a job `processing` for ever.
            message = f'"{status}" is no status a job can end with.'
            return self._fail(run, {"reason": "invalid_job_status", "error_message": message})
        if statuses.is_failure(status):
            self._completion.release_claim(engine)
        else:
            self._completion.mark_processed(engine)
        self._completion.complete(run.job_id, status)
        self._completion.remove_files(engine)
        log.debug(
            "Engine: complete_job called with status_override", {"job_id": run.job_id, "status": status}
        )
        log.info(
            "Pipeline execution completed with status override",
            {**self._where(run), "final_status": status, "override_source": "engine_data"},
        )
        return _outcome("completed_override", True)

    def _unsuccessful(
        self, run: StepRun, engine: EngineData, step_class: str, left: list[Packet], error: str
    ) -> Document:
        if step_config.is_fetch(run.config) and packets.failure_reason(left) is None:
            self._completion.complete(run.job_id, statuses.COMPLETED_NO_ITEMS)
            self._completion.remove_files(engine)
            log.info("Flow completed with no new items to process", self._where(run))
            return _outcome("completed_no_items", False)
        status = self._jobs.status(run.job_id)
        if status is not None and statuses.is_final(status):
            log.info("Step ended a job that had ended", {**self._where(run), "status": status})
            return _outcome("failed", False)
        reason = packets.failure_reason(left) or "empty_data_packet_returned"
        log.error(
            "Step execution failed - empty data packet",
            {**self._where(run), "step_class": step_class, "step_type": run.step_type},
        )
        context: Document = {"class": step_class, "reason": reason}
        body = packets.failure_message(left)
        if body:
            context["error_message"] = body
        return self._fail(run, context, cause=error)

    def _fail(
        self, run: StepRun, context: Document, *, code: str = "step_execution_failure", cause: str = ""
    ) -> Document:
        self._failing.fail(run, code, {"flow_step_id": run.flow_step_id, **context}, cause=cause)
        return _outcome("failed", False)

    def _unusable(self, job_id: int, flow_step_id: str, reason: str) -> Document:
        relay.fire(
            "datamachine_fail_job",
            job_id,
            "step_execution_failure",
            {"flow_step_id": flow_step_id, "reason": reason},
        )
        return {"success": False, "error": f"Job {job_id} cannot run {flow_step_id}: {reason}."}

    def _config(self, engine: EngineData, flow_step_id: str) -> Document | None:
        """The step as the job's snapshot has it, else as the flow has it now."""
        config = engine.flow_step(flow_step_id)
        if not config:
            flow_id = number(engine.job.get("flow_id"))
            config = document(self._flows.config(flow_id).get(flow_step_id)) if flow_id else {}
            if config:
                self._store.merge(engine.job_id, {"flow_config": {flow_step_id: config}})
        return {**config, "flow_step_id": flow_step_id} if config else None

    @staticmethod
    def _where(run: StepRun) -> dict[str, Any]:
        pipeline, flow, job = run.engine.place
        return {"job_id": job, "pipeline_id": pipeline, "flow_id": flow, "flow_step_id": run.flow_step_id}

    def failed_from_outside(self, job_id: int, flow_step_id: str, error: BaseException) -> Document:
        """End a job whose step was stopped by something that is not its own, or have it tried again."""
        message = error.message if isinstance(error, SidecarError) else f"{type(error).__name__}: {error}"
        engine = self._store.load(job_id)
        run = StepRun(job_id, flow_step_id, self._config(engine, flow_step_id) or {}, [], engine)
        context: Document = {
            "reason": "throwable_exception_in_step_execution",
            "exception_message": message,
            "exception_trace": "".join(traceback.format_exception(error))[-2000:],
        }
        try:
            self._fail(run, context, cause=error.code if isinstance(error, SidecarError) else "")
        except RetryScheduled as again:
            return {**_outcome("retry_scheduled", False), "retry_in": again.seconds}
        return {"success": False, "error": message}


def _outcome(outcome: str, success: bool) -> Document:
    return {"success": True, "step_success": success, "outcome": outcome}
