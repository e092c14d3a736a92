"""``flows``: a leaf whose first word is the verb; also ``flow``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from sidecar.automation import FlowsService
from sidecar.automation.flows.service import FlowSummary
from sidecar.automation.values import Flow, StepConfig
from sidecar.commands import flows_queue, flows_steps
from sidecar.commands.agent_option import agent_id
from sidecar.commands.attached_files import attached_files
from sidecar.commands.drain import drain
from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.pages import page_line
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import FIELDS, Assoc, Flag, Positional, format_option, leaf
from sidecar.display import SiteDates, flows, next_runs
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput, NotFound

COLUMNS = [
    "id", "name", "pipeline_id", "handlers", "config", "schedule", "max_items", "status", "next_run",
]  # fmt: skip
NONE_FOUND = "No flows found matching your criteria."
#: Verbs of Data Machine that this version does not have; any other word lists.
LATER = {"update", "delete", "pause", "resume", "webhook"}
MOST_RUNS = 10


@leaf(
    "flows",
    "List, show, create and run flows.",
    Positional(
        "args",
        "list [<pipeline_id>], get <id>, create, run <id>, memory-files <id>.",
        optional=True,
        repeating=True,
    ),
    Assoc("handler", "Only flows that use this handler.", value="slug"),
    Assoc("per_page", "How many.", value="number", default="20"),
    Assoc("offset", "How many to leave out first.", value="number", default="0"),
    Assoc("id", "Only this flow.", value="flow_id"),
    format_option(),
    FIELDS,
    Assoc("count", "How many runs to start, 1 to 10.", value="number", default="1"),
    Assoc("pipeline_id", "The pipeline of the new flow.", value="id"),
    Assoc("name", "Name of the new flow."),
    Assoc(
        "step_configs", "Settings of the new flow's steps, by step type or pipeline step id.", value="json"
    ),
    Assoc("scheduling", "When the new flow runs.", value="interval", default="manual"),
    Assoc("agent", "Only flows of this agent.", value="slug_or_id"),
    Assoc("add", "A memory file to attach.", value="filename"),
    Assoc("remove", "An attached memory file to take away.", value="filename"),
    *flows_queue.ASSOCS,
    *flows_steps.ASSOCS,
    Assoc("pipeline", "Only flows of this pipeline.", value="id"),
    Flag("drain", "Wait until the run has ended (the default); --no-drain returns at once."),
    Flag("dry-run", "Say what would be created or changed."),
    *flows_queue.FLAGS,
    *flows_steps.FLAGS,
    Flag("yes", "Do not ask."),
    aliases=("flow",),
    details=(
        "flows list [<pipeline_id>]  list flows (also: flows, flows <pipeline_id>)\n"
        "flows get <id>              show one flow (also: flows show <id>)\n"
        "flows create                make a flow of --pipeline_id, called --name\n"
        "flows run <id>              start a run, and wait for its end\n"
        "flows memory-files <id>     list the memory files of its prompts; --add, --remove\n"
        + flows_queue.DETAILS
        + "\n"
        + flows_steps.DETAILS
    ),
)
def COMMAND(call: Invocation) -> Iterator[Event]:
    """Routed by the first word."""
    verb = call.argument(0, "list") or "list"
    if verb in ("get", "show"):
        yield from _get(call)
    elif verb == "create":
        yield from _create(call)
    elif verb == "run":
        yield from _run(call)
    elif verb == "memory-files":
        yield from attached_files(call, "flow")
    elif verb == "queue":
        yield from flows_queue.queue(call)
    elif verb in flows_steps.VERBS:
        yield from flows_steps.VERBS[verb](call)
    elif verb in LATER:
        raise InvalidInput(f"'flows {verb}' is not available in this version.")
    else:
        yield from _list(call)


def _list(call: Invocation) -> Iterator[Event]:
    words = [word for word in call.args if word != "list"]
    limit, offset = max(1, call.integer("per_page", 20)), max(0, call.integer("offset", 0))
    found, total = call.runtime.get(FlowsService).find(
        call.principal,
        flow_id=call.integer("id", 0) or None,
        # A first word that is no number is 0, and 0 is no filter.
        pipeline_id=(leading_int(words[0]) if words else call.integer("pipeline_id", 0)) or None,
        agent_id=agent_id(call),
        handler_slug=call.option("handler"),
        limit=limit,
        offset=offset,
    )
    if not found:
        yield Notice(NONE_FOUND)
        return
    due = next_runs.of_flows(call.runtime.db, [each.flow.flow_id for each in found], call.blog_id)
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    rows = [_row(each, dates.show(due.get(each.flow.flow_id))) for each in found]
    yield from listing(rows, call.fields(COLUMNS), call.format, "id")
    if call.format == "table":
        yield Line(page_line(offset, len(found), total, "flows"))


def _row(summary: FlowSummary, next_run: str) -> dict[str, Any]:
    flow = summary.flow
    return {
        "id": flow.flow_id,
        "name": flow.flow_name,
        "pipeline_id": flow.pipeline_id,
        "handlers": flows.handler_names(flow),
        "config": flows.sources(flow),
        "schedule": flows.schedule(flow),
        "max_items": flows.max_items(flow),
        "status": summary.last_run_status or "Never",
        "next_run": next_run,
    }


def _get(call: Invocation) -> Iterator[Event]:
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows get <id>")
    try:
        summary = call.runtime.get(FlowsService).get(call.principal, number)
    except NotFound:
        # Data Machine filters its list by the id, and an empty list is no error.
        yield Notice(NONE_FOUND)
        return
    flow = summary.flow
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    due = next_runs.of_flows(call.runtime.db, [number], call.blog_id).get(number)
    if call.format == "json":
        yield Line(pretty(_json(summary, due, dates)))
        return
    yield Line(f"Flow ID:      {flow.flow_id}")
    yield Line(f"Name:         {flow.flow_name}")
    yield Line(f"Pipeline ID:  {flow.pipeline_id}")
    yield Line(f"Scheduling:   {flows.schedule(flow)}")
    if not flow.enabled:
        yield Line("Status:       PAUSED")
    yield Line(f"Last run:     {dates.show(summary.last_run)}")
    yield Line(f"Next run:     {dates.show(due)}")
    yield Line(f"Running:      {'Yes' if summary.is_running else 'No'}")
    yield Line()
    yield Line("Steps:")
    yield Table(
        [flows.step_row(step) for step in flow.steps()],
        ["step_id", "order", "step_type", "handler", "config"],
    )


def _json(summary: FlowSummary, due: str | None, dates: SiteDates) -> dict[str, Any]:
    flow = summary.flow
    return {
        "flow_id": flow.flow_id,
        "flow_name": flow.flow_name,
        "pipeline_id": flow.pipeline_id,
        "flow_config": flow.flow_config,
        "scheduling_config": flow.scheduling_config,
        "enabled": flow.enabled,
        "last_run": summary.last_run,
        "last_run_status": summary.last_run_status,
        "last_run_display": dates.show(summary.last_run),
        "is_running": summary.is_running,
        "next_run": due,
        "next_run_display": dates.show(due),
    }


def _create(call: Invocation) -> Iterator[Event]:
    pipeline_id = call.integer("pipeline_id", 0)
    name = call.option("name")
    if pipeline_id <= 0 or name is None:
        raise InvalidInput("Required: --pipeline_id=<id> --name=<name>")
    configs = _step_configs(call.option("step_configs"))
    interval = call.option("scheduling", "manual") or "manual"
    if call.flag("dry-run"):
        yield Success("Validation passed.")
        yield Line(f'Would create: "{name}" on pipeline {pipeline_id} (scheduling: {interval})')
        return
    flow = call.runtime.get(FlowsService).create(
        call.principal,
        pipeline_id,
        name,
        step_configs=configs,
        scheduling={"interval": interval},
        agent_id=agent_id(call),
    )
    yield Success(f"Flow created: ID {flow.flow_id}")
    yield Line(f"Name: {flow.flow_name}")
    yield Line(f"Pipeline ID: {flow.pipeline_id}")
    yield Line(f"Synced steps: {len(flow.steps())}")
    configured = [
        str(step["flow_step_id"])
        for step in flow.steps()
        if step["step_type"] in configs or step.get("pipeline_step_id") in configs
    ]
    if configured:
        yield Line(f"Configured steps: {', '.join(configured)}")
    if call.format == "json":
        yield Line(pretty(as_row(flow)))


def _step_configs(text: str | None) -> dict[str, StepConfig]:
    if text is None:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, StepConfig])
    except msgspec.ValidationError as error:
        raise InvalidInput(f"Invalid --step_configs: {error}") from None
    except msgspec.DecodeError:
        raise InvalidInput("Invalid JSON in --step_configs") from None


def as_row(flow: Flow) -> dict[str, Any]:
    """A flow as PHP's database layer returns it, with the documents decoded."""
    return {
        "flow_id": str(flow.flow_id),
        "pipeline_id": str(flow.pipeline_id),
        "user_id": str(flow.user_id),
        "agent_id": None if flow.agent_id is None else str(flow.agent_id),
        "flow_name": flow.flow_name,
        "portable_slug": flow.portable_slug,
        "flow_config": flow.flow_config,
        "scheduling_config": flow.scheduling_config,
    }


def _run(call: Invocation) -> Iterator[Event]:
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows run <id>")
    count = call.integer("count", 1)
    if not 1 <= count <= MOST_RUNS:
        raise InvalidInput(f"Count must be between 1 and {MOST_RUNS}.")
    service = call.runtime.get(FlowsService)
    started = [service.run(call.principal, number).job_id]
    if count == 1:
        yield Success(f"Flow {number} execution started.")
        yield Line(f"Job ID: {started[0]}")
    else:
        started += [service.run(call.principal, number).job_id for _ in range(count - 1)]
        yield Success(f"Flow {number}: {len(started)}/{count} runs started.")
        yield Line(f"Job IDs: {', '.join(map(str, started))}")
    if not call.flag("drain", default=True):
        return
    running = drain(call.runtime, call.principal, started)
    yield Line("Drained due Data Machine step actions.")
    for job_id in running:
        yield Notice(f"Job {job_id} is still running; the workers go on with it.")
