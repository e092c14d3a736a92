"""``jobs``: ending, repeating and undoing."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.automation.jobs import undo as undoing
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.jobs.undo import Undone
from sidecar.commands.events import Event, Exit, Line, Notice, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.jobs import GROUP, JOB, job_number
from sidecar.commands.synopsis import Assoc, Flag, Positional
from sidecar.errors import InvalidInput


@GROUP.command(
    "fail",
    "End a job that is processing as failed.",
    JOB,
    Assoc("reason", "Why.", default="manual"),
)
def fail(call: Invocation) -> Iterator[Event]:
    """One line."""
    job_id = job_number(call.argument(0))
    reason = call.option("reason", "manual") or "manual"
    done = _room(call).endings.fail(call.principal, job_id, reason)
    yield Success(f"Job {job_id} marked as {done.status}.")
    if done.prompt_requeued:
        yield Line("Its prompt went back to the queue.")


@GROUP.command(
    "cancel",
    "End an unfinished job and its children; nothing more of it runs.",
    JOB,
    Assoc("reason", "Why."),
)
def cancel(call: Invocation) -> Iterator[Event]:
    """One line."""
    job_id = job_number(call.argument(0))
    done = _room(call).endings.cancel(call.principal, job_id, call.option("reason", "") or "")
    children = f" with {done.children} of its children" if done.children else ""
    yield Success(f"Job {job_id} cancelled{children}.")


@GROUP.command(
    "retry",
    "Start a new job where this one stopped.",
    JOB,
    Flag("force", "Also one that ended well, runs, or was retried already."),
    details=(
        "The new job has the packets and the data the old one had, and begins with the step that failed.\n"
        "The old job stays as it is; one that is processing, and that nobody works on, fails first.\n"
        "Of a job that fanned out, the children that did not end well are retried."
    ),
)
def retry(call: Invocation) -> Iterator[Event]:
    """Which job goes on."""
    job_id = job_number(call.argument(0))
    done = _room(call).retrying.retry(call.principal, job_id, force=call.flag("force"))
    yield Success(done.message)
    yield Line(f"Previous status: {done.previous_status}")
    if done.step:
        yield Line(f"Begins with: {done.step}")
    if done.prompt_requeued:
        yield Line("Its prompt went back to the queue.")


@GROUP.command(
    "recover-stuck",
    "End jobs that nothing will ever go on with.",
    Assoc("flow", "Only jobs of this flow.", value="flow_id"),
    Assoc("timeout", "Hours after which a job counts as stuck.", value="hours", default="2"),
    Flag("dry-run", "Only say what would be done."),
    details="Jobs that somebody works on, that are due, or that wait for something, are left alone.",
)
def recover_stuck(call: Invocation) -> Iterator[Event]:
    """A line a job, then how many."""
    found = _room(call).recovery.recover(
        call.principal,
        timeout_hours=call.integer("timeout", 2),
        flow_id=call.integer("flow", 0) or None,
        dry_run=call.flag("dry-run"),
    )
    for job in found["jobs"]:
        yield Line(f"Job {job['job_id']} (flow {job['flow_id'] or '-'}): {job['status']}. {job['reason']}")
    if not found["jobs"] and not found["skipped"]:
        yield Success("No stuck jobs found.")
        return
    yield Success(found["message"])


@GROUP.command(
    "undo",
    "Take back what a job changed in WordPress.",
    Positional("job_id", "The job's id.", optional=True),
    Assoc("task-type", "Undo every job of this task instead.", value="type"),
    Flag("dry-run", "Only say what would be undone."),
    Flag("force", "Also what was undone already."),
    details="Only effects that the job wrote down of itself, the last one first.",
)
def undo(call: Invocation) -> Iterator[Event]:
    """A line an effect, then how many."""
    service, task = _room(call).undo, call.option("task-type")
    dry_run, force = call.flag("dry-run"), call.flag("force")
    named = call.argument(0)
    if named is None and task is None:
        raise InvalidInput("Name a job, or a task with --task-type=<type>.")
    if named is not None:
        found = service.undo(call.principal, job_number(named), dry_run=dry_run, force=force)
    else:
        found = service.undo_task(call.principal, task or "", dry_run=dry_run, force=force)
    if not found:
        yield Notice("There is nothing to undo.")
        return
    for each in found:
        yield Line(_undone(each, dry_run))
    answer = undoing.answer(found, dry_run)
    if answer["success"]:
        yield Success(answer["message"])
        return
    yield Notice(answer["message"])
    yield Exit(1)


def _undone(each: Undone, dry_run: bool) -> str:
    target = ", ".join(f"{name} {value}" for name, value in each.target.items())
    said = "would be undone" if dry_run else f"{each.status}: {each.message}"
    return f"Job {each.job_id}: {each.type} ({target}) {said}"


def _room(call: Invocation) -> JobRoom:
    return call.runtime.get(JobRoom)
