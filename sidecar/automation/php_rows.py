"""What PHP's classes of rows write: `engine.job`, `engine.flow`, `engine.queue`, `engine.content`.

PHP reads rows itself. Whoever calls these classes has decided whether it may: they are no doors for users.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sidecar.automation.handlers import content_format
from sidecar.automation.queues import entries
from sidecar.automation.repositories.pipelines import config_of
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, NewJob
from sidecar.bridge.values import WPError
from sidecar.errors import InvalidInput

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime

Do = Callable[["Parts", Mapping[str, Any]], Any]


def wire(runtime: Runtime, parts: Parts) -> None:
    """Offer the methods to PHP."""
    for name, work in (("job", JOB), ("flow", FLOW)):
        runtime.handlers[f"engine.{name}"] = functools.partial(_call, parts, work)
    runtime.handlers["engine.queue"] = functools.partial(_queue, parts)
    runtime.handlers["engine.content"] = _content


def _call(parts: Parts, known: Mapping[str, Do], call: Call) -> Any:
    work = known.get(str(call.params.get("do")))
    if work is None:
        raise InvalidInput(f"What is to be done is one of {', '.join(known)}.")
    return work(parts, call.params)


def _create_job(parts: Parts, params: Mapping[str, Any]) -> int:
    """The id of a new ``pending`` job; its place is a stored flow, ``direct``, or nothing."""
    given = _map(params.get("job"))
    place = _place(given.get("pipeline_id")), _place(given.get("flow_id"))
    if not (all(one and one.isdecimal() for one in place) or place in (("direct", "direct"), (None, None))):
        raise InvalidInput("Invalid job data: pipeline and flow are both ids, both direct, or both absent.")
    new = NewJob(
        pipeline_id=place[0],
        flow_id=place[1],
        source=str(given.get("source") or "pipeline"),
        label=None if given.get("label") is None else str(given["label"]),
        user_id=number(given.get("user_id")),
        agent_id=number(given.get("agent_id")) or None,
        parent_job_id=number(given.get("parent_job_id")) or None,
        task_type=None if given.get("task_type") is None else str(given["task_type"]),
    )
    job_id = parts.jobs.create(new)
    data = _map(given.get("engine_data"))
    if data:
        parts.store.store(job_id, data)
    return job_id


def _start_job(parts: Parts, params: Mapping[str, Any]) -> bool:
    job_id = number(params.get("job_id"))
    if params.get("status") == "waiting":
        parts.completion.park(job_id)
        return True
    return parts.jobs.start(job_id)


def _complete_job(parts: Parts, params: Mapping[str, Any]) -> bool:
    return parts.completion.complete(number(params.get("job_id")), str(params.get("status", "")))


def _swap_flow(parts: Parts, params: Mapping[str, Any]) -> bool:
    """Replace the steps when they are still what the caller read."""
    expected, config = config_of(str(params.get("expected", ""))), _map(params.get("config"))
    swapped = False

    def work(current: Document) -> Document | None:
        nonlocal swapped
        swapped = current == expected
        return config if swapped else None

    parts.flows.change(number(params.get("flow_id")), work)
    return swapped


def _update_flow(parts: Parts, params: Mapping[str, Any]) -> bool:
    """Columns of a flow as they are given; the schedule's rows are not touched, as in Data Machine."""
    flow_id, given = number(params.get("flow_id")), _map(params.get("flow"))
    if parts.flows.get(flow_id) is None:
        return False
    if isinstance(given.get("flow_name"), str):
        parts.flows.rename(flow_id, given["flow_name"])
    if isinstance(given.get("flow_config"), Mapping | list):
        parts.flows.change(flow_id, lambda _now: _map(given["flow_config"]))
    if isinstance(given.get("scheduling_config"), Mapping | list):
        parts.flows.change_schedule(flow_id, lambda _now: _map(given["scheduling_config"]))
    return True


def _flow_memory(parts: Parts, params: Mapping[str, Any]) -> bool:
    """The memory files of a flow: a key beside its steps."""
    names = params.get("files")
    files = [str(one) for one in names] if isinstance(names, list) else []

    def work(now: Document) -> Document:
        return {**now, "memory_files": files}

    parts.flows.change(number(params.get("flow_id")), work)
    return True


JOB: Mapping[str, Do] = {"create": _create_job, "start": _start_job, "complete": _complete_job}
FLOW: Mapping[str, Do] = {"swap": _swap_flow, "update": _update_flow, "memory": _flow_memory}


def _queue(parts: Parts, call: Call) -> Any:
    """``engine.queue {flow_id, step, slot, mode}``: ``{value, added_at, from_queue, mode}``."""
    slot = str(call.params.get("slot", ""))
    if slot not in entries.KEYS:
        raise InvalidInput(f"A queue is one of {', '.join(entries.KEYS)}.")
    step = {**_map(call.params.get("step")), "queue_mode": call.params.get("mode")}
    taken = parts.queues.take(number(call.params.get("flow_id")), step, slot)
    entry = taken.entry or {}
    return {
        "value": entry.get(entries.KEYS[slot]),
        "added_at": entry.get("added_at", ""),
        "from_queue": taken.entry is not None,
        "mode": taken.mode,
    }


def _content(call: Call) -> Any:
    """``engine.content {content, from, to}``: converted, or a WP_Error."""
    given, wanted = str(call.params.get("from", "")), str(call.params.get("to", ""))
    try:
        return content_format.convert(str(call.params.get("content", "")), given, wanted)
    except content_format.FormatMissing as error:
        return WPError(error.code, error.message)


def _place(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _map(value: Any) -> Document:
    return {str(key): one for key, one in value.items()} if isinstance(value, Mapping) else {}
