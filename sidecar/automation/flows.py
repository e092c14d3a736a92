"""Flows, for every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import abilities, flow_steps, registry, wordpress
from sidecar.automation.errors import FlowNotFound, PipelineNotFound
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, Job, StepConfig
from sidecar.clock import Clock
from sidecar.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from sidecar.host import HostPool


class FlowSummary(msgspec.Struct, frozen=True):
    """A flow and how its last run went."""

    flow: Flow
    latest: Job | None

    @property
    def last_run(self) -> str | None:
        """When the latest job was created, UTC."""
        return self.latest.created_at if self.latest else None

    @property
    def last_run_status(self) -> str | None:
        return self.latest.status if self.latest else None

    @property
    def is_running(self) -> bool:
        return self.latest is not None and self.latest.completed_at is None


class Started(msgspec.Struct, frozen=True):
    """A run that has begun."""

    flow_id: int
    job_id: int
    first_step: str


class FlowsService:
    """Lists, shows, creates and runs flows."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        jobs: JobsRepository,
        engine: abilities.Abilities,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._pipelines = pipelines
        self._jobs = jobs
        self._engine = engine
        self._units = units
        self._clock = clock

    def find(
        self,
        *,
        flow_id: int | None = None,
        pipeline_id: int | None = None,
        user_id: int | None = None,
        agent_id: int | None = None,
        handler_slug: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[FlowSummary], int]:
        """A page of flows with their latest jobs, and how many there are in all."""
        found, total = self._flows.find(
            flow_id=flow_id,
            pipeline_id=pipeline_id,
            user_id=user_id,
            agent_id=agent_id,
            handler_slug=handler_slug,
            limit=limit,
            offset=offset,
        )
        latest = self._jobs.latest_of_flows([one.flow_id for one in found])
        return [FlowSummary(one, latest.get(one.flow_id)) for one in found], total

    list = find

    def get(self, flow_id: int) -> FlowSummary:
        """One flow; FlowNotFound."""
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        return FlowSummary(flow, self._jobs.latest_of_flows([flow_id]).get(flow_id))

    def create(
        self,
        pipeline_id: int,
        name: str = "Flow",
        *,
        step_configs: Mapping[str, StepConfig] | None = None,
        scheduling: Mapping[str, Any] | None = None,
        user_id: int = 0,
        agent_id: int | None = None,
    ) -> Flow:
        """A new flow with one step for each step of its pipeline.

        ``step_configs`` configures steps by step type or by pipeline step id. Only manual flows can be made
        yet. Raises PipelineNotFound and InvalidInput.
        """
        pipeline = self._pipelines.get(pipeline_id)
        if pipeline is None:
            raise PipelineNotFound("Pipeline not found")
        schedule = dict(scheduling or {"interval": "manual"})
        if schedule.get("interval") != "manual":
            raise InvalidInput(
                f"Invalid interval '{schedule.get('interval')}'. Valid options: manual",
                code="invalid_interval",
            )
        configs = flow_steps.by_step(pipeline, step_configs or {})
        # Configured once for no flow at all: what is wrong with it shows before anything is written.
        with wordpress.process(self._units), registry.reading():
            flow_steps.assemble(pipeline, 0, configs, self._clock)
            flow_id = self._flows.create(pipeline_id, name, schedule, user_id=user_id, agent_id=agent_id)
            self._flows.store_config(flow_id, flow_steps.assemble(pipeline, flow_id, configs, self._clock))
        return self.get(flow_id).flow

    def run(self, flow_id: int, *, initial_data: Mapping[str, Any] | None = None) -> Started:
        """Begin a run through the ability ``datamachine/run-flow``; raises FlowNotFound or Conflict.

        Outside WordPress a unit is opened for it, so that every listener hears what happens.
        """
        arguments: Document = {"flow_id": flow_id, "job_id": None}
        if initial_data:
            arguments["initial_data"] = dict(initial_data)
        with wordpress.process(self._units):
            result = self._engine.run(abilities.RUN_FLOW, arguments)
        if not isinstance(result, Mapping) or not result.get("success"):
            message = (
                str(result.get("error")) if isinstance(result, Mapping) else "The flow could not be started."
            )
            if message == f"Flow {flow_id} not found.":
                raise FlowNotFound(message)
            raise Conflict(message, code="execution_failed")
        return Started(flow_id, int(result["job_id"]), str(result["first_step"]))
