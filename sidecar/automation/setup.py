"""A whole flow in one call: pipeline, steps and their configuration."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sidecar.automation.flows.service import FlowsService
from sidecar.automation.pipelines.service import PipelinesService
from sidecar.automation.values import Flow, NewPipelineStep, StepConfig
from sidecar.identity import Principal


class Part(msgspec.Struct, frozen=True):
    """One step of a pipeline, and its configuration in the flow."""

    step: NewPipelineStep
    config: StepConfig | None = None


def create(
    pipelines: PipelinesService,
    flows: FlowsService,
    principal: Principal,
    name: str,
    parts: Sequence[Part],
    *,
    flow_name: str = "",
    agent_id: int | None = None,
) -> Flow:
    """Create a pipeline of these parts and one manual flow of it."""
    pipeline = pipelines.create(principal, name, [part.step for part in parts], agent_id=agent_id)
    configs = {
        str(step["pipeline_step_id"]): part.config
        for step, part in zip(pipeline.steps(), parts, strict=True)
        if part.config is not None
    }
    return flows.create(principal, pipeline.pipeline_id, flow_name or name, step_configs=configs)
