"""``/flows/{id}/queue``: the prompts that wait at a step of a flow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sidecar.api import engine
from sidecar.api.envelope import success
from sidecar.api.route import EDITABLE, Answer, Argument, Request, Route
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.queues import display
from sidecar.automation.queues.entries import MODES
from sidecar.automation.queues.service import QueuesService
from sidecar.errors import InvalidInput, NotFound

QUEUE = r"/flows/(?P<flow_id>\d+)/queue"
ENTRY = QUEUE + r"/(?P<index>\d+)"


def show_queue(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_step_id, queue: [{prompt, added_at}], count, queue_mode}}``.

    404 ``flow_not_found`` for a flow or step that is not there, here and below.
    """
    with _found():
        queue = request.runtime.get(QueuesService).show(request.principal, *_place(request))
    return success(display.listed(queue))


def add_prompts(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_step_id, added_count, queue_length, rejected?}, message}``.

    ``rejected`` lists ``{prompt, reason, match, source, strategy}`` of prompts like a post or a waiting one.
    400 ``no_prompts``.
    """
    prompts = _prompts(request)
    with _found():
        done = request.runtime.get(QueuesService).add(request.principal, *_place(request), prompts)
    data: dict[str, Any] = display.place(done.queue) | {
        "added_count": done.added,
        "queue_length": done.queue.length,
    }
    if done.rejected:
        data["rejected"] = [{"prompt": text, **found.document()} for text, found in done.rejected]
    message = f"Added {done.added} prompt(s). Queue now has {done.queue.length} item(s)."
    return success(data, message)


def clear_queue(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_step_id, cleared_count}, message}``."""
    with _found():
        queue, count = request.runtime.get(QueuesService).clear(request.principal, *_place(request))
    return success(display.cleared(queue, count), f"Cleared {count} item(s) from queue.")


def remove_prompt(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_step_id, removed_prompt, queue_length}, message}``.

    400 ``queue_remove_failed`` for an index that is not there.
    """
    index = request.params["index"]
    with _found("queue_remove_failed"):
        queue, gone = request.runtime.get(QueuesService).remove(request.principal, *_place(request), index)
    return success(display.removed(queue, gone), display.removed_message(queue, index))


def update_prompt(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_step_id, index, queue_length}, message}``.

    400 ``queue_update_failed`` for an index that is not there and for an empty prompt.
    """
    index = request.params["index"]
    with _found("queue_update_failed"):
        queue, changed = request.runtime.get(QueuesService).update(
            request.principal, *_place(request), index, request.params["prompt"]
        )
    data = display.updated(queue, index, changed)
    return success(data, data.pop("message"))


def set_mode(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_step_id, queue_mode}, message}``."""
    with _found():
        queue = request.runtime.get(QueuesService).set_mode(
            request.principal, *_place(request), request.params["mode"]
        )
    return success(display.place(queue) | {"queue_mode": queue.mode}, f"Queue mode set to {queue.mode}.")


@contextmanager
def _found(code: str | None = None) -> Iterator[None]:
    """One code for a flow and a step that are not there, another for every rule that was broken."""
    try:
        yield
    except InvalidInput as error:
        if code is None:
            raise
        raise InvalidInput(error.message, code=code, data={"ability_error_code": error.code}) from error
    except NotFound as error:
        if isinstance(error, FlowNotFound) or error.code == "flow_step_not_found":
            raise NotFound(error.message, code="flow_not_found") from error
        raise


def _place(request: Request) -> tuple[int, str]:
    return request.params["flow_id"], request.params["flow_step_id"]


def _prompts(request: Request) -> list[str]:
    """Those of ``prompts`` as they were sent, else the one of ``prompt``."""
    given = request.body.get("prompts", request.params.get("prompts"))
    if isinstance(given, list):
        return [one for one in given if isinstance(one, str)]
    if isinstance(given, str) and given:
        return [given]
    prompt = request.params.get("prompt")
    return [prompt] if prompt else []


_FLOW = {"flow_id": Argument("integer", required=True)}
_STEP = _FLOW | {"flow_step_id": Argument("string", required=True)}
_INDEX = {"index": Argument("integer", required=True)}

ROUTES = (
    Route("GET", QUEUE, engine.FLOWS, show_queue, _STEP),
    Route(
        "POST",
        QUEUE,
        engine.FLOWS,
        add_prompts,
        _STEP | {"prompt": Argument("string"), "prompts": Argument("array")},
    ),
    Route("DELETE", QUEUE, engine.FLOWS, clear_queue, _STEP),
    Route("DELETE", ENTRY, engine.FLOWS, remove_prompt, _STEP | _INDEX),
    Route(
        EDITABLE,
        ENTRY,
        engine.FLOWS,
        update_prompt,
        _STEP | _INDEX | {"prompt": Argument("string", required=True)},
    ),
    Route(
        EDITABLE,
        QUEUE + "/mode",
        engine.FLOWS,
        set_mode,
        _STEP | {"mode": Argument("string", required=True, enum=tuple(sorted(MODES)))},
    ),
)
