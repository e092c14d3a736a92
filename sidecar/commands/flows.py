"""``flows``: a leaf whose first word is the verb; also ``flow``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sidecar.automation import FlowsService
from sidecar.automation.files.memory_files import MemoryFiles
from sidecar.automation.flows.abilities import FlowServices
from sidecar.automation.flows.masking import masked_step
from sidecar.automation.flows.service import FlowSummary
from sidecar.commands import flows_change, flows_queue, flows_steps
from sidecar.commands.agent_option import agent_id
from sidecar.commands.attached_files import attached_files
from sidecar.commands.events import Event, Line, Notice, Table
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.pages import page_line
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import FIELDS, Assoc, Positional, format_option, leaf
from sidecar.display import SiteDates, flows
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput, NotFound

COLUMNS = [
    "id", "name", "pipeline_id", "handlers", "config", "schedule", "max_items", "status", "next_run",
]  # fmt: skip
NONE_FOUND = "No flows found matching your criteria."
#: Verbs of Data Machine that this version does not have; any other word lists.
LATER = {"webhook"}


@leaf(
    "flows",
    "List, show, create, change, schedule and run flows.",
    Positional(
        "args",
        "list [<pipeline_id>], get <id>, create, run <id>, update <id>, delete <id>, pause, resume, queue.",
        optional=True,
        repeating=True,
    ),
    Assoc("handler", "Only flows that use this handler; the handler to add or remove.", value="slug"),
    Assoc("per_page", "How many.", value="number", default="20"),
    Assoc("offset", "How many to leave out first.", value="number", default="0"),
    Assoc("id", "Only this flow.", value="flow_id"),
    format_option(),
    FIELDS,
    *flows_change.ASSOCS,
    Assoc("agent", "Only flows of this agent; the new flow's agent.", value="slug_or_id"),
    Assoc("add", "A memory file to attach.", value="filename"),
    Assoc("remove", "An attached memory file to take away.", value="filename"),
    *flows_queue.ASSOCS,
    *flows_steps.ASSOCS,
    *flows_change.FLAGS,
    *flows_queue.FLAGS,
    *flows_steps.FLAGS,
    aliases=("flow",),
    details=(
        "flows list [<pipeline_id>]  list flows (also: flows, flows <pipeline_id>)\n"
        "flows get <id>              show one flow (also: flows show <id>)\n"
        f"{flows_change.DETAILS}\n"
        "flows memory-files <id>     list the memory files of its prompts; --add, --remove\n"
        f"{flows_queue.DETAILS}\n"
        f"{flows_steps.DETAILS}"
    ),
)
def COMMAND(call: Invocation) -> Iterator[Event]:
    """Routed by the first word."""
    verb = call.argument(0, "list") or "list"
    if verb in LATER:
        raise InvalidInput(f"'flows {verb}' is not available in this version.")
    yield from _VERBS.get(verb, _list)(call)


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
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    rows = [_row(each, dates) for each in found]
    yield from listing(rows, call.fields(COLUMNS), call.format, "id", NONE_FOUND)
    if found and call.format == "table":
        yield Line(page_line(offset, len(found), total, "flows"))


def _row(summary: FlowSummary, dates: SiteDates) -> dict[str, Any]:
    flow = summary.flow
    return {
        "id": flow.flow_id,
        "name": flow.flow_name,
        "pipeline_id": flow.pipeline_id,
        "handlers": flows.handler_names(flow),
        "config": flows.sources(flow),
        "schedule": flows.schedule(flow) + ("" if flow.enabled else " (paused)"),
        "max_items": flows.max_items(flow),
        "status": summary.last_run_status or "Never",
        "next_run": dates.show(summary.next_run),
    }


def _get(call: Invocation) -> Iterator[Event]:
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows get <id>")
    services = call.runtime.get(FlowServices)
    try:
        summary = services.flows.get(call.principal, number)
    except NotFound:
        # Data Machine filters its list by the id, and an empty list is no error.
        yield Notice(NONE_FOUND)
        return
    if call.format == "json":
        yield Line(pretty(services.documents.full([summary], call.blog_id)[0]))
        return
    flow = summary.flow
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    yield Line(f"Flow ID:      {flow.flow_id}")
    yield Line(f"Name:         {flow.flow_name}")
    yield Line(f"Pipeline ID:  {flow.pipeline_id}")
    yield Line(f"Scheduling:   {flows.schedule(flow)}")
    if not flow.enabled:
        yield Line("Status:       PAUSED")
    if policy := flows.retries(flow):
        yield Line(f"Retries:      {policy}")
    yield Line(f"Last run:     {dates.show(summary.last_run)}")
    yield Line(f"Next run:     {dates.show(summary.next_run)}")
    yield Line(f"Running:      {'Yes' if summary.is_running else 'No'}")
    if "memory_files" in flow.flow_config:
        files = call.runtime.get(MemoryFiles).attached(call.principal, "flow", number)
        yield Line(f"Memory files: {', '.join(files) or flows.NOTHING}")
    yield Line()
    yield Line("Steps:")
    yield Table(
        [flows.step_row(masked_step(step)) for step in flow.steps()],
        ["step_id", "order", "step_type", "handler", "config"],
    )


def _files(call: Invocation) -> Iterator[Event]:
    yield from attached_files(call, "flow")


_VERBS: dict[str, Callable[[Invocation], Iterator[Event]]] = {
    "list": _list,
    "get": _get,
    "show": _get,
    "memory-files": _files,
    **flows_change.VERBS,
    "queue": flows_queue.queue,
    "add-handler": flows_steps.add_handler,
    "remove-handler": flows_steps.remove_handler,
    "list-handlers": flows_steps.list_handlers,
    "bulk-config": flows_steps.bulk_config,
}
