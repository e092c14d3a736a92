"""``drain``: do what is due, here and now; and waiting for jobs that a command has started."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from typing import Any

from sidecar import blog, queue
from sidecar.automation import JobsService
from sidecar.automation.jobs.families import JobFamilies
from sidecar.bridge import check, current_call
from sidecar.commands.events import Event, Line, Notice, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, format_option, leaf
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput
from sidecar.identity import Permissions, Principal
from sidecar.queue import draining
from sidecar.queue.worker import Worker
from sidecar.runtime import Runtime

#: Seconds until a command returns although jobs still run.
PATIENCE = 300.0
#: Seconds between looks at the jobs.
PAUSE = 0.1
#: Seconds between looks for a worker.
LOOK = 1.0
STEP, CHUNK = "datamachine_execute_step", "datamachine_pipeline_batch_chunk"
STOPPED = {
    "empty": "Nothing more is due.",
    "limit": "Stopped at the limit.",
    "time_limit": "Stopped at the time limit.",
    "cancelled": "Stopped: the command was ended.",
}


@leaf(
    "drain",
    "Do what is due in the queue until nothing is, or until the budget is used up.",
    Assoc("limit", "How many doorbells at most; 0 for no limit.", value="number", default="0"),
    Assoc("batch-size", "How many to claim at once.", value="number", default="25"),
    Assoc(
        "time-limit", "Begin nothing new after so many seconds; 0 for no limit.", value="seconds", default="0"
    ),
    Assoc(
        "stop-before-timeout", "End this many seconds before the time limit.", value="seconds", default="0"
    ),
    Assoc("job-id", "Only these jobs and their children, separated by commas.", value="ids"),
    format_option("table", "json"),
    details=(
        "It works beside whatever workers run: each doorbell is done by one of them only.\n"
        "A step that is under way when the budget ends is finished."
    ),
)
def COMMAND(call: Invocation) -> Iterator[Event]:
    """Counts by kind, and why it stopped."""
    call.runtime.get(Permissions).require(call.principal, "manage_settings")
    jobs = _job_ids(call.option("job-id"))
    seconds = call.integer("time-limit", 0)
    if seconds:
        seconds = max(1, seconds - call.integer("stop-before-timeout", 0))
    budget = draining.Budget(
        limit=max(0, call.integer("limit", 0)),
        batch_size=max(1, call.integer("batch-size", 25)),
        time_limit=max(0, seconds),
    )
    done = work_off(call.runtime, budget, call.principal, jobs)
    if done.stop_reason == "inactive":
        yield Notice(
            "The queue of this site is switched off: the plugin is not active, or the site has moved."
        )
        return
    if call.format == "json":
        yield Line(pretty(report(done, jobs)))
        return
    yield Success(summary(done))
    yield Line(STOPPED[done.stop_reason])
    if done.remaining.pending:
        yield Line(f"Still in the queue: {done.remaining.pending}, due now: {done.remaining.due}.")


def work_off(
    runtime: Runtime, budget: draining.Budget, principal: Principal, jobs: Sequence[int] = ()
) -> draining.Drained:
    """Drain in a context of its own: the units must not be taken for the process that waits for us."""
    families, waiting = runtime.get(JobFamilies), current_call()
    only: Callable[[], Sequence[int]] | None = None
    if jobs:
        only = lambda: families.of(principal, jobs)  # noqa: E731  asked before each claim
    alone = Context()
    alone.run(blog.set_current, blog.current())
    return alone.run(
        draining.drain,
        runtime,
        budget,
        only=only,
        cancelled=None if waiting is None else lambda: waiting.cancel.cancelled,
    )


def summary(done: draining.Drained) -> str:
    """One line."""
    tally = done.tally
    failed = f", {tally.failed.total()} failed" if tally.failed else ""
    return f"{tally.ended} doorbells done: {tally.completed[STEP]} steps{failed}."


def report(done: draining.Drained, jobs: Sequence[int]) -> dict[str, Any]:
    """The counts as an object."""
    tally = done.tally
    ended = tally.completed + tally.failed
    return {
        "batches": tally.claims,
        "batch_chunks": ended[CHUNK],
        "step_executions": ended[STEP],
        "completions": tally.completed.total(),
        "failures": tally.failed.total(),
        "actions_processed": tally.ended,
        "other_actions": tally.ended - ended[STEP] - ended[CHUNK],
        "remaining_pending": done.remaining.due,
        "total_pending": done.remaining.pending,
        "warnings": [],
        "stop_reason": done.stop_reason,
        "hooks": dict(ended),
        "job_ids": list(jobs),
    }


def drain(runtime: Runtime, principal: Principal, job_ids: Sequence[int]) -> list[int]:
    """Let workers do what is due until these jobs have ended or wait; those that still run after PATIENCE.

    Without a worker on this machine the due steps are done here, by a worker that ends when nothing is due.
    """
    jobs = runtime.get(JobsService)
    end = time.monotonic() + PATIENCE
    running, looked = list(job_ids), 0.0
    while True:
        if time.monotonic() >= looked + LOOK:
            # Again and again: who heard it may have been another command that was just ending.
            if not queue.wake(runtime.site.run_dir):
                # A context of its own: the worker's units must not be taken for the process that waits.
                alone = Context()
                alone.run(blog.set_current, blog.current())
                alone.run(Worker(runtime, once=True).work)
            looked = time.monotonic()
        running = list(jobs.unfinished(principal, running))
        if not running or time.monotonic() >= end:
            return running
        check()
        time.sleep(PAUSE)


def _job_ids(text: str | None) -> list[int]:
    if text is None:
        return []
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(word.isdecimal() and leading_int(word) > 0 for word in words):
        raise InvalidInput("--job-id takes ids of jobs, separated by commas.")
    return [leading_int(word) for word in words]
