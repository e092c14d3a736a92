"""What a file describes, put together from its lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sidecar.automation.pipelines import portable
from sidecar.automation.pipelines.csv_format import Row
from sidecar.automation.values import Document
from sidecar.errors import InvalidInput


class FlowInFile(msgspec.Struct):
    """A flow; ``steps`` are its settings by the position of the step."""

    name: str
    slug: str
    source_id: int
    line: int
    scheduling: Document = msgspec.field(default_factory=dict)
    extra: Document = msgspec.field(default_factory=dict)
    steps: dict[int, Document] = msgspec.field(default_factory=dict)


class StepInFile(msgspec.Struct, frozen=True):
    """A step of a pipeline."""

    step_type: str
    config: Document
    line: int


class PipelineInFile(msgspec.Struct):
    """A pipeline with its steps by position, from 0 on, and its flows in their order."""

    name: str
    slug: str
    source_id: int
    line: int
    extra: Document = msgspec.field(default_factory=dict)
    steps: dict[int, StepInFile] = msgspec.field(default_factory=dict)
    flows: dict[str, FlowInFile] = msgspec.field(default_factory=dict)


def pipelines(rows: Sequence[Row]) -> list[PipelineInFile]:
    """In the order of the file; InvalidInput ``invalid_csv`` for lines that contradict each other."""
    found: dict[tuple[str, str, str], PipelineInFile] = {}
    for row in rows:
        key = (row.pipeline_id, row.pipeline_slug, row.pipeline_name)
        one = found.get(key)
        if one is None:
            one = found[key] = PipelineInFile(
                row.pipeline_name, row.pipeline_slug, number(row.pipeline_id), row.line
            )
        _step(one, row)
        if row.flow_id or row.flow_name:
            _flow(one, row)
        else:
            one.extra |= portable.beside(row.extra)
    for one in found.values():
        if sorted(one.steps) != list(range(len(one.steps))):
            raise invalid(one.line, f'the steps of "{one.name}" are not numbered from 0 without gaps')
    return list(found.values())


def number(text: str) -> int:
    """An id of the site the file comes from; 0 when there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def invalid(line: int, why: str, code: str = "invalid_csv") -> InvalidInput:
    """What is wrong, and where."""
    return InvalidInput(f"Line {line}: {why}.", code=code, data={"line": line})


def _step(one: PipelineInFile, row: Row) -> None:
    if row.step_position < 0:
        return
    known = one.steps.get(row.step_position)
    if known is None:
        config = portable.step_config(row.step_config)
        one.steps[row.step_position] = StepInFile(row.step_type.strip(), config, row.line)
    elif known.step_type != row.step_type.strip():
        raise invalid(row.line, f"step {row.step_position} is a {known.step_type} step elsewhere")


def _flow(one: PipelineInFile, row: Row) -> None:
    flow = one.flows.setdefault(
        row.flow_id or row.flow_name,
        FlowInFile(row.flow_name or "Flow", row.flow_slug, number(row.flow_id), row.line),
    )
    flow.scheduling = flow.scheduling or dict(row.scheduling)
    flow.extra |= portable.beside(row.extra)
    settings: dict[str, Any] = dict(row.settings)
    if row.handler and not settings.get("handler_slug") and not settings.get("handler_slugs"):
        settings["handler_slug"] = row.handler
    if row.step_position >= 0 and settings:
        flow.steps[row.step_position] = settings
