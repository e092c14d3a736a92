"""Flows follow their pipeline: the same steps in the same order, each with the flow's own settings."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sidecar.automation import identifiers
from sidecar.automation.flows import steps as flow_steps
from sidecar.automation.values import Document, ordered, place


def follow(
    config: Document,
    steps: Sequence[Document],
    pipeline_id: int,
    flow_id: int,
    *,
    removed: Collection[str] = (),
) -> Document:
    """A flow's configuration brought in step with ``steps``, its pipeline's in their order.

    Steps it has get their place in the order, missing ones are built, those of ``removed`` (pipeline step
    ids) go. Everything else in the map stays: what is no step, and steps that the pipeline never had.
    """
    wanted: Document = {}
    for step in steps:
        key = identifiers.flow_step_id(str(step["pipeline_step_id"]), flow_id)
        order = place(step)
        own = config.get(key)
        wanted[key] = (
            {**own, "execution_order": order}
            if isinstance(own, dict)
            else flow_steps.build(step, pipeline_id, flow_id)
        )
    gone = {identifiers.flow_step_id(step_id, flow_id) for step_id in removed}
    rest = {key: value for key, value in config.items() if key not in wanted and key not in gone}
    return {**wanted, **rest}


def arranged(config: Document, step_ids: Sequence[str]) -> Document:
    """A pipeline's configuration with its steps in this order, numbered from 0; everything else stays."""
    known = {str(step["pipeline_step_id"]): step for step in ordered(config)}
    steps = {step_id: {**known[step_id], "execution_order": order} for order, step_id in enumerate(step_ids)}
    return {**steps, **{key: value for key, value in config.items() if key not in steps}}


def with_tools(step: Document, before: Sequence[str], after: Sequence[str]) -> Document:
    """A flow's step after its pipeline's disabled tools changed: what the flow itself disabled stays so."""
    own = [tool for tool in _texts(step.get("disabled_tools")) if tool not in before or tool in after]
    return {**step, "disabled_tools": list(dict.fromkeys([*own, *after]))}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
