"""Pipelines, for every door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from sidecar.automation import identifiers, registry, wordpress
from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, NewPipelineStep, Pipeline
from sidecar.clock import Clock, mysql
from sidecar.errors import InvalidInput

if TYPE_CHECKING:
    from sidecar.host import HostPool


class PipelineDetail(msgspec.Struct, frozen=True):
    """A pipeline and its flows."""

    pipeline: Pipeline
    flows: list[Flow]


class PipelinesService:
    """Lists, shows and creates pipelines."""

    def __init__(
        self, pipelines: PipelinesRepository, flows: FlowsRepository, units: HostPool, clock: Clock
    ) -> None:
        self._pipelines = pipelines
        self._flows = flows
        self._units = units
        self._clock = clock

    def find(
        self,
        *,
        search: str | None = None,
        user_id: int | None = None,
        agent_id: int | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[PipelineDetail], int]:
        """A page of pipelines with their flows, last changed first, and how many there are in all."""
        found, total = self._pipelines.find(
            search=search, user_id=user_id, agent_id=agent_id, limit=limit, offset=offset
        )
        flows: dict[int, list[Flow]] = {}
        for flow in self._flows.of_pipelines([one.pipeline_id for one in found]):
            flows.setdefault(flow.pipeline_id, []).append(flow)
        return [PipelineDetail(one, flows.get(one.pipeline_id, [])) for one in found], total

    list = find

    def get(self, pipeline_id: int) -> PipelineDetail:
        """One pipeline; PipelineNotFound."""
        found = self._pipelines.get(pipeline_id)
        if found is None:
            raise PipelineNotFound("Pipeline not found")
        return PipelineDetail(found, self._flows.of_pipelines([pipeline_id]))

    def create(
        self,
        name: str,
        steps: Sequence[NewPipelineStep] = (),
        *,
        user_id: int = 0,
        agent_id: int | None = None,
    ) -> Pipeline:
        """A new pipeline; its step ids are made here. Raises InvalidInput for a step type nobody
        registered.
        """
        with wordpress.process(self._units):
            types = registry.step_types()
        for at, step in enumerate(steps):
            if step.step_type not in types:
                raise InvalidInput(
                    f"Step {at} has invalid type: {step.step_type}. Valid types: {', '.join(types)}",
                    code="invalid_step_type",
                )
        pipeline_id = self._pipelines.create(
            name, user_id=user_id, agent_id=agent_id, now=mysql(self._clock.now())
        )
        config: Document = {}
        for order, step in enumerate(steps):
            step_id = identifiers.new_pipeline_step_id(pipeline_id)
            config[step_id] = _step(step_id, order, step, str(types[step.step_type].get("label", "")))
        if config:
            self._pipelines.store_config(pipeline_id, config)
        return self.get(pipeline_id).pipeline


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
    return entry
