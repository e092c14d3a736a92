"""``jobs delete`` and ``jobs cleanup``."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.jobs.deletion import duration
from sidecar.commands.events import Event, Exit, Line, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.jobs import GROUP
from sidecar.commands.progress import bar
from sidecar.commands.synopsis import Assoc, Flag
from sidecar.errors import InvalidInput


@GROUP.command(
    "delete",
    "Delete all jobs, or the failed ones.",
    Assoc("type", "Which jobs: all, or those that failed.", options=("all", "failed")),
    Flag("cleanup-processed", "Also forget what they processed."),
    Flag("yes", "Do not ask."),
    details=(
        "Jobs that have not ended are cancelled first.\n"
        "With --cleanup-processed their flows take the same items in again."
    ),
)
def delete(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line."""
    kind = call.option("type")
    if kind is None:
        raise InvalidInput("Required: --type=<all|failed>")
    service = call.runtime.get(JobRoom).deletion
    count = service.how_many(call.principal, kind)
    if not count:
        yield Success("There are no jobs to delete.")
        return
    what = "failed jobs" if kind == "failed" else "jobs, running ones too"
    if not call.flag("yes") and not call.terminal.confirm(f"Delete {count} {what}?"):
        yield Exit(0)
        return
    forget = call.flag("cleanup-processed")
    with bar(call, "Deleting jobs", count) as progress:
        done = service.delete(call.principal, kind, cleanup_processed=forget, progress=progress)
    yield Success(f"Deleted {done.jobs} job(s).")
    if call.flag("cleanup-processed"):
        yield Line(f"Processed items forgotten: {done.processed_items}")


@GROUP.command(
    "cleanup",
    "Delete old jobs that have ended.",
    Assoc("older-than", "How old: 30d, 12h, 2w.", value="duration", default="30d"),
    Assoc("status", "Only jobs whose status begins so.", default="failed"),
    Flag("dry-run", "Only say how many there are."),
    Flag("yes", "Do not ask."),
)
def cleanup(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line."""
    age, status = call.option("older-than", "30d") or "30d", call.option("status", "failed") or "failed"
    seconds = duration(age)
    service = call.runtime.get(JobRoom).deletion
    count = service.old(call.principal, status, seconds)
    if not count:
        yield Success(f'No "{status}" jobs older than {age} found. Nothing to clean up.')
        return
    if call.flag("dry-run"):
        yield Line(f'Would delete {count} "{status}" job(s) older than {age}.')
        return
    question = f'Delete {count} "{status}" job(s) older than {age}?'
    if not call.flag("yes") and not call.terminal.confirm(question):
        yield Exit(0)
        return
    with bar(call, "Deleting jobs", count) as progress:
        done = service.delete_old(call.principal, status, seconds, progress=progress)
    yield Success(f'Deleted {done.jobs} "{status}" job(s) older than {age}.')
