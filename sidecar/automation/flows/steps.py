"""How a pipeline's step becomes a flow's, and how it is configured."""

from __future__ import annotations

from collections.abc import Mapping

from sidecar.automation import identifiers, registry
from sidecar.automation.flows.step_config import FETCHING
from sidecar.automation.queues.prompt_queues import PATCHES, PROMPTS
from sidecar.automation.values import Document, Pipeline, StepConfig
from sidecar.clock import Clock
from sidecar.errors import InvalidInput


def assemble(pipeline: Pipeline, flow_id: int, configs: Mapping[str, StepConfig], clock: Clock) -> Document:
    """The configuration of a flow: one step for each step of its pipeline, by flow step id."""
    built: Document = {}
    for step in pipeline.steps():
        entry = build(step, pipeline.pipeline_id, flow_id)
        wanted = configs.get(str(step["pipeline_step_id"]))
        if wanted is not None:
            configure(entry, wanted, clock)
        built[str(entry["flow_step_id"])] = entry
    return built


def build(step: Document, pipeline_id: int, flow_id: int) -> Document:
    """A flow step without handler."""
    pipeline_step_id = str(step["pipeline_step_id"])
    kind = str(step["step_type"])
    return {
        "flow_step_id": identifiers.flow_step_id(pipeline_step_id, flow_id),
        "step_type": kind,
        "pipeline_step_id": pipeline_step_id,
        "pipeline_id": pipeline_id,
        "flow_id": flow_id,
        "execution_order": int(step.get("execution_order", 0)),
        "disabled_tools": step.get("disabled_tools") or [],
        "queue_mode": "static",
        PATCHES if kind in FETCHING else PROMPTS: [],
    }


def configure(entry: Document, wanted: StepConfig, clock: Clock) -> None:
    """Apply a step's configuration in place: a handler with its settings, or a standing prompt."""
    if wanted.user_message:
        added = clock.now().strftime("%Y-%m-%dT%H:%M:%S+00:00")
        entry[PROMPTS] = [{"prompt": wanted.user_message, "added_at": added}]
        entry["queue_mode"] = "static"
    kind = registry.known_step_types().get(str(entry["step_type"]), {})
    if not wanted.handler_slug:
        if wanted.handler_config:
            entry["handler_config"] = dict(wanted.handler_config)
            entry["enabled"] = True
        return
    if not kind.get("uses_handler"):
        raise InvalidInput(f'A step of type "{entry["step_type"]}" takes no handler.', code="invalid_handler")
    if wanted.handler_slug not in registry.handlers(str(entry["step_type"])):
        raise InvalidInput(
            f'There is no {entry["step_type"]} handler "{wanted.handler_slug}".', code="handler_not_found"
        )
    if kind.get("multi_handler"):
        entry["handler_slugs"] = [wanted.handler_slug]
        entry["handler_configs"] = {wanted.handler_slug: dict(wanted.handler_config)}
    else:
        entry["handler_slug"] = wanted.handler_slug
        entry["handler_config"] = dict(wanted.handler_config)
    entry["enabled"] = True


def by_step(pipeline: Pipeline, configs: Mapping[str, StepConfig]) -> dict[str, StepConfig]:
    """Configurations by pipeline step id; keys may be step ids or step types. Unknown keys are an error."""
    found: dict[str, StepConfig] = {}
    for key, config in configs.items():
        ids = [
            str(step["pipeline_step_id"])
            for step in pipeline.steps()
            if key in (step["pipeline_step_id"], step["step_type"])
        ]
        if not ids:
            raise InvalidInput(f'The pipeline has no step "{key}".', code="unknown_step")
        found.update(dict.fromkeys(ids, config))
    return found
