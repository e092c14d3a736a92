"""``jobs``: what ran, and how it went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.automation import JobsService
from sidecar.automation.jobs.service import moment
from sidecar.automation.values import Job
from sidecar.commands.agent_option import agent_id
from sidecar.commands.events import Event, Line
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import FIELDS, Assoc, Flag, Group, Positional, format_option
from sidecar.db import php_json
from sidecar.display import SiteDates, jobs
from sidecar.errors import NotFound

GROUP = Group("jobs", "List, show, watch, end, repeat and delete jobs.", aliases=("job",))

JOB = Positional("job_id", "The job's id.")
COLUMNS = ["id", "source", "flow", "status", "created", "completed"]
#: Characters of a status that a list shows.
STATUS_WIDTH = 40
SMALL = 1024  # bytes of a kilobyte


@GROUP.command(
    "list",
    "List jobs, newest first.",
    Assoc("status", "Only jobs whose status begins so."),
    Assoc("flow", "Only jobs of this flow.", value="flow_id"),
    Assoc("source", "Only jobs from this source (pipeline, chat, direct, ...)."),
    Assoc("since", "Only jobs created at or after this date and time (UTC).", value="datetime"),
    Assoc("agent", "Only jobs of this agent.", value="slug_or_id"),
    Assoc("parent", "Only children of this job.", value="job_id"),
    Assoc("limit", "How many.", default="20"),
    format_option(),
    FIELDS,
    Flag("hide-children", "Leave out jobs that came out of others."),
)
def list_jobs(call: Invocation) -> Iterator[Event]:
    """A table and a line that says how many are shown."""
    found, _total = call.runtime.get(JobsService).find(
        call.principal,
        agent_id=agent_id(call),
        status=call.option("status"),
        flow_id=call.option("flow"),
        source=call.option("source"),
        since=moment(call.option("since")),
        parent_job_id=call.integer("parent", 0) or None,
        hide_children=call.flag("hide-children"),
        limit=max(1, call.integer("limit", 20)),
    )
    rows = [_row(job) for job in found]
    yield from listing(rows, call.fields(COLUMNS), call.format, "id", "No jobs found.")
    if found and call.format == "table":
        yield Line(f"Showing {len(found)} jobs.")


def _row(job: Job) -> dict[str, Any]:
    flow = job.flow_name or (f"Flow {job.flow_id}" if job.flow_id else "-")
    status = job.status if len(job.status) <= STATUS_WIDTH else f"{job.status[:STATUS_WIDTH]}..."
    return {
        "id": str(job.job_id),
        "source": job.source,
        "flow": flow,
        "status": status,
        "created": job.created_at,
        "completed": job.completed_at or "-",
    }


@GROUP.command(
    "show",
    "Show one job.",
    JOB,
    format_option("table", "json"),
)
def show_job(call: Invocation) -> Iterator[Event]:
    """Lines about the job, then what its engine document holds in brief; json has all of it."""
    number = job_number(call.argument(0))
    job = call.runtime.get(JobsService).get(call.principal, number)
    if job is None:
        raise NotFound(f"Job {number} not found.")
    dates = SiteDates.of(call.runtime.db, call.blog_id)
    if call.format == "json":
        yield Line(pretty(jobs.alone(job, dates)))
        return
    yield Line(f"Job ID: {job.job_id}")
    yield Line(f"Flow: {job.flow_name or '-'} (ID: {job.flow_id or '-'})")
    yield Line(f"Pipeline ID: {job.pipeline_id or '-'}")
    yield Line(f"Status: {job.status}")
    yield Line()
    yield Line(f"Created: {dates.show(job.created_at)}")
    yield Line(f"Completed: {dates.show(job.completed_at, '-')}")
    document = jobs.engine_data(job)
    if document:
        yield Line()
        yield Line("Engine Data:")
        for key, value in document.items():
            yield Line(f"  {_words(str(key))}: {_brief(value)}")
        yield Line()
        yield Line("  Use --format=json for full engine data.")


def job_number(text: str | None) -> int:
    """The job a command is about; InvalidInput for anything but an id."""
    return required_id(text, "Job ID must be a positive integer.")


def _words(key: str) -> str:
    """``item_identifier`` as ``Item Identifier``."""
    return " ".join(word[:1].upper() + word[1:] for word in key.replace("_", " ").split(" "))


def _brief(value: Any) -> str:
    """A value in a line; nested ones by their size as JSON."""
    if isinstance(value, dict | list):
        return f"array ({len(value)} items, {_size(len(php_json.dumps(value)))})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _size(length: int) -> str:
    """As WordPress's ``size_format`` writes it."""
    return f"{length} B" if length < SMALL else f"{length / SMALL:.0f} KB"
