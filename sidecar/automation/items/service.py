"""Processed items, for every door: what a flow has taken in, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import msgspec

from sidecar.automation import log
from sidecar.automation.access import ADMIN, FLOWS, VIEWER, Access
from sidecar.automation.errors import FlowNotFound, PipelineNotFound
from sidecar.automation.identifiers import FlowStepId, split_flow_step_id, split_pipeline_step_id
from sidecar.automation.items.rows import Criteria, ItemRows, Tally, Told
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import Flow
from sidecar.clock import Clock
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity import Permissions, Principal

#: Candidates of one question.
MOST = 10_000
#: Rows that one statement deletes; more would hold locks for long.
CHUNK = 2_000


class Audited(msgspec.Struct, frozen=True):
    """What one step of a flow took in of one source; names are empty for a flow that is gone."""

    flow_id: int
    flow_name: str
    pipeline_id: int
    tally: Tally


class ProcessedItemsService:
    """Viewers of a flow's agent look, admins forget; a refusal is ``rest_forbidden``.

    What belongs to a flow that is gone is the site's administrators'.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        items: ProcessedItemsRepository,
        rows: ItemRows,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        permissions: Permissions,
        access: Access,
        clock: Clock,
    ) -> None:
        self._items = items
        self._rows = rows
        self._flows = flows
        self._pipelines = pipelines
        self._permissions = permissions
        self._access = access
        self._clock = clock

    def processed(self, principal: Principal, flow_step_id: str, source_type: str, item: str) -> bool:
        """Whether a step has taken in an item; a claim is not that yet."""
        self._look(principal, flow_step_id)
        found = self._items.state(flow_step_id, source_type, [_named(item)])
        return any(each.processed for each in found.values())

    def history(self, principal: Principal, flow_step_id: str) -> bool:
        """Whether a step has ever taken in anything."""
        self._look(principal, flow_step_id)
        return self._rows.any_of(flow_step_id)

    def processed_at(
        self, principal: Principal, flow_step_id: str, source_type: str, item: str
    ) -> int | None:
        """When a step took in an item, as a Unix time; None when it never did."""
        self._look(principal, flow_step_id)
        # The column does not tell upper from lower case: what it finds is this item.
        return max(self._rows.times(flow_step_id, source_type, [_named(item)]).values(), default=None)

    def stale(  # noqa: PLR0917  the door's words
        self,
        principal: Principal,
        flow_step_id: str,
        source_type: str,
        candidates: Sequence[str],
        days: int,
        limit: int = 100,
    ) -> list[str]:
        """Candidates that were taken in longer ago than ``days``, oldest first; InvalidInput."""
        if days < 1:
            raise InvalidInput("max_age_days must be at least 1.", code="invalid_max_age")
        self._look(principal, flow_step_id)
        before = int((self._clock.now() - timedelta(days=min(days, 36_500))).timestamp())
        times = self._rows.times(flow_step_id, source_type, _candidates(candidates))
        old = sorted((at, item) for item, at in times.items() if at < before)
        return [item for _at, item in old[: max(1, limit)]]

    def never(
        self,
        principal: Principal,
        flow_step_id: str,
        source_type: str,
        candidates: Sequence[str],
        limit: int = 100,
    ) -> list[str]:
        """Candidates that were never taken in, in their order; InvalidInput."""
        self._look(principal, flow_step_id)
        wanted = _candidates(candidates)
        known = {item.casefold() for item in self._rows.times(flow_step_id, source_type, wanted)}
        return [item for item in wanted if item.casefold() not in known][: max(1, limit)]

    def clear(self, principal: Principal, kind: Literal["pipeline", "flow"], row_id: int) -> int:
        """Forget everything of a flow, or of every flow of a pipeline; how many items.

        Claims go too: what runs now may take an item that another run takes again. PipelineNotFound and
        FlowNotFound, unless a site administrator clears what is left of one that is gone.
        """
        criteria = Criteria(pipeline_id=row_id) if kind == "pipeline" else Criteria(flow_id=row_id)
        return self.clear_where(principal, criteria)

    def matching(self, principal: Principal, criteria: Criteria) -> int:
        """How many items :meth:`clear_where` would forget."""
        return self._rows.count(self._allowed(principal, criteria))

    def clear_where(self, principal: Principal, criteria: Criteria, told: Told | None = None) -> int:
        """Forget what meets all criteria. Without a pipeline or flow only for the site's administrators."""
        allowed = self._allowed(principal, criteria)
        count = self._rows.delete(allowed, CHUNK, told)
        log.info("Processed items cleared", {**criteria.named(), "deleted_count": count})
        return count

    def orphans(self, principal: Principal, flow_id: int | None = None) -> int:
        """How many items name a job that is gone: of one flow, or of all for administrators."""
        return self._rows.count_orphans(self._allowed(principal, Criteria(flow_id=flow_id)))

    def clear_orphans(
        self, principal: Principal, flow_id: int | None = None, told: Told | None = None
    ) -> int:
        """Forget them; how many."""
        allowed = self._allowed(principal, Criteria(flow_id=flow_id))
        count = self._rows.delete_orphans(allowed, CHUNK, told)
        log.info("Orphaned processed items cleared", {"flow_id": flow_id, "deleted_count": count})
        return count

    def audit(
        self,
        principal: Principal,
        *,
        source_type: str | None = None,
        pipeline_id: int | None = None,
        least: int = 0,
    ) -> list[Audited]:
        """How much each step took in, most first: of the flows that the principal sees.

        Administrators also see what is left of flows that are gone.
        """
        self._access.enter(principal, FLOWS)
        tallies = [
            (tally, place)
            for tally in self._rows.tallies(Criteria(source_type=source_type, pipeline_id=pipeline_id))
            if tally.count >= least and (place := split_flow_step_id(tally.flow_step_id)) is not None
        ]
        flows = self._flows_of({place.flow_id for _tally, place in tallies})
        scope = self._access.scope(principal, None, FLOWS)
        everything = self._permissions.administers(principal)
        found: list[Audited] = []
        for tally, place in tallies:
            flow = flows.get(place.flow_id)
            if everything if flow is None else scope.includes(flow.agent_id, flow.user_id):
                name = "" if flow is None else flow.flow_name
                found.append(Audited(place.flow_id, name, _pipeline_of(place), tally))
        return found

    def _flows_of(self, flow_ids: set[int]) -> dict[int, Flow]:
        return {flow.flow_id: flow for flow in self._rows.flows(sorted(flow_ids))}

    def _look(self, principal: Principal, flow_step_id: str) -> None:
        """A viewer of the flow the step belongs to; InvalidInput for an id that is none."""
        self._access.enter(principal, FLOWS)
        place = split_flow_step_id(flow_step_id)
        if place is None:
            raise InvalidInput("flow_step_id is not a step of a flow.", code="invalid_flow_step_id")
        flow = self._flows.get(place.flow_id)
        if flow is None:
            self._administers(principal, FlowNotFound(f"Flow {place.flow_id} not found."))
            return
        message = "You do not have permission to view this flow."
        self._access.row(principal, flow.agent_id, flow.user_id, VIEWER, message)

    def _allowed(self, principal: Principal, criteria: Criteria) -> Criteria:
        """The criteria with the flow's pipeline filled in; a refusal, or NotFound."""
        self._access.enter(principal, FLOWS)
        if criteria.flow_id is not None:
            flow = self._flows.get(criteria.flow_id)
            if flow is None:
                self._administers(principal, FlowNotFound(f"Flow {criteria.flow_id} not found."))
                return criteria
            message = "You do not have permission to clear the processed items of this flow."
            self._access.row(principal, flow.agent_id, flow.user_id, ADMIN, message)
            if criteria.pipeline_id in (None, flow.pipeline_id):
                return msgspec.structs.replace(criteria, pipeline_id=flow.pipeline_id)
            raise InvalidInput("The flow belongs to another pipeline.", code="pipeline_mismatch")
        if criteria.pipeline_id is not None:
            self._pipeline(principal, criteria.pipeline_id)
            return criteria
        if not self._permissions.administers(principal):
            raise Forbidden("Only administrators clear processed items of all flows.", code="rest_forbidden")
        return criteria

    def _pipeline(self, principal: Principal, pipeline_id: int) -> None:
        """An admin of the pipeline and of each of its flows."""
        pipeline = self._pipelines.get(pipeline_id)
        if pipeline is None:
            self._administers(principal, PipelineNotFound("Pipeline not found"))
            return
        message = "You do not have permission to clear the processed items of this pipeline."
        self._access.row(principal, pipeline.agent_id, pipeline.user_id, ADMIN, message)
        for flow in self._flows.of_pipelines([pipeline_id]):
            self._access.row(principal, flow.agent_id, flow.user_id, ADMIN, message)

    def _administers(self, principal: Principal, missing: Exception) -> None:
        if not self._permissions.administers(principal):
            raise missing


def _pipeline_of(place: FlowStepId) -> int:
    found = split_pipeline_step_id(place.pipeline_step_id)
    return 0 if found is None else found.pipeline_id


def _named(item: str) -> str:
    if not item:
        raise InvalidInput("item_identifier is required.", code="item_required")
    return item


def _candidates(given: Sequence[Any]) -> list[str]:
    wanted = list(dict.fromkeys(str(each) for each in given if str(each) != ""))
    if len(wanted) > MOST:
        raise InvalidInput(f"More than {MOST} candidates.", code="too_many_candidates")
    return wanted
