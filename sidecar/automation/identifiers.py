"""Ids of steps: how they are made of other ids, and taken apart again. And what names an item in its row."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import NamedTuple

#: Digits of the largest id a column holds.
DIGITS = 20
#: Characters of an item that the unique key of processed items tells apart.
TOLD_APART = 191


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
    if not separator or not head or not _is_id(tail):
        return None
    return FlowStepId(head, int(tail))


def split_pipeline_step_id(text: str) -> PipelineStepId | None:
    """Split at the first underscore; None unless a decimal pipeline id stands before it."""
    head, separator, tail = text.partition("_")
    if not separator or not tail or not _is_id(head):
        return None
    return PipelineStepId(int(head), tail)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS


def item_key(identifier: str) -> str:
    """An item's identifier as its row has it: one that is too long to be told apart ends in its hash."""
    if len(identifier) <= TOLD_APART:
        return identifier
    digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{identifier[: TOLD_APART - len(digest) - 1]}#{digest}"


def item_forms(identifiers: Iterable[str]) -> dict[str, str]:
    """Every text a row may have for one of these items, with the item it means.

    Data Machine stores them as they are, so that a long one may stand there whole.
    """
    wanted = list(identifiers)
    return {one: one for one in wanted} | {item_key(one): one for one in wanted}
