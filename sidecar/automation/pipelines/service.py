"""Pipelines, for every door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import identifiers, registry, wordpress
from sidecar.automation.access import ADMIN, PIPELINES, VIEWER, Access
from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.pipelines import names
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, NewPipelineStep, Pipeline
from sidecar.clock import Clock, mysql
from sidecar.errors import InvalidInput
from sidecar.identity import Principal, Scope

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: ``list`` is a method below.
Flows = list[Flow]


class PipelineDetail(msgspec.Struct, frozen=True):
    """A pipeline and those of its flows that the one who asks may see."""

    pipeline: Pipeline
    flows: Sequence[Flow]


class PipelinesService:
    """Lists, shows, creates and renames, for whoever passes ``manage_flows`` and has the role.

    Refusals are Unauthorized or Forbidden ``rest_forbidden``.
    """

    def __init__(
        self,
        pipelines: PipelinesRepository,
        flows: FlowsRepository,
        access: Access,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._pipelines = pipelines
        self._flows = flows
        self._access = access
        self._units = units
        self._clock = clock

    def find(
        self,
        principal: Principal,
        *,
        search: str | None = None,
        user_id: int | None = None,
        agent_id: int | None = None,
        limit: int = 20,
        offset: int = 0,
        with_flows: bool = True,
    ) -> tuple[list[PipelineDetail], int]:
        """A page of pipelines with their flows, last changed first, and how many there are in all.

        ``agent_id`` is the agent the caller names, which beats ``user_id``; without it those that the
        principal may see.
        """
        self._access.enter(principal, PIPELINES)
        scope = self._access.scope(principal, agent_id, PIPELINES)
        found, total = self._pipelines.find(
            search=search,
            user_id=user_id if agent_id is None else None,
            scope=scope,
            limit=limit,
            offset=offset,
        )
        flows: dict[int, list[Flow]] = {}
        if with_flows:
            for flow in self._visible(principal, [one.pipeline_id for one in found], scope):
                flows.setdefault(flow.pipeline_id, []).append(flow)
        return [PipelineDetail(one, flows.get(one.pipeline_id, [])) for one in found], total

    list = find

    def get(self, principal: Principal, pipeline_id: int) -> PipelineDetail:
        """One pipeline, for a viewer; PipelineNotFound."""
        found = self.permitted(principal, pipeline_id, VIEWER, "view")
        own = Scope(agent_ids=(found.agent_id,) if found.agent_id else ())
        return PipelineDetail(found, self._visible(principal, [pipeline_id], own))

    def create(
        self,
        principal: Principal,
        name: str,
        steps: Sequence[NewPipelineStep] = (),
        *,
        agent_id: int | None = None,
    ) -> Pipeline:
        """A new pipeline of the named agent, for its admins, else of the agent that acts, else of nobody's.

        Its step ids and its portable slug are made here. Raises InvalidInput for a name that cannot be and
        for a step type nobody registered.
        """
        self._access.enter(principal, PIPELINES)
        owner = self._access.agent_of_new(principal, agent_id)
        cleaned = names.clean(name)
        types = self._types(steps)

        def config(pipeline_id: int) -> Document:
            built: Document = {}
            for order, step in enumerate(steps):
                step_id = identifiers.new_pipeline_step_id(pipeline_id)
                label = str(types[step.step_type].get("label") or step.step_type)
                built[step_id] = _step(step_id, order, step, label)
            return built

        pipeline_id = self._pipelines.create(
            cleaned, user_id=principal.user_id, agent_id=owner, now=mysql(self._clock.now()), config=config
        )
        return self._of(pipeline_id)

    def check(
        self,
        principal: Principal,
        name: str,
        steps: Sequence[NewPipelineStep],
        *,
        agent_id: int | None = None,
    ) -> None:
        """Whether :meth:`create` would take this; raises what it would raise, and writes nothing."""
        self._access.enter(principal, PIPELINES)
        self._access.agent_of_new(principal, agent_id)
        names.clean(name)
        self._types(steps)

    def rename(self, principal: Principal, pipeline_id: int, name: str) -> Pipeline:
        """Give it another name, for an admin; the portable slug stays. PipelineNotFound, InvalidInput."""
        self.permitted(principal, pipeline_id, ADMIN, "edit")
        self._pipelines.rename(pipeline_id, names.clean(name))
        return self._of(pipeline_id)

    def with_flows(self, principal: Principal, pipelines: Sequence[Pipeline]) -> Iterable[PipelineDetail]:
        """Pipelines that the principal was found to see, with those of their flows that it may see."""
        agents = tuple({each.agent_id for each in pipelines if each.agent_id})
        flows: dict[int, Flows] = {}
        ids = [each.pipeline_id for each in pipelines]
        for flow in self._visible(principal, ids, Scope(agent_ids=agents)):
            flows.setdefault(flow.pipeline_id, []).append(flow)
        return [PipelineDetail(each, flows.get(each.pipeline_id, [])) for each in pipelines]

    def permitted(self, principal: Principal, pipeline_id: int, role: str, verb: str) -> Pipeline:
        """A pipeline on whose agent the principal has the role; PipelineNotFound."""
        self._access.enter(principal, PIPELINES)
        found = self._of(pipeline_id)
        message = f"You do not have permission to {verb} this pipeline."
        self._access.row(principal, found.agent_id, found.user_id, role, message)
        return found

    def _types(self, steps: Sequence[NewPipelineStep]) -> Mapping[str, Mapping[str, Any]]:
        """The registered step types, where any are needed; InvalidInput for a step of another type."""
        if not steps:
            return {}
        with wordpress.process(self._units):
            types = registry.step_types()
        for at, step in enumerate(steps):
            if step.step_type not in types:
                raise InvalidInput(
                    f"Step {at} has invalid type: {step.step_type}. Valid types: {', '.join(types)}",
                    code="invalid_step_type",
                )
        return types

    def _visible(self, principal: Principal, pipeline_ids: Sequence[int], scope: Scope) -> Sequence[Flow]:
        """The flows of pipelines that are in ``scope`` or in everything the principal sees."""
        flows = self._flows.of_pipelines(pipeline_ids)
        if scope.everything or all(scope.includes(flow.agent_id, flow.user_id) for flow in flows):
            return flows
        seen = self._access.scope(principal, None, PIPELINES)
        return [
            flow
            for flow in flows
            if scope.includes(flow.agent_id, flow.user_id) or seen.includes(flow.agent_id, flow.user_id)
        ]

    def _of(self, pipeline_id: int) -> Pipeline:
        found = self._pipelines.get(pipeline_id)
        if found is None:
            raise PipelineNotFound("Pipeline not found")
        return found


def _step(step_id: str, order: int, step: NewPipelineStep, default_label: str) -> Document:
    entry: Document = {
        "pipeline_step_id": step_id,
        "step_type": step.step_type,
        "execution_order": order,
        "label": step.label or default_label,
    }
    if step.system_prompt:
        entry["system_prompt"] = step.system_prompt
    if step.disabled_tools:
        entry["disabled_tools"] = list(step.disabled_tools)
    if step.tool_categories:
        entry["tool_categories"] = list(step.tool_categories)
    return entry
