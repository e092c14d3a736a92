"""The items a job works on, as its engine data tell: the last one that was fetched, and those before it.

``item_identifier`` and ``source_type`` are the last one's, as in Data Machine. Where a flow fetches with
several steps, two keys of ours say which of them that was, and what the job had worked on until then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sidecar.automation.flows import step_config
from sidecar.automation.steps.base import StepRun, number
from sidecar.automation.values import Document

if TYPE_CHECKING:
    from sidecar.automation.engine.engine_data import EngineData

STEP, EARLIER = "item_flow_step_id", "earlier_items"


class HeldItem(msgspec.Struct, frozen=True):
    """An item under the step that fetched it, and the jobs whose claim on it is this job's."""

    flow_step_id: str
    source_type: str
    item_identifier: str
    held_by: tuple[int, ...]


def of(engine: EngineData) -> list[HeldItem]:
    """The items, the last one first.

    None for an ephemeral workflow: nothing it takes in is ever compared with another run.
    """
    fetching = _fetching(engine)
    if not number(engine.job.get("flow_id")) or not fetching:
        return []
    found = []
    # Its own claim, or its parent's.
    holders = tuple(filter(None, (engine.job_id, number(engine.job.get("parent_job_id")))))
    identifier, source, step = engine.get("item_identifier"), engine.get("source_type"), engine.get(STEP)
    if identifier and source:
        step = step if step in fetching else fetching[0]
        found.append(HeldItem(str(step), str(source), str(identifier), holders))
    earlier = engine.get(EARLIER)
    for one in earlier if isinstance(earlier, list) else ():
        try:
            item = msgspec.convert(one, HeldItem)
        except msgspec.ValidationError:
            continue
        if item.flow_step_id in fetching:
            found.append(msgspec.structs.replace(item, held_by=(*item.held_by, *holders)))
    return found


def fetched(run: StepRun) -> Document:
    """What a fetch step that brought an item adds to the engine data of the job that goes on with it."""
    first = next(iter(_fetching(run.engine)), run.flow_step_id)
    before = [item for item in of(run.engine) if item.flow_step_id != run.flow_step_id]
    if not before and run.flow_step_id == first:
        return {}
    return {STEP: run.flow_step_id, EARLIER: msgspec.to_builtins(before)}


def _fetching(engine: EngineData) -> list[str]:
    return [
        str(step_id)
        for step_id, step in engine.flow_config.items()
        if isinstance(step, dict) and step_config.is_fetch(step)
    ]
