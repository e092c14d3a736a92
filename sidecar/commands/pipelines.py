"""``pipelines``: a leaf whose first word is the verb; also ``pipeline``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from sidecar.automation import PipelinesService
from sidecar.automation.pipelines import documents
from sidecar.automation.pipelines.abilities import made
from sidecar.automation.pipelines.creation import PipelineCreated
from sidecar.automation.pipelines.service import PipelineDetail
from sidecar.automation.values import NewPipelineStep
from sidecar.commands import pipelines_change
from sidecar.commands.agent_option import agent_id
from sidecar.commands.attached_files import attached_files
from sidecar.commands.events import Event, Line, Success, Table
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.pages import page_line
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import FIELDS, Assoc, Flag, Positional, format_option, leaf
from sidecar.db import php_json
from sidecar.display import SiteDates, flows, pipelines
from sidecar.errors import InvalidInput

COLUMNS = ["id", "name", "steps", "step_types", "flows", "location", "updated"]
#: Rows of one page.
MOST = 100


@leaf(
    "pipelines",
    "List, show, create, change and delete pipelines.",
    Positional(
        "args",
        "list, get <id>, create, update <id>, delete <id>, duplicate <id>, export [<id>...], import <file>, "
        "memory-files <id>.",
        optional=True,
        repeating=True,
    ),
    Assoc("per_page", "How many.", value="number", default="20"),
    Assoc("offset", "How many to leave out first.", value="number", default="0"),
    format_option(),
    FIELDS,
    Assoc("search", "Only pipelines whose name holds this."),
    Assoc("name", "Name of the new pipeline, or the new name."),
    Assoc("steps", 'Steps of the new pipeline: [{"step_type": "fetch"}, ...].', value="json"),
    Assoc(
        "config",
        'New settings of steps, by step id: {"3_...": {"system_prompt": "...", "disabled_tools": []}}.',
        value="json",
    ),
    Assoc("set-system-prompt", "New system prompt of the only AI step, or of --step.", value="text"),
    Assoc("step", "The step that --set-system-prompt is for.", value="pipeline_step_id"),
    Assoc("agent", "Only pipelines of this agent; the agent of the new pipeline.", value="slug_or_id"),
    Assoc("add", "A memory file to attach.", value="filename"),
    Assoc("remove", "An attached memory file to take away.", value="filename"),
    Flag("force", "Do not ask before deleting."),
    Flag("dry-run", "Say what would be created."),
    aliases=("pipeline",),
    details=(
        "pipelines list               list pipelines (also: pipelines)\n"
        "pipelines get <id>           show one (also: pipelines <id>)\n"
        "pipelines create             make a pipeline called --name, with --steps\n"
        "pipelines update <id>        change --name, --config, --set-system-prompt\n"
        "pipelines delete <id>        remove it with its flows; --force does not ask\n"
        "pipelines duplicate <id>     copy it with its flows, as --name\n"
        "pipelines export [<id>...]   print a CSV file of some or all, without secrets\n"
        "pipelines import <file>      make or change what a CSV file describes (- reads standard input)\n"
        "pipelines memory-files <id>  list the memory files of its prompts; --add, --remove"
    ),
)
def COMMAND(call: Invocation) -> Iterator[Event]:
    """Routed by the first word; a number is a pipeline."""
    verb = call.argument(0, "list") or "list"
    handler = VERBS.get(verb)
    if handler is not None:
        yield from handler(call)
    elif verb.isascii() and verb.isdigit():
        yield from _get(call, verb)
    else:
        yield from _list(call)


def _list(call: Invocation) -> Iterator[Event]:
    limit = min(MOST, max(1, call.integer("per_page", 20)))
    offset = max(0, call.integer("offset", 0))
    found, total = call.runtime.get(PipelinesService).find(
        call.principal,
        search=call.option("search"),
        agent_id=agent_id(call),
        limit=limit,
        offset=offset,
    )
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    rows = [_row(each, dates) for each in found]
    yield from listing(rows, call.fields(COLUMNS), call.format, "id", "No pipelines found.")
    if found and call.format == "table":
        yield Line(page_line(offset, len(found), total, "pipelines"))


def _row(detail: PipelineDetail, dates: SiteDates) -> dict[str, Any]:
    pipeline = detail.pipeline
    return {
        "id": str(pipeline.pipeline_id),
        "name": pipeline.pipeline_name,
        "steps": len(pipeline.steps()),
        "step_types": flows.step_types(pipeline),
        "flows": len(detail.flows),
        "location": pipelines.location(detail.flows) or flows.NOTHING,
        "updated": dates.show(pipeline.updated_at),
    }


def _get(call: Invocation, named: str | None) -> Iterator[Event]:
    number = required_id(named, "Pipeline ID is required. Usage: datamachine pipelines get <id>")
    detail = call.runtime.get(PipelinesService).get(call.principal, number)
    pipeline = detail.pipeline
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    if call.format == "json":
        whole = {
            "success": True,
            "pipeline": documents.shown(pipeline, dates) | {"flow_count": len(detail.flows)},
            "flows": [documents.flow_row(flow) for flow in detail.flows],
        }
        yield Line(php_json.dumps(whole))
        return
    yield Line(f"Pipeline ID: {pipeline.pipeline_id}")
    yield Line(f"Name: {pipeline.pipeline_name}")
    yield Line(f"Created: {dates.show(pipeline.created_at)}")
    yield Line(f"Updated: {dates.show(pipeline.updated_at)}")
    yield Line()
    yield Line("Steps:")
    steps = [
        {
            "Order": step.get("execution_order", 0),
            "Step Type": step["step_type"],
            "Label": step.get("label", ""),
        }
        for step in pipeline.steps()
    ]
    yield Table(steps, ["Order", "Step Type", "Label"])
    yield Line()
    if not detail.flows:
        yield Line("Flows: None")
        return
    yield Line(f"Flows ({len(detail.flows)}):")
    rows = [
        {"Flow ID": flow.flow_id, "Flow Name": flow.flow_name, "Interval": flows.schedule(flow)}
        for flow in detail.flows
    ]
    yield Table(rows, ["Flow ID", "Flow Name", "Interval"])


def _create(call: Invocation) -> Iterator[Event]:
    steps = _steps(call.option("steps"))
    name = call.option("name")
    if name is None:
        raise InvalidInput("Required: --name=<name>")
    service, agent = call.runtime.get(PipelinesService), agent_id(call)
    if call.flag("dry-run"):
        service.check(call.principal, name, steps, agent_id=agent)
        yield Success("Validation passed.")
        yield Line(f'Would create: "{name}" with {len(steps)} step(s)')
        return
    pipeline = service.create(call.principal, name, steps, agent_id=agent)
    yield Success(f"Pipeline created: ID {pipeline.pipeline_id}")
    yield Line(f"Name: {pipeline.pipeline_name}")
    yield Line(f"Steps created: {len(pipeline.steps())}")
    if call.format == "json":
        yield Line(pretty({"success": True, **made(PipelineCreated(pipeline, None))}))


def _steps(text: str | None) -> list[NewPipelineStep]:
    if text is None:
        return []
    try:
        return msgspec.json.decode(text, type=list[NewPipelineStep])
    except msgspec.ValidationError as error:
        raise InvalidInput(f"Invalid --steps: {error}") from None
    except msgspec.DecodeError:
        raise InvalidInput("Invalid JSON in --steps") from None


def _memory_files(call: Invocation) -> Iterator[Event]:
    return attached_files(call, "pipeline")


#: By the first word.
VERBS: dict[str, Callable[[Invocation], Iterator[Event]]] = {
    "get": lambda call: _get(call, call.argument(1)),
    "show": lambda call: _get(call, call.argument(1)),
    "create": _create,
    "update": pipelines_change.update,
    "delete": pipelines_change.delete,
    "duplicate": pipelines_change.duplicate,
    "export": pipelines_change.export,
    "import": pipelines_change.load,
    "memory-files": _memory_files,
}
