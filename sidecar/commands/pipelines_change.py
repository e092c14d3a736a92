"""``pipelines``: changing, deleting, copying, exporting and importing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sidecar.automation import PipelinesService
from sidecar.automation.pipelines.copying import PipelineCopying
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.pipelines.exporting import PipelineExport
from sidecar.automation.pipelines.importing import PipelineImport
from sidecar.automation.pipelines.steps import PipelineSteps, StepChanges
from sidecar.commands.agent_option import agent_id
from sidecar.commands.events import Event, Exit, Line, Notice, Success, Text
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.db import php_json
from sidecar.errors import InvalidInput, SidecarError

#: What --config may say about a step.
FIELDS = ("system_prompt", "disabled_tools", "tool_categories")


def update(call: Invocation) -> Iterator[Event]:
    """A line a change, then whether anything was changed; a step that cannot be changed is a warning.

    One that fails makes the exit code 1, after everything else was done.
    """
    usage = "Usage: datamachine pipelines update <pipeline_id> [--name=<name>] [--config=<json>]"
    number = required_id(call.argument(1), usage)
    name, config, prompt = (call.option(each) for each in ("name", "config", "set-system-prompt"))
    # An empty text takes the prompt away.
    prompt = "" if call.assoc.get("set-system-prompt") == "" else prompt
    if name is None and config is None and prompt is None:
        raise InvalidInput("Must provide --name, --config, and/or --set-system-prompt to update")
    changes = _changes(call, number, config, prompt)
    answer: dict[str, Any] = {"success": True, "pipeline_id": number}
    if name is not None:
        renamed = call.runtime.get(PipelinesService).rename(call.principal, number, name)
        answer["pipeline_name"] = renamed.pipeline_name
        yield Line(f"Name: {renamed.pipeline_name}")
    done, failed = name is not None, False
    results: dict[str, Any] = {}
    for step_id, change in changes.items():
        try:
            fields = call.runtime.get(PipelineSteps).update(call.principal, step_id, change)
        except SidecarError as error:
            if error.code == "rest_forbidden" or error.status >= 500:
                raise
            failed = True
            results[step_id] = {"success": False, "error": error.message}
            yield Notice(f"Failed to update step {step_id}: {error.message}")
            continue
        done = True
        results[step_id] = {"success": True, "pipeline_step_id": step_id, "updated_fields": fields}
        if config is None:
            yield Line(f"System prompt updated for step: {step_id}")
        else:
            yield Line(f"Updated step {step_id}: {', '.join(fields)}")
    if done:
        yield Success(f"Pipeline {number} updated.")
    else:
        yield Notice("No changes were made")
    if call.format == "json":
        yield Line(pretty(answer | {"success": done} | ({"step_results": results} if results else {})))
    if failed:
        yield Exit(1)


def delete(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line, or with --format=json what is gone."""
    usage = "Usage: datamachine pipelines delete <pipeline_id> [--force]"
    number = required_id(call.argument(1), usage)
    detail = call.runtime.get(PipelinesService).get(call.principal, number)
    name, count = detail.pipeline.pipeline_name, len(detail.flows)
    question = f'Delete pipeline "{name}" (ID: {number}) and its {count} flow(s)?'
    if not call.flag("force") and not call.terminal.confirm(question):
        yield Exit(0)
        return
    gone = call.runtime.get(PipelineDeletion).delete(call.principal, number)
    yield Success(f"Pipeline {number} deleted.")
    yield Line(f"Deleted flows: {gone.flows}")
    if call.format == "json":
        answer = {
            "success": True,
            "pipeline_id": gone.pipeline_id,
            "pipeline_name": gone.pipeline_name,
            "deleted_flows": gone.flows,
            "message": gone.message,
        }
        yield Line(pretty(answer))


def duplicate(call: Invocation) -> Iterator[Event]:
    """The copy's id, name and how many flows it has."""
    number = required_id(
        call.argument(1), "Usage: datamachine pipelines duplicate <pipeline_id> [--name=<name>]"
    )
    done = call.runtime.get(PipelineCopying).copy(
        call.principal, number, call.option("name"), agent_id=agent_id(call)
    )
    yield Success(f"Pipeline {number} copied: ID {done.pipeline.pipeline_id}")
    yield Line(f"Name: {done.pipeline.pipeline_name}")
    yield Line(f"Flows created: {done.flows}")


