"""A cycle: every flow that is due is started, by whoever asks, and those that run in each cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sidecar.automation import wordpress
from sidecar.automation.access import FLOWS, OPERATOR, Access
from sidecar.automation.flows import doorbells, intervals
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.flows.service import FlowsService
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Flow
from sidecar.clock import Clock
from sidecar.db import Database
from sidecar.errors import SidecarError
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: ``cycle_policy`` of manual flows that every cycle starts.
EVERY = "every_cycle"


class Selected(msgspec.Struct, frozen=True):
    """A flow of a cycle; ``job_id`` once it was started, ``error`` when it could not be."""

    flow_id: int
    flow_name: str
    #: ``due`` by its schedule, or ``every_cycle``.
    reason: str
    job_id: int | None = None
    error: str = ""


class Cycle:
    """For operators; of a site's flows those are started whose agents the principal operates."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        flows: FlowsRepository,
        service: FlowsService,
        schedules: FlowSchedules,
        access: Access,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._db = db
        self._flows = flows
        self._service = service
        self._schedules = schedules
        self._access = access
        self._units = units
        self._clock = clock

    def select(self, principal: Principal) -> list[Selected]:
        """The flows that a cycle would start now, by their ids."""
        self._access.enter(principal, FLOWS)
        now = self._clock.now()
        with self._db.session() as session:
            due = set(doorbells.due(session, now))
        found = []
        for flow in self._flows.scheduled(sorted(due), f'%"cycle_policy":"{EVERY}"%'):
            reason = _reason(flow, due)
            if reason and flow.enabled and self._operates(principal, flow):
                found.append(Selected(flow.flow_id, flow.flow_name, reason))
        return found

    def start(self, principal: Principal, name: str = "") -> list[Selected]:
        """Start them. The doorbell of a due flow is moved on first: nobody else starts the same run.

        ``name`` of the cycle goes into the jobs' engine data as ``cycle``.
        """
        done: list[Selected] = []
        data = {"cycle": name} if name else None
        with wordpress.process(self._units):
            for one in self.select(principal):
                if one.reason == "due" and not self._schedules.take(one.flow_id):
                    continue
                try:
                    job_id = self._service.run(principal, one.flow_id, initial_data=data).job_id
                except SidecarError as error:
                    if error.status >= 500:
                        raise
                    done.append(msgspec.structs.replace(one, error=error.message))
                else:
                    done.append(msgspec.structs.replace(one, job_id=job_id))
        return done

    def _operates(self, principal: Principal, flow: Flow) -> bool:
        try:
            self._access.row(principal, flow.agent_id, flow.user_id, OPERATOR, FLOWS)
        except SidecarError as error:
            if error.status >= 500:
                raise
            return False
        return True


def _reason(flow: Flow, due: set[int]) -> str:
    if flow.flow_id in due:
        return "due"
    manual = flow.scheduling_config.get("interval", intervals.MANUAL) == intervals.MANUAL
    return EVERY if manual and flow.scheduling_config.get("cycle_policy") == EVERY else ""
