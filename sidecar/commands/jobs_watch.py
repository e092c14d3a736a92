"""``jobs watch``, ``jobs stuck``, ``jobs summary`` and ``jobs transcript``."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from typing import Any, TextIO

import msgspec

from sidecar.automation import JobsService
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.jobs.watching import View
from sidecar.bridge import check
from sidecar.commands.agent_option import agent_id
from sidecar.commands.events import Event, Exit, Line, Notice, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.jobs import GROUP, JOB, job_number
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import FIELDS, Assoc, Flag, format_option

#: Seconds between looks at a run.
PAUSE = 0.3
#: Exit code of a watch whose time is up.
TIME_UP = 2
STUCK_COLUMNS = ["id", "flow", "status", "created", "cause", "why"]


@GROUP.command("summary", "Count jobs by status.", format_option(), FIELDS)
def summary(call: Invocation) -> Iterator[Event]:
    """A row a status."""
    found = call.runtime.get(JobsService).summary(call.principal)
    rows: list[dict[str, Any]] = [{"status": word, "count": count} for word, count in found.items()]
    yield from listing(rows, call.fields(["status", "count"]), call.format, "status", "No jobs found.")


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
    """A row a job, then how the queue is."""
    found = call.runtime.get(JobRoom).stuck.report(
        call.principal,
        minutes=max(0, call.integer("minutes", 5)),
        agent_id=agent_id(call),
        flow_id=call.integer("flow", 0) or None,
        everything=call.flag("all"),
        limit=max(1, min(1000, call.integer("limit", 50))),
    )
    rows = [
        {
            "id": job["job_id"],
            "flow": job["flow_name"] or job["label"] or "-",
            "status": job["status"],
            "created": job["created_at"],
            "cause": job["cause"],
            "why": job["why"],
            "step": job["flow_step_id"],
        }
        for job in found["jobs"]
    ]
    if not rows and call.format == "table":
        yield Success("No job is stuck.")
        return
    yield from listing(rows, call.fields(STUCK_COLUMNS), call.format, "id")
    if call.format == "table":
        queue = found["queue"]
        yield Line(
            f"{len(rows)} of {found['total']} unfinished jobs. Queue: {queue['condition']},"
            f" {queue['due']} due, {queue['workers']} worker(s)."
        )


@GROUP.command(
    "watch",
    "Show a run as it happens, until it ends.",
    JOB,
    Assoc("timeout", "Stop watching after so many seconds; 0: never.", value="seconds", default="0"),
    details=(
        "On a terminal of the sidecar's own program it is a table that changes, elsewhere a line a change.\n"
        "Exits 0 when the job ended well, 1 when it failed or was cancelled, 2 when time was up."
    ),
)
def watch(call: Invocation) -> Iterator[Event]:
    """A line a change, or a live table."""
    job_id = job_number(call.argument(0))
    screen: TextIO | None = getattr(call.terminal, "screen", None)
    seconds = max(0, call.integer("timeout", 0))
    if screen is not None:
        from sidecar.commands import jobs_screen  # what draws takes long to import

        view = jobs_screen.show(_looks(call, job_id, seconds), screen)
    else:
        view = yield from _lines(call, job_id, seconds)
    yield from outcome(view)


def _looks(call: Invocation, job_id: int, seconds: int) -> Iterator[View]:
    """The run again and again, until it ends or time is up."""
    watching = call.runtime.get(JobRoom).watching
    end = time.monotonic() + seconds
    while True:
        view = watching.look(call.principal, job_id)
        yield view
        if view.ended or (seconds and time.monotonic() >= end):
            return
        check()
        time.sleep(PAUSE)


def _lines(call: Invocation, job_id: int, seconds: int) -> Generator[Event, None, View]:
    last, begun = "", time.monotonic()
    for view in _looks(call, job_id, seconds):
        line = describe(view)
        if line != last:
            yield Line(f"{time.monotonic() - begun:6.1f} s  {line}")
            last = line
    return view


def describe(view: View) -> str:
    """A run in a line: status, how many of its steps are done, where it stands, its children."""
    parts = [view.status]
    if view.steps:
        done = sum(step.state == "done" for step in view.steps)
        parts.append(f"{done}/{len(view.steps)} steps done")
        now = next((step for step in view.steps if step.state not in ("done", "next", "not run")), None)
        if now is not None:
            parts.append(f"{now.step_type} {now.state}")
    if view.children:
        parts.append("children: " + ", ".join(f"{count} {word}" for word, count in view.children.items()))
    return "  ".join(parts)


def outcome(view: View) -> Iterator[Event]:
    """What is said last, and the exit code."""
    if not view.ended:
        yield Notice(f"Job {view.job_id} goes on: {view.why}")
        yield Exit(TIME_UP)
    elif view.well:
        yield Success(f"Job {view.job_id}: {view.status}.")
    else:
        yield Notice(f"Job {view.job_id}: {view.status}.")
        yield Exit(1)


@GROUP.command(
    "transcript",
    "Show the conversation of a job's AI step.",
    JOB,
    format_option("table", "json"),
    Flag("raw", "The messages as they are stored."),
)
def transcript(call: Invocation) -> Iterator[Event]:
    """A block a message."""
    job_id = job_number(call.argument(0))
    found = call.runtime.get(JobRoom).transcripts.of(call.principal, job_id)
    if call.format == "json" or call.flag("raw"):
        yield Line(pretty(found.messages if call.flag("raw") else msgspec.to_builtins(found)))
        return
    yield Line(f"Session: {found.session_id}  Model: {found.provider or '-'} / {found.model or '-'}")
    for message in found.messages:
        yield Line()
        yield Line(f"[{message.get('role', '?')}]")
        content = message.get("content")
        yield Line(content if isinstance(content, str) else pretty(content))
