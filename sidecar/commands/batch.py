"""``batch``: jobs that fanned out into children."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.repositories.job_reports import Batch
from sidecar.commands.events import Event, Line, Success
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import Assoc, Group, Positional, format_option
from sidecar.display import SiteDates

GROUP = Group("batch", "Jobs that fanned out into children: list, show, cancel.")
COLUMNS = ["id", "label", "status", "children", "completed", "failed", "active", "created"]
_BATCH = Positional("batch_id", "The id of the batch's parent job.")
_NUMBER = "Batch ID must be a positive integer."
_ACTIVE = ("pending", "processing", "waiting")
MOST = 100


@GROUP.command(
    "list",
    "List batches, newest first.",
    Assoc("status", "Only batches whose status begins so."),
    format_option(),
)
def list_batches(call: Invocation) -> Iterator[Event]:
    """A row a batch."""
    found = call.runtime.get(JobRoom).batches.find(call.principal, status=call.option("status"), limit=MOST)
    rows = [_row(batch) for batch in found]
    yield from listing(rows, COLUMNS, call.format, "id", "No batches found.")


def _row(batch: Batch) -> dict[str, Any]:
    job, children = batch.job, batch.children
    return {
        "id": job.job_id,
        "label": job.label or "-",
        "status": job.status,
        "children": batch.total,
        "completed": children.get("completed", 0),
        "failed": children.get("failed", 0),
        "active": sum(children.get(word, 0) for word in _ACTIVE),
        "created": job.created_at,
    }


@GROUP.command("status", "Show one batch.", _BATCH, format_option("table", "json"))
def status(call: Invocation) -> Iterator[Event]:
    """Lines about it."""
    batch_id = required_id(call.argument(0), _NUMBER)
    found = call.runtime.get(JobRoom).batches.get(call.principal, batch_id)
    if call.format == "json":
        yield Line(pretty(found))
        return
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    yield Line(f"Batch ID:   {found['batch_id']}")
    yield Line(f"Label:      {found['label'] or '-'}")
    yield Line(f"Status:     {found['status']}")
    yield Line(f"Items:      {found['scheduled']} of {found['total']} scheduled")
    for word, count in found["children"].items():
        yield Line(f"  {word}: {count}")
    yield Line(f"Created:    {dates.show(found['created_at'])}")
    yield Line(f"Completed:  {dates.show(found['completed_at'], '-')}")


@GROUP.command("cancel", "Cancel a batch and its unfinished children.", _BATCH)
def cancel(call: Invocation) -> Iterator[Event]:
    """One line."""
    batch_id = required_id(call.argument(0), _NUMBER)
    room = call.runtime.get(JobRoom)
    room.batches.get(call.principal, batch_id)
    done = room.endings.cancel(call.principal, batch_id)
    yield Success(f"Batch {batch_id} cancelled with {done.children} of its children.")
