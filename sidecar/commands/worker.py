"""``worker``: a worker at this terminal, and how the workers are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.commands.drain import STOPPED, report, summary, work_off
from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag, Group, format_option
from sidecar.identity import Permissions
from sidecar.queue import draining, overview

GROUP = Group("worker", "Work the queue, and see who does.")

CONDITIONS = {
    "idle": "Nothing is due.",
    "working": "Workers are at it.",
    "behind": "Doorbells have been due for minutes: there are too few workers, or each step takes long.",
    "no_worker": "Work is due, and no worker runs. Start one: datamachine up, or datamachine work.",
    "inactive": "The queue is switched off: the plugin is not active, or the site has moved.",
}


@GROUP.command(
    "run",
    "Work the queue for a while.",
    Assoc("time-limit", "Begin nothing new after so many seconds.", value="seconds", default="300"),
    Assoc("batch-size", "How many doorbells to claim at once.", value="number", default="10"),
    Assoc("drain-limit", "How many doorbells at most; 0 for no limit.", value="number", default="0"),
    format_option("table", "json"),
    Flag("once", "End as soon as nothing is due."),
    details=(
        "Recovering what dead workers held is part of it. `datamachine up` keeps workers running;\n"
        "this command is for sites without it (a line of cron) and for looking on."
    ),
)
def run(call: Invocation) -> Iterator[Event]:
    """Counts by kind, and why it stopped."""
    call.runtime.get(Permissions).require(call.principal, "manage_settings")
    budget = draining.Budget(
        limit=max(0, call.integer("drain-limit", 0)),
        batch_size=max(1, call.integer("batch-size", 10)),
        time_limit=max(1, call.integer("time-limit", 300)),
        stay=not call.flag("once"),
    )
    done = work_off(call.runtime, budget, call.principal)
    if done.stop_reason == "inactive":
        yield Notice(CONDITIONS["inactive"])
        return
    if call.format == "json":
        yield Line(pretty(report(done, [])))
        return
    yield Success(summary(done))
    yield Line(STOPPED[done.stop_reason])


@GROUP.command("status", "Say how the queue and its workers are.", format_option("table", "json"))
def status(call: Invocation) -> Iterator[Event]:
    """The queue's numbers, its workers, and what that means."""
    call.runtime.get(Permissions).require(call.principal, "manage_settings")
    found = overview.read(call.runtime.db)
    if call.format == "json":
        yield Line(pretty(_state(found)))
        return
    yield Line(f"Queue:   {found.pending} waiting, {found.due} due, {found.in_progress} under way")
    if found.due:
        yield Line(f"Oldest:  due for {found.oldest_due} s")
    yield Line(f"Health:  {found.condition}. {CONDITIONS[found.condition]}")
    if found.workers:
        yield Line()
        rows = [
            {
                "worker": worker.owner.rpartition(":")[0],
                "state": ("busy" if worker.busy else "idle") if worker.alive else "silent",
                "heartbeat": f"{worker.silent:.0f} s ago",
            }
            for worker in found.workers
        ]
        yield Table(rows, ["worker", "state", "heartbeat"])


def _state(found: overview.Overview) -> dict[str, Any]:
    return {
        "mode": found.mode,
        "pending": found.pending,
        "due": found.due,
        "in_progress": found.in_progress,
        "oldest_due_seconds": found.oldest_due,
        "workers": [
            {
                "owner": worker.owner,
                "alive": worker.alive,
                "busy": worker.busy,
                "heartbeat_age_seconds": round(worker.silent, 1),
            }
            for worker in found.workers
        ],
        "health": {"condition": found.condition, "message": CONDITIONS[found.condition]},
    }
