"""The abilities on queues: what they do.

A rule that was broken is an answer with ``success`` false; a missing right is an error, and so is everything
unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Callback
from sidecar.automation.answering import answering
from sidecar.automation.queues import ability_declarations as names
from sidecar.automation.queues import display
from sidecar.automation.queues.ability_declarations import DECLARATIONS
from sidecar.automation.queues.duplicates import LOOKBACK, DuplicateCheck, Question
from sidecar.automation.queues.entries import PATCHES, PROMPTS, Queue
from sidecar.automation.queues.patches import patch_of
from sidecar.automation.queues.service import DuplicateRejected, QueuesService
from sidecar.automation.steps.base import number
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal

__all__ = ["DECLARATIONS", "callbacks"]

Given = Mapping[str, Any]
_Work = Callable[[Principal, Given], dict[str, Any]]


def callbacks(service: QueuesService, duplicates: DuplicateCheck) -> dict[str, Callback]:
    """By name."""

    def add(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, queue_length, message}``."""
        flow_id, step_id = _place(given)
        context = given.get("context")
        queue = service.add_one(
            principal,
            flow_id,
            step_id,
            str(given.get("prompt") or ""),
            validate=given.get("skip_validation") is not True,
            context=context if isinstance(context, Mapping) else None,
        )
        return display.length(queue) | {"message": display.added_message(queue)}

    def add_patch(principal: Principal, given: Given) -> dict[str, Any]:
        queue = service.add_patch(principal, *_place(given), patch_of(given.get("patch")))
        return display.length(queue) | {"message": display.added_message(queue)}

    def update(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, index, queue_length, message}``."""
        index = _index(given, "index")
        queue, changed = service.update(principal, *_place(given), index, str(given.get("prompt") or ""))
        return display.updated(queue, index, changed)

    def update_patch(principal: Principal, given: Given) -> dict[str, Any]:
        index = _index(given, "index")
        queue, changed = service.update_patch(principal, *_place(given), index, patch_of(given.get("patch")))
        return display.updated(queue, index, changed)

    def mode(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, queue_mode, message}``."""
        queue = service.set_mode(principal, *_place(given), str(given.get("mode") or ""))
        return display.place(queue) | {
            "queue_mode": queue.mode,
            "message": f"Queue mode set to {queue.mode}.",
        }

    def check(principal: Principal, given: Given) -> dict[str, Any]:
        """``{verdict}``, and for a duplicate ``source, match, reason, strategy``."""
        context = given.get("context")
        question = Question(
            post_type=str(given.get("post_type") or "post"),
            lookback=number(given.get("lookback_days")) or LOOKBACK,
            source_url=str(given.get("source_url") or ""),
            flow_id=number(given.get("flow_id")),
            flow_step_id=str(given.get("flow_step_id") or ""),
            context=dict(context) if isinstance(context, Mapping) else {},
        )
        scope = str(given.get("scope") or "published")
        found = duplicates.check(principal, str(given.get("title") or ""), scope, question)
        return {"verdict": "duplicate", **found.document()} if found.duplicate else {"verdict": "clear"}

    work: dict[str, _Work] = {
        names.ADD: add,
        names.UPDATE: update,
        names.MODE: mode,
        names.PATCH_ADD: add_patch,
        names.PATCH_UPDATE: update_patch,
        names.CHECK_DUPLICATE: check,
    }
    work |= _common(service, PROMPTS, names.LIST, names.CLEAR, names.REMOVE, names.MOVE)
    work |= _common(
        service, PATCHES, names.PATCH_LIST, names.PATCH_CLEAR, names.PATCH_REMOVE, names.PATCH_MOVE
    )
    # In the order of the declarations.
    return {one.name: _answering(work[one.name]) for one in DECLARATIONS}


def _common(  # noqa: PLR0917  four names of one queue
    service: QueuesService, slot: str, listing: str, clearing: str, removing: str, moving: str
) -> dict[str, _Work]:
    def listed(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, queue, count, queue_mode}``."""
        return display.listed(service.show(principal, *_place(given), slot))

    def clear(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, cleared_count, message}``."""
        queue, count = service.clear(principal, *_place(given), slot)
        return display.cleared(queue, count) | {"message": f"Cleared {count} item(s) from queue."}

    def remove(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, removed_prompt | removed_patch, queue_length, message}``."""
        index = _index(given, "index")
        queue, gone = service.remove(principal, *_place(given), index, slot)
        return display.removed(queue, gone) | {"message": display.removed_message(queue, index)}

    def move(principal: Principal, given: Given) -> dict[str, Any]:
        """``{flow_id, flow_step_id, queue_length, message}``."""
        start, end = _index(given, "from_index"), _index(given, "to_index")
        queue: Queue = service.move(principal, *_place(given), start, end, slot)
        return display.length(queue) | {"message": f"Moved item from index {start} to {end}."}

    return {listing: listed, clearing: clear, removing: remove, moving: move}


def _answering(callback: _Work) -> Callback:
    def answer(principal: Principal, given: Given) -> dict[str, Any]:
        def told(error: SidecarError) -> Mapping[str, Any]:
            if not isinstance(error, DuplicateRejected):
                return {}
            flow_id, step_id = _place(given)
            return {
                "error": error.code,
                **error.data,
                "flow_id": flow_id,
                "flow_step_id": step_id,
                "message": error.message,
            }

        return answering(callback, told)(principal, given)

    return answer


def _index(given: Given, name: str) -> int:
    """A position in a queue; what is none must not count as the first."""
    value = given.get(name)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isdecimal():
        raise InvalidInput(f"{name} must be a number from 0.", code="invalid_index")
    return number(text)


def _place(given: Given) -> tuple[int, str]:
    return number(given.get("flow_id")), str(given.get("flow_step_id") or "")
