"""A queue inside a step's document: the rules of editing it, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation.values import Document
from sidecar.errors import InvalidInput

PROMPTS = "prompt_queue"
PATCHES = "config_patch_queue"
MODES = ("static", "drain", "loop")
#: What an entry of each queue holds, beside ``added_at``.
KEYS = {PROMPTS: "prompt", PATCHES: "patch"}
#: Entries a queue holds at most: all of them are read and written with every run of the flow.
MOST = 10_000
#: Prompts that are added at once: each is compared with posts and with those that wait.
AT_ONCE = 500
#: Characters a prompt has at most.
LONGEST = 100_000


class Queue(msgspec.Struct, frozen=True):
    """A queue as it is: its slot, its mode, and its entries, the next one first."""

    flow_id: int
    flow_step_id: str
    slot: str
    mode: str
    entries: list[Document]

    @property
    def length(self) -> int:
        return len(self.entries)


def of_step(step: Mapping[str, Any], flow_id: int, step_id: str, slot: str) -> Queue:
    """The queue of a flow's step."""
    return Queue(flow_id, step_id, slot, mode(step), entries(step, slot))


def mode(step: Mapping[str, Any]) -> str:
    """How a step uses its queue; a word nobody knows is ``static``."""
    word = str(step.get("queue_mode") or "static")
    return word if word in MODES else "static"


def entries(step: Mapping[str, Any], slot: str) -> list[Document]:
    """The entries of a slot. A bare text is a prompt of an older form."""
    found = step.get(slot)
    listed = found if isinstance(found, list) else []
    return [
        {KEYS[slot]: one, "added_at": ""} if isinstance(one, str) else one
        for one in listed
        if isinstance(one, dict) or (isinstance(one, str) and slot == PROMPTS)
    ]


def entry(slot: str, value: Any, added_at: str) -> Document:
    """``{prompt, added_at}`` or ``{patch, added_at}``."""
    return {KEYS[slot]: value, "added_at": added_at}


def add(step: Document, slot: str, new: list[Document]) -> None:
    """Put entries at the end."""
    held = entries(step, slot)
    if len(held) + len(new) > MOST:
        raise InvalidInput(f"A queue holds at most {MOST} items.", code="queue_full")
    step[slot] = [*held, *new]


def remove(step: Document, slot: str, index: int) -> Document:
    """Take one out; it is the answer."""
    held = entries(step, slot)
    check(held, index)
    step[slot] = held[:index] + held[index + 1 :]
    return held[index]


def update(step: Document, slot: str, index: int, value: Any, added_at: str) -> bool:
    """Replace what one holds; it keeps its time. Position 0 of an empty queue makes it.

    An empty value where there is nothing changes nothing, which is the answer False; elsewhere it is refused.
    """
    held = entries(step, slot)
    if not held and index == 0:
        if not value:
            return False
        step[slot] = [entry(slot, value, added_at)]
        return True
    check(held, index)
    if not value:
        raise InvalidInput("An item cannot become empty; remove it instead.", code="empty_value")
    step[slot] = [{**one, KEYS[slot]: value} if at == index else one for at, one in enumerate(held)]
    return True


def move(step: Document, slot: str, start: int, end: int) -> None:
    """Take one out and put it where it has the index ``end``."""
    held = entries(step, slot)
    check(held, start)
    check(held, end)
    held.insert(end, held.pop(start))
    step[slot] = held


def clear(step: Document, slot: str) -> int:
    """Remove all; how many there were."""
    count = len(entries(step, slot))
    step[slot] = []
    return count


def check(held: list[Document], index: int) -> None:
    """InvalidInput for a position that is not there."""
    if not 0 <= index < len(held):
        raise InvalidInput(
            f"Index {index} is out of range. Queue has {len(held)} item(s).", code="index_out_of_range"
        )


def set_mode(step: Document, word: str) -> None:
    """Set how the queue is used."""
    if word not in MODES:
        raise InvalidInput("mode must be one of: drain, loop, static", code="invalid_mode")
    step["queue_mode"] = word


def stand(step: Document, text: str, added_at: str) -> None:
    """Make ``text`` the one prompt of the step for every run; nothing when it is empty."""
    step[PROMPTS] = [entry(PROMPTS, text, added_at)] if text else []
    step["queue_mode"] = "static"
