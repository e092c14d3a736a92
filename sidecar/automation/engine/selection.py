"""Which packets of a step go on, and whether they go on together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation import registry
from sidecar.automation.engine import held_items, packets, reserved
from sidecar.automation.flows import step_config
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Document, Packet
from sidecar.db import php_json

COMPLETE = "ai_handler_complete"
MISSING = "handler_requiring_step_missing_handler_packets"


class Selection(msgspec.Struct, frozen=True):
    """``packets`` go in front of what the job holds; more than one: each becomes a job of its own."""

    packets: list[Packet]
    #: Why nothing can go on, or ''.
    failure: str = ""

    @property
    def fans_out(self) -> bool:
        return len(self.packets) > 1


def going_on(run: StepRun, left: Sequence[Packet], following: Document) -> Selection:
    """What a successful step hands to the step after it.

    Only what the step made itself counts: packets it was given are the job's history, and go on with it.
    After an AI step those count that its handler tools left, one for each tool.
    """
    made = made_by(run, left)
    if run.step_type == "ai":
        complete = _complete(made)
        if complete:
            return Selection(complete)
        if len(left) > 1 and registry.handler_slugs(following):
            return Selection([], MISSING)
    return Selection(made)


def made_by(run: StepRun, left: Sequence[Packet]) -> list[Packet]:
    """The packets that a step added to those it was given.

    A step in PHP gives back copies: they are compared by their text.
    """
    given = len(run.packets)
    if given and len(left) >= given and all(a is b for a, b in zip(left[-given:], run.packets, strict=True)):
        return list(left[:-given])
    held = [_text(one) for one in run.packets]
    made = []
    for one in left:
        text = _text(one)
        if text in held:
            held.remove(text)
        else:
            made.append(one)
    return made


def seeds(one: Packet) -> Document:
    """What a packet tells the engine data of the job that goes on with it."""
    about = packets.metadata(one)
    item = {key: about[key] for key in ("item_identifier", "source_type") if about.get(key)}
    return {**item, **reserved.of_packet(about.get("_engine_data"))}


def seeds_over(held: Mapping[str, Any], one: Packet) -> Document:
    """As :func:`seeds`, over a document that may name an item: its source goes with it."""
    found = seeds(one)
    if held.get("item_identifier") and "item_identifier" not in found:
        found.pop("source_type", None)
    return found


def seeds_single(run: StepRun, going: Sequence[Packet]) -> Document:
    """As :func:`seeds`, for the only packet of a fetch step."""
    if len(going) != 1 or not step_config.is_fetch(run.config):
        return {}
    return {**seeds_over(run.engine.all(), going[0]), **fetched(run, going)}


def fetched(run: StepRun, going: Sequence[Packet]) -> Document:
    """What the items of a fetch step add beside themselves, where the flow has fetched before."""
    brought = step_config.is_fetch(run.config) and any(
        packets.metadata(one).get("item_identifier") for one in going
    )
    return held_items.fetched(run) if brought else {}


def _complete(made: Sequence[Packet]) -> list[Packet]:
    found: dict[str, Packet] = {}
    for one in made:
        if one.get("type") == COMPLETE:
            found.setdefault(str(packets.metadata(one).get("tool_name")), one)
    return list(found.values())


def _text(one: Any) -> str:
    return php_json.dumps(one)
