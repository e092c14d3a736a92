"""Starting a flow: the ability ``datamachine/run-flow``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import log
from sidecar.automation.engine import plan, relay
from sidecar.automation.engine.engine_data import EngineStore, decode
from sidecar.automation.errors import InvalidPlan
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, Job, NewJob, Pipeline
from sidecar.identity import AgentsRepository


class FlowRuns:
    """Creates a job from a flow and rings for its first step."""

    def __init__(
        self,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        jobs: JobsRepository,
        store: EngineStore,
        agents: AgentsRepository,
    ) -> None:
        self._flows = flows
        self._pipelines = pipelines
        self._jobs = jobs
        self._store = store
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
        job = self._job(flow, job_id, limit)
        if job is None:
            return {"success": False, "error": f"Job {job_id} not found."}
        self._jobs.start(job.job_id)
        self._store.store(job.job_id, snapshot(job, flow, pipeline, initial_data or {}))
        try:
            first = str(plan.steps(flow.flow_config)[0]["flow_step_id"])
        except InvalidPlan as error:
            return self._refuse(job.job_id, error)
        relay.fire("datamachine_schedule_next_step", job.job_id, first, [])
        log.info(
            "Flow execution started successfully",
            {"flow_id": flow_id, "job_id": job.job_id, "first_step": first},
        )
        return {"success": True, "flow_id": flow_id, "job_id": job.job_id, "first_step": first}

    def _job(self, flow: Flow, job_id: int | None, limit: frozenset[str] | None) -> Job | None:
        if job_id is None:
            job_id = self._jobs.create(
                NewJob(
                    pipeline_id=str(flow.pipeline_id),
                    flow_id=str(flow.flow_id),
                    label=flow.flow_name,
                    user_id=flow.user_id,
                    agent_id=flow.agent_id,
                    limit=limit,
                )
            )
            log.debug(
                "Job created",
                {"job_id": job_id, "flow_id": flow.flow_id, "pipeline_id": flow.pipeline_id},
            )
            limit = None
        job = self._jobs.get(job_id)
        if job is None or statuses.is_final(job.status):
            return None
        if limit is not None:
            self._jobs.limit(job_id, limit)
        return job

    def _refuse(self, job_id: int, error: InvalidPlan) -> Document:
        """A job that can never run ends at once; Data Machine 0.102.8 leaves it ``processing`` for ever."""
        relay.fire(
            "datamachine_fail_job", job_id, error.code, {"reason": error.code, "error_message": error.message}
        )
        return {"success": False, "error": error.message, "job_id": job_id}


def snapshot(job: Job, flow: Flow, pipeline: Pipeline | None, initial_data: Mapping[str, Any]) -> Document:
    """What a job carries of its flow: later changes of the flow do not reach it.

    ``initial_data`` (an ``active_workspace`` among it) and what the job already carried lie underneath.
    """
    about: Document = {
        "job_id": job.job_id,
        "flow_id": flow.flow_id,
        "pipeline_id": flow.pipeline_id,
        "user_id": job.user_id,
        "created_at": job.created_at,
    }
    if job.agent_id is not None:
        about["agent_id"] = job.agent_id
    return {
        **decode(job.engine_data),
        **initial_data,
        "job": about,
        "flow": {"name": flow.flow_name, "description": "", "scheduling": flow.scheduling_config},
        "pipeline": {"name": pipeline.pipeline_name if pipeline else "", "description": ""},
        "flow_config": flow.flow_config,
        "pipeline_config": pipeline.pipeline_config if pipeline else {},
    }
