"""Starting a flow: the ability ``datamachine/run-flow``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import log
from sidecar.automation.engine import plan, relay, reserved
from sidecar.automation.errors import InvalidPlan
from sidecar.automation.jobs.creation import JobCreation
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, NewJob, Pipeline
from sidecar.identity import AgentsRepository


class FlowRuns:
    """Creates a job from a flow and rings for its first step."""

    def __init__(
        self,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        jobs: JobsRepository,
        creation: JobCreation,
        agents: AgentsRepository,
    ) -> None:
        self._flows = flows
        self._pipelines = pipelines
        self._jobs = jobs
        self._creation = creation
        self._agents = agents

    def run(
        self,
        flow_id: int,
        job_id: int | None = None,
        initial_data: Mapping[str, Any] | None = None,
        *,
        limit: frozenset[str] | None = None,
    ) -> Document:
        """``{success, flow_id, job_id, first_step}`` or ``{success: false, error[, error_code]}``.

        ``limit``: capabilities that the job's steps may use at most, where a limited token starts it.

        A flow whose agent is gone does not start: ``agent_not_found``.
        """
        flow = self._flows.get(flow_id)
        if flow is None:
            return {"success": False, "error": f"Flow {flow_id} not found."}
        if not flow.enabled:
            return {"success": False, "error": f"Flow {flow_id} is paused."}
        if flow.agent_id and self._agents.get(flow.agent_id) is None:
            return {
                "success": False,
                "error": f"Agent {flow.agent_id} no longer exists.",
                "error_code": "agent_not_found",
            }
        pipeline = self._pipelines.get(flow.pipeline_id)
        data = reserved.initial(initial_data)
        if job_id is None:
            job_id = self._creation.create(
                NewJob(
                    pipeline_id=str(flow.pipeline_id),
                    flow_id=str(flow.flow_id),
                    label=flow.flow_name,
                    user_id=flow.user_id,
                    agent_id=flow.agent_id,
                    limit=limit,
                ),
                flow=flow,
                pipeline=pipeline,
                data=data,
                start=True,
            ).job_id
        else:
            refused = self._take(job_id, flow, pipeline, data, limit)
            if refused:
                return {"success": False, "error": refused}
        try:
            first = str(plan.steps(flow.flow_config)[0]["flow_step_id"])
        except InvalidPlan as error:
            return self._refuse(job_id, error)
        relay.fire("datamachine_schedule_next_step", job_id, first, [])
        self._creation.begun(job_id)
        log.info(
            "Flow execution started successfully", {"flow_id": flow_id, "job_id": job_id, "first_step": first}
        )
        return {"success": True, "flow_id": flow_id, "job_id": job_id, "first_step": first}

    def _take(
        self,
        job_id: int,
        flow: Flow,
        pipeline: Pipeline | None,
        data: Document,
        limit: frozenset[str] | None,
    ) -> str:
        """Give a job that was made before the flow's snapshot; why not, or ''.

        It keeps what it carries already, below ``data``. One that has begun is not begun again.
        """
        job = self._jobs.get(job_id)
        if job is None:
            return f"Job {job_id} not found."
        if job.flow_id not in (None, str(flow.flow_id)):
            return f"Job {job_id} is not a job of flow {flow.flow_id}."
        if limit is not None:
            self._jobs.limit(job_id, limit)
        if not self._creation.equip(job, flow=flow, pipeline=pipeline, data=data, start=True):
            return f"Job {job_id} has begun already."
        return ""

    def _refuse(self, job_id: int, error: InvalidPlan) -> Document:
        """A job that can never run ends at once; Data Machine 0.102.8 leaves it ``processing`` for ever."""
        relay.fire(
            "datamachine_fail_job", job_id, error.code, {"reason": error.code, "error_message": error.message}
        )
        return {"success": False, "error": error.message, "job_id": job_id}
