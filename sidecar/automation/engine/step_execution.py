"""Running one step of a job: the ability ``datamachine/execute-step``."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from sidecar import queue
from sidecar.automation import log, registry
from sidecar.automation.engine import packets, plan, relay
from sidecar.automation.engine.completion import Completion
from sidecar.automation.engine.engine_data import EngineData, EngineStore, decode
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
MANY_PACKETS = "more_than_one_packet"


class StepExecution:
    """Loads what a step needs, runs it and decides what comes next."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        jobs: JobsRepository,
        flows: FlowsRepository,
        store: EngineStore,
        files: JobFiles,
        completion: Completion,
        steps: Steps,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._flows = flows
        self._store = store
        self._files = files
        self._completion = completion
        self._steps = steps
        self._clock = clock

    def execute(self, job_id: int, flow_step_id: str) -> Document:
        """``{success, step_success, outcome}``, or ``{success: false, error}`` when the step could not even
        begin.
        """
        job = self._jobs.get(job_id)
        if job is None:
            return {"success": False, "error": f"Job {job_id} not found."}
        if statuses.is_final(job.status):
            # An old doorbell; Data Machine 0.102.8 would begin the job again.
            return {"success": False, "error": f"Job {job_id} has already ended: {job.status}."}
        if job.status != statuses.PROCESSING:
            self._jobs.start(job_id)
        engine = EngineData(decode(job.engine_data), job_id)
        config = self._config(engine, flow_step_id)
        if config is None:
            return self._unusable(job_id, flow_step_id, "missing_flow_id_in_step_config")
        kind = str(config.get("step_type") or "")
        if not kind:
            return self._unusable(job_id, flow_step_id, "missing_step_type_in_flow_step_config")
        definition = registry.known_step_types().get(kind)
        step = self._steps.find(kind, definition or {})
        if definition is None:
            return self._unusable(job_id, flow_step_id, "step_type_not_found_in_registry")
        if step is None:
            return self._unusable(job_id, flow_step_id, "step_type_not_available")
        place = (number(engine.job.get("pipeline_id")), number(engine.job.get("flow_id")), job_id)
        self._files.adopt(*place, flow_step_id)
        run = StepRun(job_id, flow_step_id, config, self._files.read(*place), engine)
        left = self._run(step, run)
        return self._route(run, str(definition.get("class", "")), left)

    def _run(self, step: Step, run: StepRun) -> list[Packet]:
        """An exception of the step is a packet in front of the others, which fails the job."""
        try:
            return step.execute(run)
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
                {"body": message, "exception_context": "execution", "exception_class": type(error).__name__},
                {
                    "step_type": run.step_type,
                    "flow_step_id": run.flow_step_id,
                    "success": False,
                    "failure_reason": "step_exception",
                },
                self._clock,
            )
            return [failure, *run.packets]

    def _route(self, run: StepRun, step_class: str, left: list[Packet]) -> Document:
        engine = self._store.load(run.job_id)
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
        if override == statuses.WAITING:
            return _outcome("waiting", success)
        if isinstance(override, str) and override:
            return self._override(run, engine, override)
        if not success:
            return self._unsuccessful(run, engine, step_class, left)
        following = plan.next_step(engine.flow_config, run.flow_step_id)
        if following is None:
            return self._last(run, engine, left)
        return self._continue(run, following, left)

    def _continue(self, run: StepRun, following: str, left: list[Packet]) -> Document:
        going = self._selection(run, following, left)
        if len(going) > 1:
            # Fan-out into child jobs is not there yet: better no result than a wrong one.
            message = f"{len(going)} packets go on, and this version runs one packet a job."
            return self._fail(run, MANY_PACKETS, {"reason": MANY_PACKETS, "error_message": message})
        if not going:
            return self._fail(
                run, "step_execution_failure", {"reason": "handler_requiring_step_missing_handler_packets"}
            )
        if step_config.is_fetch(run.config):
            about = packets.metadata(going[0])
            seed = {key: about[key] for key in ("item_identifier", "source_type") if about.get(key)}
            if seed:
                self._store.merge(run.job_id, seed)
        relay.fire("datamachine_schedule_next_step", run.job_id, following, going)
        running = queue.current_run()
        if running is not None and running.job_id == run.job_id and not running.advanced:
            # Somebody removed the listener that rings: without this the job would stay `processing` for ever.
            return self._fail(run, "next_step_not_scheduled", {"reason": "next_step_not_scheduled"})
        return _outcome("inline_continuation", True)

    def _selection(self, run: StepRun, following: str, left: list[Packet]) -> list[Packet]:
        """Which packets go on: after an AI step those that its handler tools left, one for each tool."""
        if len(left) <= 1 or run.step_type != "ai":
            return left
        complete: dict[str, Packet] = {}
        for one in left:
            if one.get("type") == "ai_handler_complete":
                complete.setdefault(str(packets.metadata(one).get("tool_name")), one)
        engine = self._store.load(run.job_id)
        needs = registry.handler_slugs(document(engine.flow_config.get(following)))
        return list(complete.values()) if complete or needs else left

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
        self, run: StepRun, engine: EngineData, step_class: str, left: list[Packet]
    ) -> Document:
        if step_config.is_fetch(run.config) and packets.failure_reason(left) is None:
            self._completion.complete(run.job_id, statuses.COMPLETED_NO_ITEMS)
            self._completion.remove_files(engine)
            log.info("Flow completed with no new items to process", self._where(run))
            return _outcome("completed_no_items", False)
        status = self._jobs.status(run.job_id)
        if status is not None and statuses.is_failure(status):
            log.info("Step ended a job that had failed", {**self._where(run), "status": status})
            return _outcome("failed", False)
        reason = packets.failure_reason(left) or "empty_data_packet_returned"
        log.error(
            "Step execution failed - empty data packet",
            {**self._where(run), "step_class": step_class, "step_type": run.step_type},
        )
        context: Document = {"flow_step_id": run.flow_step_id, "class": step_class, "reason": reason}
        body = left[0].get("data", {}).get("body") if left and reason == "step_exception" else None
        if body:
            context["error_message"] = body
        relay.fire("datamachine_fail_job", run.job_id, "step_execution_failure", context)
        return _outcome("failed", False)

    def _fail(self, run: StepRun, code: str, context: Document) -> Document:
        relay.fire("datamachine_fail_job", run.job_id, code, {"flow_step_id": run.flow_step_id, **context})
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
        return {
            "job_id": run.job_id,
            "pipeline_id": run.pipeline_id,
            "flow_id": run.flow_id,
            "flow_step_id": run.flow_step_id,
        }

    def failed_from_outside(self, job_id: int, flow_step_id: str, error: BaseException) -> Document:
        """End a job whose step was stopped by something that is not the step's own."""
        message = error.message if isinstance(error, SidecarError) else f"{type(error).__name__}: {error}"
        relay.fire(
            "datamachine_fail_job",
            job_id,
            "step_execution_failure",
            {
                "flow_step_id": flow_step_id,
                "reason": "throwable_exception_in_step_execution",
                "exception_message": message,
                "exception_trace": "".join(traceback.format_exception(error))[-2000:],
            },
        )
        return {"success": False, "error": message}


def _outcome(outcome: str, success: bool) -> Document:
    return {"success": True, "step_success": success, "outcome": outcome}
