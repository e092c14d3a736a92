"""Ids of steps: how they are made of other ids, and taken apart again."""

from __future__ import annotations

import uuid
from typing import NamedTuple


class FlowStepId(NamedTuple):
    """``{pipeline_step_id}_{flow_id}``."""

    pipeline_step_id: str
    flow_id: int

    def __str__(self) -> str:
        return f"{self.pipeline_step_id}_{self.flow_id}"


class PipelineStepId(NamedTuple):
    """``{pipeline_id}_{uuid4}``."""

    pipeline_id: int
    uuid: str

    def __str__(self) -> str:
        return f"{self.pipeline_id}_{self.uuid}"


def new_pipeline_step_id(pipeline_id: int) -> str:
    """A fresh step id of a pipeline."""
    return str(PipelineStepId(pipeline_id, str(uuid.uuid4())))


def flow_step_id(pipeline_step_id: str, flow_id: int | str) -> str:
    """The id of a pipeline's step in one of its flows."""
    return f"{pipeline_step_id}_{flow_id}"


def split_flow_step_id(text: str) -> FlowStepId | None:
    """Split at the last underscore; None unless a decimal flow id follows it."""
    head, separator, tail = text.rpartition("_")
    if not separator or not head or not tail.isdecimal():
        return None
    return FlowStepId(head, int(tail))


def split_pipeline_step_id(text: str) -> PipelineStepId | None:
    """Split at the first underscore; None unless a decimal pipeline id stands before it."""
    head, separator, tail = text.partition("_")
    if not separator or not tail or not head.isdecimal():
        return None
    return PipelineStepId(int(head), tail)
