"""``flows queue``: the prompts and patches that wait at the steps of a flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sidecar.automation.flows import step_config
from sidecar.automation.queues import display
from sidecar.automation.queues.duplicates import Verdict
from sidecar.automation.queues.entries import KEYS, PATCHES, PROMPTS, Queue
from sidecar.automation.queues.patches import patch_of
from sidecar.automation.queues.service import DuplicateRejected, QueuesService
from sidecar.automation.values import Document
from sidecar.commands.events import Event, Failure, Line, Success
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import Assoc, Flag
from sidecar.db import php_json
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput

ASSOCS = (
    Assoc("step", "The step that is meant, where there are several.", value="flow_step_id"),
    Assoc("patch", "Settings for one run of a fetch step.", value="json"),
)
FLAGS = (Flag("skip-validation", "Add a prompt even if there is a post or a prompt like it."),)
DETAILS = (
    "flows queue list <id>       what waits at the AI step, or the one of --step (also: flows queue <id>)\n"
    "flows queue add <id> <text> put a prompt at the end; --patch=<json> for a fetch step\n"
    "flows queue update <id> <index> <text>, remove <id> <index>, move <id> <from> <to>, clear <id>\n"
    "flows queue mode <id> static|drain|loop\n"
    "flows queue validate <id> <text>  whether there is a post or a prompt like it"
)
USAGE = "Usage: datamachine flows queue add|list|clear|remove|update|move|mode|validate <flow_id>"
WRONG_KIND = "Fetch steps consume config patches, not string prompts. Use --patch='{...}' instead."


def queue(call: Invocation) -> Iterator[Event]:
    """Routed by the second word; a number instead of it lists."""
    verb = call.argument(1, "") or ""
    if verb.isdecimal():
        yield from _list(call, list(call.args[1:]))
        return
    work = _VERBS.get(verb)
    if work is None:
        raise InvalidInput(USAGE)
    yield from work(call, list(call.args[2:]))


def _add(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id, service = _flow_id(words), call.runtime.get(QueuesService)
    patch = call.option("patch")
    if patch is not None:
        if words[1:]:
            raise InvalidInput("Give either a prompt or --patch.")
        step_id, _slot = _step(call, flow_id, PATCHES)
        queue = service.add_patch(call.principal, flow_id, step_id, patch_of(patch))
        yield Success(display.added_message(queue))
        return
    prompt = " ".join(words[1:])
    if not prompt.strip():
        raise InvalidInput("A prompt is required. Usage: datamachine flows queue add <flow_id> <prompt>")
    step_id, slot = _step(call, flow_id, PROMPTS)
    if slot == PATCHES:
        raise InvalidInput(WRONG_KIND)
    try:
        queue = service.add_one(
            call.principal, flow_id, step_id, prompt, validate=not call.flag("skip-validation")
        )
    except DuplicateRejected as error:
        yield Line(error.message)
        yield Failure(error.code)
        return
    yield Success(display.added_message(queue))


def _list(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id, service = _flow_id(words), call.runtime.get(QueuesService)
    step_id, slot = _step(call, flow_id)
    prompts = service.show(call.principal, flow_id, step_id, PROMPTS)
    patches = service.show(call.principal, flow_id, step_id, PATCHES)
    if call.format == "json":
        shown = {
            "flow_id": flow_id,
            "flow_step_id": step_id,
            "queue_mode": prompts.mode,
            PROMPTS: display.listed(prompts)["queue"],
            PATCHES: display.listed(patches)["queue"],
        }
        yield Line(pretty(shown))
        return
    if call.format != "table":
        # For programs: what the step uses, whatever else it may have.
        yield from _rows(prompts if slot == PROMPTS else patches, call.format)
        return
    if not prompts.length and not patches.length:
        yield Line(f"Queue is empty. (queue_mode: {prompts.mode})")
        return
    for queue, title in (
        (prompts, "AI prompts (prompt_queue)"),
        (patches, "Config patches (config_patch_queue)"),
    ):
        if queue.length:
            yield Line(f"== {title} ==")
            yield from _rows(queue, call.format)
    yield Line(f"Total: {prompts.length} prompt(s), {patches.length} patch(es). (queue_mode: {prompts.mode})")


def _rows(queue: Queue, output: str) -> Iterator[Event]:
    column = KEYS[queue.slot]
    rows: list[dict[str, Any]] = [
        {"index": index, column: _cell(entry.get(column)), "added_at": entry.get("added_at", "")}
        for index, entry in enumerate(display.listed(queue)["queue"])
    ]
    yield from listing(rows, ["index", column, "added_at"], output, "index")


def _clear(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id = _flow_id(words)
    step_id, slot = _step(call, flow_id)
    _queue, count = call.runtime.get(QueuesService).clear(call.principal, flow_id, step_id, slot)
    yield Success(f"Cleared {count} item(s) from queue.")


def _remove(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id, (index,) = _flow_id(words), _numbers(words[1:], "index")
    step_id, slot = _step(call, flow_id)
    queue, gone = call.runtime.get(QueuesService).remove(call.principal, flow_id, step_id, index, slot)
    yield Success(display.removed_message(queue, index))
    removed = display.removed(queue, gone)
    yield Line(f"Removed: {_cell(removed.get('removed_prompt', removed.get('removed_patch')))}")


def _update(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id, (index,) = _flow_id(words), _numbers(words[1:2], "index")
    service, patch = call.runtime.get(QueuesService), call.option("patch")
    step_id, slot = _step(call, flow_id, PATCHES if patch is not None else PROMPTS)
    if patch is not None:
        queue, changed = service.update_patch(call.principal, flow_id, step_id, index, patch_of(patch))
    elif slot == PATCHES:
        raise InvalidInput(WRONG_KIND)
    else:
        queue, changed = service.update(call.principal, flow_id, step_id, index, " ".join(words[2:]))
    yield Success(display.updated(queue, index, changed)["message"])


def _move(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id, (start, end) = _flow_id(words), _numbers(words[1:], "from", "to")
    step_id, slot = _step(call, flow_id)
    call.runtime.get(QueuesService).move(call.principal, flow_id, step_id, start, end, slot)
    yield Success(f"Moved item from index {start} to {end}.")


def _mode(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id = _flow_id(words)
    if len(words) < 2:
        raise InvalidInput("A mode is required: drain, loop or static.")
    step_id, _slot = _step(call, flow_id)
    queue = call.runtime.get(QueuesService).set_mode(call.principal, flow_id, step_id, words[1])
    yield Success(f"Queue mode set to {queue.mode}.")


def _validate(call: Invocation, words: list[str]) -> Iterator[Event]:
    flow_id, text = _flow_id(words), " ".join(words[1:])
    step_id, slot = _step(call, flow_id, PROMPTS)
    if slot == PATCHES:
        raise InvalidInput(WRONG_KIND)
    found = call.runtime.get(QueuesService).validate(call.principal, flow_id, step_id, text)
    if call.format == "json":
        yield Line(pretty({"verdict": "duplicate" if found.duplicate else "clear", **_about(found)}))
    elif found.duplicate:
        yield Failure(found.reason)
    else:
        yield Success("No duplicate found.")


def _about(found: Verdict) -> Document:
    return found.document() if found.duplicate else {}


def _step(call: Invocation, flow_id: int, slot: str | None = None) -> tuple[str, str]:
    """The step that is meant and the slot it uses: the one of ``--step``, else the only one of its kind.

    Without ``slot`` the AI step is meant, and a fetch step where there is none.
    """
    steps = call.runtime.get(QueuesService).steps(call.principal, flow_id)
    named = call.option("step")
    if named is not None:
        # What is no step of the flow, the service refuses.
        kinds = {str(step["flow_step_id"]): _slot_of(step) for step in steps}
        return named, kinds.get(named, PROMPTS)
    found = _of_slot(steps, slot or PROMPTS)
    if not found and slot != PATCHES:
        found = _of_slot(steps, PATCHES)
    if not found:
        raise InvalidInput(f"Flow {flow_id} has no queueable steps.")
    if len(found) > 1:
        names = ", ".join(str(step["flow_step_id"]) for step in found)
        raise InvalidInput(f"Flow {flow_id} has multiple queueable steps. Use --step: {names}")
    return str(found[0]["flow_step_id"]), _slot_of(found[0])


def _slot_of(step: Document) -> str:
    return PATCHES if step_config.is_fetch(step) else PROMPTS


def _of_slot(steps: Sequence[Document], slot: str) -> list[Document]:
    return [step for step in steps if _slot_of(step) == slot]


def _flow_id(words: Sequence[str]) -> int:
    return required_id(words[0] if words else None, f"Flow ID is required. {USAGE}")


def _numbers(words: Sequence[str], *names: str) -> list[int]:
    if len(words) < len(names) or not all(word.isdecimal() for word in words[: len(names)]):
        raise InvalidInput(f"Give {' and '.join(names)} as numbers from 0.")
    return [leading_int(word) for word in words[: len(names)]]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else php_json.dumps(value, unicode=True, slashes=False)


_VERBS: dict[str, Callable[[Invocation, list[str]], Iterator[Event]]] = {
    "add": _add,
    "list": _list,
    "clear": _clear,
    "remove": _remove,
    "update": _update,
    "move": _move,
    "mode": _mode,
    "validate": _validate,
}
