"""Pipelines for tests of their doors: all of them have a word in their name, and are gone afterwards."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Registry
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import NewPipelineStep, StepConfig
from sidecar.identity import Principal
from sidecar.runtime import Runtime
from tests.integration.doors.agents import Doors

OPERATOR = Principal.command_line()
#: Of every pipeline made here.
WORD = "Kiln"


def sweep(doors: Doors) -> None:
    """Remove what is left of them."""
    for each in doors.runtime.get(PipelinesService).find(OPERATOR, search=WORD, limit=100)[0]:
        doors.runtime.get(PipelineDeletion).delete(OPERATOR, each.pipeline.pipeline_id)


def make(doors: Doors, agent_id: int | None, name: str = WORD, *kinds: str) -> tuple[int, list[str]]:
    """A pipeline and its step ids."""
    steps = [NewPipelineStep(kind) for kind in kinds]
    made = doors.runtime.get(PipelinesService).create(OPERATOR, name, steps, agent_id=agent_id)
    return made.pipeline_id, [str(step["pipeline_step_id"]) for step in made.steps()]


def make_flow(doors: Doors, pipeline_id: int, name: str = "Daily", **configs: StepConfig) -> int:
    return doors.runtime.get(FlowsService).create(OPERATOR, pipeline_id, name, step_configs=configs).flow_id


def plant(doors: Doors, flow_id: int, **settings: Any) -> None:
    """Settings that the handler of a flow's first step has from an older version."""

    def work(config: dict[str, Any]) -> dict[str, Any]:
        first = next(iter(config.values()))
        first["handler_config"] |= settings
        return config

    FlowsRepository(doors.runtime.db).change(flow_id, work)


def flow_config(runtime: Runtime, flow_id: int) -> dict[str, Any]:
    found = FlowsRepository(runtime.db).get(flow_id)
    assert found is not None
    return found.flow_config


def orders(config: dict[str, Any]) -> list[tuple[str, int]]:
    """Type and place of each step, in the order of the map."""
    steps = [step for step in config.values() if isinstance(step, dict)]
    return [(step["step_type"], step["execution_order"]) for step in steps]


def ability(doors: Doors, who: Principal, name: str, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = doors.runtime.get(Registry).execute(who, f"datamachine/{name}", given)
    return found
