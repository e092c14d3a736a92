"""Queues as every door answers them."""

from __future__ import annotations

from typing import Any

from sidecar.automation.queues.entries import KEYS, PROMPTS, Queue
from sidecar.automation.queues.patches import shown
from sidecar.automation.values import Document


def place(queue: Queue) -> Document:
    """Whose queue it is."""
    return {"flow_id": queue.flow_id, "flow_step_id": queue.flow_step_id}


def length(queue: Queue) -> Document:
    return place(queue) | {"queue_length": queue.length}


def listed(queue: Queue) -> Document:
    """The entries with their mode; secrets of patches are masked."""
    return place(queue) | {"queue": shown(queue), "count": queue.length, "queue_mode": queue.mode}


def cleared(queue: Queue, count: int) -> Document:
    return place(queue) | {"cleared_count": count}


def removed(queue: Queue, gone: Any) -> Document:
    """What an entry held, and how many are left."""
    held = Queue(queue.flow_id, queue.flow_step_id, queue.slot, queue.mode, [{KEYS[queue.slot]: gone}])
    value = shown(held)[0][KEYS[queue.slot]]
    return place(queue) | {f"removed_{KEYS[queue.slot]}": value, "queue_length": queue.length}


def updated(queue: Queue, index: int, changed: bool) -> Document:
    message = (
        f"Updated item at index {index}. Queue has {queue.length} item(s)."
        if changed
        else "No changes made (empty value, empty queue)."
    )
    return place(queue) | {"index": index, "queue_length": queue.length, "message": message}


def added_message(queue: Queue) -> str:
    what = "Prompt" if queue.slot == PROMPTS else "Config patch"
    return f"{what} added to queue. Queue now has {queue.length} item(s)."


def removed_message(queue: Queue, index: int) -> str:
    return f"Removed item at index {index}. Queue now has {queue.length} item(s)."
