"""``jobs watch``, ``jobs stuck``, ``jobs summary`` and ``jobs transcript``."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.events import Event
from sidecar.commands.invocation import Invocation
from sidecar.commands.jobs import GROUP
from sidecar.commands.synopsis import FIELDS, Assoc, Flag, Positional, format_option

_JOB = Positional("job_id", "The job's id.")


@GROUP.command("summary", "Count jobs by status.", format_option(), FIELDS)
def summary(call: Invocation) -> Iterator[Event]:
    """A row a status."""
    raise NotImplementedError(call)


@GROUP.command(
    "stuck",
    "Unfinished jobs that have not moved for a while, and why.",
    Assoc("minutes", "How long they have not moved.", default="5"),
    Assoc("flow", "Only jobs of this flow.", value="flow_id"),
    Assoc("agent", "Only jobs of this agent.", value="slug_or_id"),
    Assoc("limit", "How many.", default="50"),
    format_option(),
    FIELDS,
    Flag("all", "Also those that run, or wait for a moment that will come."),
)
def stuck(call: Invocation) -> Iterator[Event]:
    """A row a job."""
    raise NotImplementedError(call)


@GROUP.command(
    "watch",
    "Show a run as it happens, until it ends.",
    _JOB,
    Assoc("timeout", "Stop watching after so many seconds; 0: never.", value="seconds", default="0"),
    details="Exits 0 when the job ended well, 1 when it failed or was cancelled, 2 when time was up.",
)
def watch(call: Invocation) -> Iterator[Event]:
    """A line a change."""
    raise NotImplementedError(call)


@GROUP.command(
    "transcript",
    "Show the conversation of a job's AI step.",
    _JOB,
    format_option("table", "json"),
    Flag("raw", "The messages as they are stored."),
)
def transcript(call: Invocation) -> Iterator[Event]:
    """A block a message."""
    raise NotImplementedError(call)
