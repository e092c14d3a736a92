"""Pausing and resuming flows: one, or all of a pipeline or agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from sidecar.automation import wordpress
from sidecar.automation.access import FLOWS, OPERATOR, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Document, Flow
from sidecar.errors import InvalidInput, NotFound, SidecarError
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Flows that are read, and changed, at a time.
BATCH = 100
_REFUSED = "You do not have permission to {} this flow."


class Scope(msgspec.Struct, frozen=True):
    """Which flows: one, else those of a pipeline, an agent, or of both."""

    flow_id: int | None = None
    pipeline_id: int | None = None
    agent_id: int | None = None


class Change(msgspec.Struct, frozen=True):
    """What became of one flow: ``paused``, ``already_paused``, ``resumed``, ``not_paused`` or ``error``."""

    flow_id: int
    status: str
    error: str = ""

    def entry(self) -> Document:
        """As the doors show it."""
        found: Document = {"flow_id": self.flow_id, "status": self.status}
        return found | ({"error": self.error} if self.error else {})


class FlowPausing:
    """For operators of the flows' agents. Refusals are Unauthorized or Forbidden ``rest_forbidden``."""

    def __init__(
        self, flows: FlowsRepository, schedules: FlowSchedules, access: Access, units: HostPool
    ) -> None:
        self._flows = flows
        self._schedules = schedules
        self._access = access
        self._units = units

    def pause(self, principal: Principal, scope: Scope) -> list[Change]:
        """Stop flows from starting.

        FlowNotFound, NotFound ``no_flows_found``, InvalidInput ``missing_scope``. Of several flows those are
        paused that the principal operates; what runs goes on to its end.
        """
        done: list[Change] = []
        with wordpress.process(self._units):
            ids = [flow.flow_id for flow in self._flows_of(principal, scope, "pause")]
            for at in range(0, len(ids), BATCH):
                changed = self._schedules.pause(*ids[at : at + BATCH])
                done += [
                    Change(flow_id, "paused" if paused else "already_paused")
                    for flow_id, paused in changed.items()
                ]
        return done

    def resume(self, principal: Principal, scope: Scope) -> list[Change]:
        """Let paused flows start again by their schedules; a schedule that is none any more is an error."""
        done: list[Change] = []
        with wordpress.process(self._units):
            flows = self._flows_of(principal, scope, "resume")
            for at in range(0, len(flows), BATCH):
                done += self._resume(flows[at : at + BATCH])
        return done

    def _resume(self, flows: Sequence[Flow]) -> list[Change]:
        """Together, or one by one when something is wrong with one."""
        try:
            changed = self._schedules.resume(*flows)
        except SidecarError as error:
            if error.status >= 500:
                raise
            if len(flows) == 1:
                return [Change(flows[0].flow_id, "error", error.message)]
            return [change for flow in flows for change in self._resume([flow])]
        return [
            Change(flow_id, "resumed" if resumed else "not_paused") for flow_id, resumed in changed.items()
        ]

    def _flows_of(self, principal: Principal, scope: Scope, what: str) -> Sequence[Flow]:
        self._access.enter(principal, FLOWS)
        if scope.flow_id:
            flow = self._flows.get(scope.flow_id)
            if flow is None:
                raise FlowNotFound(f"Flow {scope.flow_id} not found.")
            self._access.row(principal, flow.agent_id, flow.user_id, OPERATOR, _REFUSED.format(what))
            return [flow]
        if not scope.pipeline_id and not scope.agent_id:
            raise InvalidInput("Must provide pipeline_id or agent_id.", code="missing_scope")
        found = self._all(principal, scope)
        if not found:
            raise NotFound("No flows found matching the specified criteria.", code="no_flows_found")
        operated = [flow for flow in found if self._operates(principal, flow, what)]
        if not operated:
            # Seen, but none of them is the principal's to stop: the first refusal is said.
            self._access.row(principal, found[0].agent_id, found[0].user_id, OPERATOR, _REFUSED.format(what))
        return operated

    def _all(self, principal: Principal, scope: Scope) -> list[Flow]:
        seen = self._access.scope(principal, scope.agent_id, FLOWS)
        found: list[Flow] = []
        while True:
            batch, left = self._flows.find(
                pipeline_id=scope.pipeline_id or None,
                scope=seen,
                limit=BATCH,
                after=found[-1].flow_id if found else 0,
            )
            found += batch
            if len(batch) >= left:
                return found

    def _operates(self, principal: Principal, flow: Flow, what: str) -> bool:
        try:
            self._access.row(principal, flow.agent_id, flow.user_id, OPERATOR, _REFUSED.format(what))
        except SidecarError as error:
            if error.status >= 500:
                raise
            return False
        return True


def summary(done: Sequence[Change]) -> Document:
    """How many of each status."""
    counts: Document = {}
    for change in done:
        counts[change.status] = counts.get(change.status, 0) + 1
    return counts
