"""Flows, for every door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import wordpress
from sidecar.automation.access import ADMIN, FLOWS, OPERATOR, VIEWER, Access
from sidecar.automation.engine import abilities
from sidecar.automation.errors import FlowNotFound, FlowPaused
from sidecar.automation.flows import doorbells
from sidecar.automation.flows.creation import FlowCreation, NewFlow
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.pipelines import names
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import Document, Flow, Job, StepConfig
from sidecar.clock import iso
from sidecar.db import Database
from sidecar.errors import Conflict, InvalidInput, NotFound
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool


class FlowSummary(msgspec.Struct, frozen=True):
    """A flow, how its last run went, and when the next one is due (UTC text)."""

    flow: Flow
    latest: Job | None
    next_run: str | None = None

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


class Later(msgspec.Struct, frozen=True):
    """A run that will begin."""

    flow_id: int
    action_id: int
    at: datetime

    @property
    def scheduled_time(self) -> str:
        """ISO 8601, UTC."""
        return iso(self.at)


class FlowsService:
    """Lists, shows, changes, schedules and runs flows, for whoever passes ``manage_flows`` and has the role.

    Refusals are Unauthorized or Forbidden ``rest_forbidden``.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        flows: FlowsRepository,
        jobs: JobsRepository,
        schedules: FlowSchedules,
        creation: FlowCreation,
        engine: abilities.Abilities,
        access: Access,
        units: HostPool,
    ) -> None:
        self._db = db
        self._flows = flows
        self._jobs = jobs
        self._schedules = schedules
        self._creation = creation
        self._engine = engine
        self._access = access
        self._units = units

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
    ) -> tuple[Sequence[FlowSummary], int]:
        """A page of flows with their last and next runs, and how many there are in all.

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
        return self._summaries(found), total

    list = find

    def get(self, principal: Principal, flow_id: int) -> FlowSummary:
        """One flow, for a viewer; FlowNotFound."""
        flow = self.permitted(principal, flow_id, VIEWER, "You do not have permission to view this flow.")
        return self._summaries([flow])[0]

    def create(
        self,
        principal: Principal,
        pipeline_id: int,
        name: str = "Flow",
        *,
        step_configs: Mapping[str, StepConfig] | None = None,
        scheduling: Any = None,
        agent_id: int | None = None,
    ) -> Flow:
        """A new flow with one step for each step of its pipeline; see :meth:`.FlowCreation.create`."""
        new = NewFlow(pipeline_id, name, dict(step_configs or {}), scheduling, agent_id)
        return self._creation.create(principal, new)

    def update(
        self, principal: Principal, flow_id: int, *, name: str | None = None, scheduling: Any = None
    ) -> FlowSummary:
        """Change the name, the schedule or both, for an admin; what is None stays.

        Both are checked before either is written. FlowNotFound, and InvalidInput when nothing is named or
        with the codes of :meth:`.FlowSchedules.set`.
        """
        flow = self.permitted(principal, flow_id, ADMIN, "You do not have permission to edit this flow.")
        if name is None and scheduling is None:
            raise InvalidInput(
                "Must provide flow_name or scheduling_config to update", code="nothing_to_change"
            )
        clean = None if name is None else names.clean(name, "Flow name")
        with wordpress.process(self._units):
            found = None if scheduling is None else self._schedules.read(scheduling, flow.scheduling_config)
            if clean is not None:
                self._flows.rename(flow_id, clean)
            if found is not None:
                self._schedules.set(flow, found)
        return self._summaries([self._of(flow_id)])[0]

    def schedule(self, principal: Principal, flow_id: int, interval_or_timestamp: Any) -> Document:
        """Give a flow the schedule that one word says, for an admin; the new ``scheduling_config``.

        An interval, a cron expression, ``manual``, or a Unix time for one run and then none.
        """
        text = str(interval_or_timestamp).strip()
        given: Any = {"interval": text}
        if text.isdecimal():
            given = {"interval": "one_time", "timestamp": text}
        return self.update(principal, flow_id, scheduling=given).flow.scheduling_config

    def run(
        self, principal: Principal, flow_id: int, *, initial_data: Mapping[str, Any] | None = None
    ) -> Started:
        """Begin a run through the ability ``datamachine/run-flow``, for an operator.

        Raises FlowNotFound, FlowPaused, Conflict ``execution_failed``, or NotFound ``agent_not_found`` when
        its agent is gone.

        Outside WordPress a unit is opened for it, so that every listener hears what happens.
        """
        flow = self._runnable(principal, flow_id)
        arguments: Document = {"flow_id": flow.flow_id, "job_id": None}
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

    def run_at(
        self,
        principal: Principal,
        flow_id: int,
        timestamp: int,
        *,
        initial_data: Mapping[str, Any] | None = None,
    ) -> Later:
        """Begin a run once at a Unix time, for an operator; the flow's own schedule stays as it is.

        A moment that has passed is due at once. The run has no more rights than the caller's token has now.
        FlowNotFound, FlowPaused, InvalidInput ``invalid_timestamp``.
        """
        self._runnable(principal, flow_id)
        with wordpress.process(self._units):
            action = self._schedules.run_at(flow_id, timestamp, initial_data, limit=principal.ceiling)
        return Later(flow_id, action, datetime.fromtimestamp(timestamp, UTC))

    def permitted(self, principal: Principal, flow_id: int, role: str, message: str) -> Flow:
        """A flow on whose agent the principal has the role; FlowNotFound."""
        self._access.enter(principal, FLOWS)
        flow = self._of(flow_id)
        self._access.row(principal, flow.agent_id, flow.user_id, role, message)
        return flow

    def _runnable(self, principal: Principal, flow_id: int) -> Flow:
        flow = self.permitted(principal, flow_id, OPERATOR, "You do not have permission to run this flow.")
        if not flow.enabled:
            raise FlowPaused(f"Flow {flow_id} is paused.")
        return flow

    def _summaries(self, found: Sequence[Flow]) -> Sequence[FlowSummary]:
        """Two queries, however many flows."""
        ids = [flow.flow_id for flow in found]
        latest = self._jobs.latest_of_flows(ids)
        with self._db.session() as session:
            due = doorbells.next_due(session, ids)
        return [FlowSummary(each, latest.get(each.flow_id), due.get(each.flow_id)) for each in found]

    def _of(self, flow_id: int) -> Flow:
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        return flow