def export(call: Invocation) -> Iterator[Event]:
    """The file on standard output."""
    ids = [required_id(each, f"Not the id of a pipeline: {each}") for each in call.args[1:]]
    text, _count = call.runtime.get(PipelineExport).csv(call.principal, ids)
    yield Text(text)


def load(call: Invocation) -> Iterator[Event]:
    """One line; which pipelines they are with --format=ids or json."""
    path = call.argument(1)
    if not path:
        raise InvalidInput("Usage: datamachine pipelines import <file> [--agent=<slug_or_id>]")
    text = call.terminal.read_stdin() if path == "-" else call.terminal.read_file(path)
    done = call.runtime.get(PipelineImport).csv(call.principal, text, agent_id=agent_id(call))
    count = len(done.pipeline_ids)
    if call.format == "ids":
        for each in done.pipeline_ids:
            yield Line(str(each))
        return
    if call.format == "json":
        answer = {"success": True, "imported": done.pipeline_ids, "created": done.created, "count": count}
        yield Line(pretty(answer))
        return
    yield Success(f"Successfully imported {count} pipeline(s)")
    if done.created:
        yield Line(f"New: {', '.join(str(each) for each in done.created)}")
        yield Line("New flows that have a schedule are paused: datamachine flows resume <id>")


def _changes(call: Invocation, number: int, config: str | None, prompt: str | None) -> dict[str, StepChanges]:
    """What is to change by step id; everything that can be wrong with the options is found here."""
    changes: dict[str, dict[str, Any]] = {}
    if config is not None:
        for step_id, given in _decoded(config).items():
            if not isinstance(given, Mapping):
                raise InvalidInput(f"--config: {step_id} is not an object")
            unknown = [name for name in given if name not in FIELDS]
            if unknown:
                raise InvalidInput(f"--config: {step_id} has no setting {unknown[0]}")
            if not step_id.startswith(f"{number}_"):
                raise InvalidInput(f"--config: {step_id} is not a step of pipeline {number}")
            changes[step_id] = dict(given)
    if prompt is not None:
        step_id = call.option("step") or _only_ai_step(call, number)
        if not step_id.startswith(f"{number}_"):
            raise InvalidInput(f"{step_id} is not a step of pipeline {number}")
        changes.setdefault(step_id, {})["system_prompt"] = prompt
    return {step_id: _change(step_id, given) for step_id, given in changes.items()}


def _change(step_id: str, given: Mapping[str, Any]) -> StepChanges:
    prompt = given.get("system_prompt")
    lists = {name: given[name] for name in FIELDS[1:] if given.get(name) is not None}
    if not (prompt is None or isinstance(prompt, str)) or not all(
        isinstance(value, list) for value in lists.values()
    ):
        raise InvalidInput(f"--config: {step_id} takes a text as system_prompt, and lists of names")
    return StepChanges(prompt, lists.get("disabled_tools"), lists.get("tool_categories"))


def _decoded(text: str) -> dict[str, Any]:
    try:
        found = php_json.loads(text)
    except php_json.NotJson:
        raise InvalidInput("Invalid JSON in --config") from None
    if not isinstance(found, dict) or not found:
        raise InvalidInput("--config must be a JSON object")
    return found


def _only_ai_step(call: Invocation, number: int) -> str:
    steps = [
        step
        for step in call.runtime.get(PipelineSteps).all(call.principal, number)
        if step.get("step_type") == "ai"
    ]
    if not steps:
        raise InvalidInput("Pipeline has no AI steps")
    if len(steps) > 1:
        listed = "\n".join(f"  {step['pipeline_step_id']} ({step.get('label', 'AI')})" for step in steps)
        raise InvalidInput(
            f"Pipeline has multiple AI steps. Use --step=<pipeline_step_id> to target one:\n{listed}"
        )
    return str(steps[0]["pipeline_step_id"])
