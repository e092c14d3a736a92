"""What the steps of an ephemeral workflow become: configurations as those of a flow and its pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation import registry
from sidecar.automation.engine.engine_data import DIRECT
from sidecar.automation.flows import step_config
from sidecar.automation.jobs import retry_policy
from sidecar.automation.queues import entries
from sidecar.automation.values import Document
from sidecar.clock import Clock, iso
from sidecar.errors import InvalidInput

#: Steps of one workflow.
MOST = 100
QUEUES = (entries.PROMPTS, entries.PATCHES)


class WorkflowPlan(msgspec.Struct, frozen=True):
    """``flow_config`` and ``pipeline_config`` of a job that has no flow."""

    flow_config: Document
    pipeline_config: Document

    @property
    def first(self) -> str:
        return next(iter(self.flow_config))

    @property
    def steps(self) -> int:
        return len(self.flow_config)


def read(workflow: Any, clock: Clock) -> WorkflowPlan:
    """Read ``{steps: [{type, handler_slug?, handler_config?, user_message?, system_prompt?, label?,
    enabled_tools?, disabled_tools?, prompt_queue?, config_patch_queue?, queue_mode?, retry_policy?}]}``.

    InvalidInput ``invalid_workflow`` says what is wrong with it.
    """
    steps = workflow.get("steps") if isinstance(workflow, Mapping) else None
    if not isinstance(steps, list) or not steps:
        raise _wrong("Workflow must contain at least one step")
    if len(steps) > MOST:
        raise _wrong(f"Workflow must contain at most {MOST} steps")
    kinds, known = registry.step_types(), registry.handlers()
    flow_config: Document = {}
    pipeline_config: Document = {}
    for at, step in enumerate(steps):
        if not isinstance(step, Mapping):
            raise _wrong(f"Step {at} must be an object.")
        kind = step.get("type")
        if not isinstance(kind, str) or not kind:
            raise _wrong(f"Step {at} is missing type.")
        if kind not in kinds:
            raise _wrong(f"Step {at} has invalid type: {kind}. Valid types: {', '.join(kinds)}")
        step_id = f"ephemeral_pipeline_{at}"
        place = {"pipeline_step_id": step_id, "step_type": kind, "execution_order": at}
        flow_config[f"ephemeral_step_{at}"] = {
            "flow_step_id": f"ephemeral_step_{at}",
            **place,
            **_flow_step(at, step, kinds[kind], known, clock),
        }
        pipeline_config[step_id] = {
            **place,
            "label": _text(step, "label") or str(kinds[kind].get("label") or kind),
            "system_prompt": _text(step, "system_prompt"),
            "disabled_tools": step_config.names(step.get("disabled_tools")),
        }
    return WorkflowPlan(flow_config, pipeline_config)


def _flow_step(
    at: int, step: Mapping[str, Any], kind: Mapping[str, Any], known: registry.Entries, clock: Clock
) -> Document:
    found: Document = {
        "enabled_tools": step_config.names(step.get("enabled_tools")),
        "prompt_queue": entries.entries(step, entries.PROMPTS),
        "queue_mode": entries.mode(step),
        "disabled_tools": step_config.names(step.get("disabled_tools")),
        "pipeline_id": DIRECT,
        "flow_id": DIRECT,
    }
    message = _text(step, "user_message")
    if message.strip():
        stamp = iso(clock.now())
        found |= {"prompt_queue": [entries.entry(entries.PROMPTS, message, stamp)], "queue_mode": "static"}
    if step.get(entries.PATCHES):
        found[entries.PATCHES] = entries.entries(step, entries.PATCHES)
    if step.get(retry_policy.KEY) is not None:
        found[retry_policy.KEY] = retry_policy.parse(step[retry_policy.KEY])
    config = step.get("handler_config")
    config = dict(config) if isinstance(config, Mapping) else {}
    if not kind.get("uses_handler"):
        return found | ({"handler_config": config} if config else {})
    slugs = step_config.handler_slugs(step)
    if not slugs:
        raise _wrong(f"Step {at} is missing handler_slug.")
    for slug in slugs:
        if known.get(slug, {}).get("type") != step["type"]:
            raise _wrong(f"Step {at} has no {step['type']} handler: {slug}")
    if not kind.get("multi_handler"):
        return found | {"handler_slug": slugs[0], "handler_config": config}
    configs = step.get("handler_configs")
    configs = configs if isinstance(configs, Mapping) else {slugs[0]: config}
    return found | {
        "handler_slugs": slugs,
        "handler_configs": {
            slug: dict(configs[slug]) if isinstance(configs.get(slug), Mapping) else {} for slug in slugs
        },
    }


def _text(step: Mapping[str, Any], key: str) -> str:
    value = step.get(key)
    return value if isinstance(value, str) else ""


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(what, code="invalid_workflow")
