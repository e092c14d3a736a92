"""Flows, for every door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import registry, wordpress
from sidecar.automation.access import ADMIN, FLOWS, OPERATOR, VIEWER, Access
from sidecar.automation.engine import abilities
from sidecar.automation.errors import FlowNotFound, PipelineNotFound
from sidecar.automation.flows import steps as flow_steps
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, Job, StepConfig
from sidecar.clock import Clock
from sidecar.errors import Conflict, InvalidInput, NotFound
from sidecar.identity import Principal

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
    """Lists, shows, creates and runs flows, for whoever passes ``manage_flows`` and has the role.

    Refusals are Unauthorized or Forbidden ``rest_forbidden``.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        jobs: JobsRepository,
        engine: abilities.Abilities,
        access: Access,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._pipelines = pipelines
        self._jobs = jobs
        self._engine = engine
        self._access = access
        self._units = units
        self._clock = clock

    def find(
        self,
        principal: Principal,
        *,
        flow_id: int | None = None,
        pipeline_id: int | None = None,
        user_id: int | None = None,
        agent_id: int | None = None,
        handler_slug: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[FlowSummary], int]:
        """A page of flows with their latest jobs, and how many there are in all.

        ``agent_id`` is the agent the caller names, which beats ``user_id``; without it those that the
        principal may see.
        """
        self._access.enter(principal, FLOWS)
        found, total = self._flows.find(
            flow_id=flow_id,
            pipeline_id=pipeline_id,
            user_id=user_id if agent_id is None else None,
            scope=self._access.scope(principal, agent_id, FLOWS),
            handler_slug=handler_slug,
            limit=limit,
            offset=offset,
        )
        latest = self._jobs.latest_of_flows([one.flow_id for one in found])
        return [FlowSummary(one, latest.get(one.flow_id)) for one in found], total

    list = find

    def get(self, principal: Principal, flow_id: int) -> FlowSummary:
        """One flow, for a viewer; FlowNotFound."""
        flow = self._permitted(principal, flow_id, VIEWER, "You do not have permission to view this flow.")
        return FlowSummary(flow, self._jobs.latest_of_flows([flow_id]).get(flow_id))

    def create(
        self,
        principal: Principal,
        pipeline_id: int,
        name: str = "Flow",
        *,
        step_configs: Mapping[str, StepConfig] | None = None,
        scheduling: Mapping[str, Any] | None = None,
        agent_id: int | None = None,
    ) -> Flow:
        """A new flow with one step for each step of its pipeline, for an admin of the pipeline's agent.

        It belongs to that agent, unless ``agent_id`` names another one on which the principal is admin.

        ``step_configs`` configures steps by step type or by pipeline step id. Only manual flows can be made
        yet. Raises PipelineNotFound and InvalidInput.
        """
        self._access.enter(principal, FLOWS)
        pipeline = self._pipelines.get(pipeline_id)
        if pipeline is None:
            raise PipelineNotFound("Pipeline not found")
        self._access.row(
            principal,
            pipeline.agent_id,
            pipeline.user_id,
            ADMIN,
            "You do not have permission to create flows in this pipeline.",
        )
        owner = self._access.agent_of_new(principal, agent_id, pipeline.agent_id)
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
            flow_id = self._flows.create(
                pipeline_id, name, schedule, user_id=principal.user_id, agent_id=owner
            )
            self._flows.store_config(flow_id, flow_steps.assemble(pipeline, flow_id, configs, self._clock))
        return self._of(flow_id)

    def run(
        self, principal: Principal, flow_id: int, *, initial_data: Mapping[str, Any] | None = None
    ) -> Started:
        """Begin a run through the ability ``datamachine/run-flow``, for an operator.

        Raises FlowNotFound, Conflict, or NotFound ``agent_not_found`` when its agent is gone.

        Outside WordPress a unit is opened for it, so that every listener hears what happens.
        """
        self._permitted(principal, flow_id, OPERATOR, "You do not have permission to run this flow.")
        arguments: Document = {"flow_id": flow_id, "job_id": None}
        if initial_data:
            arguments["initial_data"] = dict(initial_data)
        with wordpress.process(self._units):
            result = self._engine.run(principal, abilities.RUN_FLOW, arguments)
        if not isinstance(result, Mapping) or not result.get("success"):
            message = (
                str(result.get("error")) if isinstance(result, Mapping) else "The flow could not be started."
            )
            if message == f"Flow {flow_id} not found.":
                raise FlowNotFound(message)
            if isinstance(result, Mapping) and result.get("error_code") == "agent_not_found":
                raise NotFound(message, code="agent_not_found")
            raise Conflict(message, code="execution_failed")
        return Started(flow_id, int(result["job_id"]), str(result["first_step"]))

    def _permitted(self, principal: Principal, flow_id: int, role: str, message: str) -> Flow:
        self._access.enter(principal, FLOWS)
        flow = self._of(flow_id)
        self._access.row(principal, flow.agent_id, flow.user_id, role, message)
        return flow

    def _of(self, flow_id: int) -> Flow:
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        return flow
