"""``jobs``: ending, repeating, cleaning up and undoing."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.events import Event
from sidecar.commands.invocation import Invocation
from sidecar.commands.jobs import GROUP
from sidecar.commands.synopsis import Assoc, Flag, Positional

_JOB = Positional("job_id", "The job's id.")


@GROUP.command(
    "fail",
    "End a job that is processing as failed.",
    _JOB,
    Assoc("reason", "Why.", default="manual"),
)
def fail(call: Invocation) -> Iterator[Event]:
    """One line."""
    raise NotImplementedError(call)


@GROUP.command(
    "cancel",
    "End an unfinished job and its children; nothing more of it runs.",
    _JOB,
    Assoc("reason", "Why."),
)
def cancel(call: Invocation) -> Iterator[Event]:
    """One line."""
    raise NotImplementedError(call)


@GROUP.command(
    "retry",
    "Start a new job where this one stopped.",
    _JOB,
    Flag("force", "Also one that ended well, runs, or was retried already."),
)
def retry(call: Invocation) -> Iterator[Event]:
    """One line."""
    raise NotImplementedError(call)


@GROUP.command(
    "recover-stuck",
    "End jobs that nothing will ever go on with.",
    Assoc("flow", "Only jobs of this flow.", value="flow_id"),
    Assoc("timeout", "Hours after which a job counts as stuck.", value="hours", default="2"),
    Flag("dry-run", "Only say what would be done."),
)
def recover_stuck(call: Invocation) -> Iterator[Event]:
    """A line a job, then how many."""
    raise NotImplementedError(call)


@GROUP.command(
    "delete",
    "Delete all jobs, or the failed ones.",
    Assoc("type", "Which.", options=("all", "failed")),
    Flag("cleanup-processed", "Also forget what they processed."),
    Flag("yes", "Do not ask."),
)
def delete(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line."""
    raise NotImplementedError(call)


@GROUP.command(
    "cleanup",
    "Delete old jobs that have ended.",
    Assoc("older-than", "How old: 30d, 12h, 2w.", value="duration", default="30d"),
    Assoc("status", "Only jobs that ended so.", default="failed"),
    Flag("dry-run", "Only say how many there are."),
    Flag("yes", "Do not ask."),
)
def cleanup(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line."""
    raise NotImplementedError(call)


@GROUP.command(
    "undo",
    "Take back what a job changed in WordPress.",
    Positional("job_id", "The job's id.", optional=True),
    Assoc("task-type", "Undo every job of this task instead.", value="type"),
    Flag("dry-run", "Only say what would be undone."),
    Flag("force", "Also what was undone already."),
)
def undo(call: Invocation) -> Iterator[Event]:
    """A line an effect, then how many."""
    raise NotImplementedError(call)
