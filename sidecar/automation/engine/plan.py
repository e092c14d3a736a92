"""The order in which a flow's steps run."""

from __future__ import annotations

from typing import Any

from sidecar.automation.errors import InvalidPlan
from sidecar.automation.values import Document


def steps(flow_config: Document) -> list[Document]:
    """The steps in order; raises :class:`InvalidPlan` as soon as one has no usable place.

    ``memory_files`` may stand beside the steps: Data Machine 0.102.8 stumbles over it, we do not.
    """
    places: dict[int, str] = {}
    found: list[tuple[int, Document]] = []
    for step_id, step in flow_config.items():
        if step_id == "memory_files" or not isinstance(step, dict):
            continue
        place = _place(step_id, step)
        if place in places:
            raise InvalidPlan(
                f'Duplicate execution_order {place} for flow steps "{places[place]}" and "{step_id}".'
            )
        places[place] = step_id
        found.append((place, {**step, "flow_step_id": step.get("flow_step_id") or step_id}))
    if not found:
        raise InvalidPlan("Flow execution failed - no first step found.", code="no_first_step")
    return [step for _, step in sorted(found, key=lambda pair: pair[0])]


def next_step(flow_config: Document, flow_step_id: str) -> str | None:
    """The step after one, None after the last."""
    ids = [str(step["flow_step_id"]) for step in steps(flow_config)]
    at = ids.index(flow_step_id) if flow_step_id in ids else -1
    return ids[at + 1] if 0 <= at < len(ids) - 1 else None


def _place(step_id: str, step: dict[str, Any]) -> int:
    if "execution_order" not in step:
        raise InvalidPlan(f'Flow step "{step_id}" is missing execution_order.')
    value = step["execution_order"]
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).lstrip("-").isdecimal():
        raise InvalidPlan(f'Flow step "{step_id}" has invalid execution_order.')
    return int(value)
