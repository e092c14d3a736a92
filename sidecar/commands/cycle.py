"""``cycle``: start every flow that is due, and do what that leaves to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sidecar.automation.flows.cycle import Cycle, Selected
from sidecar.commands.drain import report, summary, work_off
from sidecar.commands.events import Event, Failure, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Flag, Positional, format_option, leaf
from sidecar.identity import Permissions
from sidecar.queue import draining

COLUMNS = ["flow_id", "name", "reason", "job_id", "error"]


@leaf(
    "cycle",
    "Start every flow that is due, then do what is due in the queue.",
    Positional("cycle", "A name for this cycle; its jobs carry it.", optional=True),
    format_option("table", "json"),
    Flag("dry-run", "Only name the flows."),
    Flag("drain", "Do the work here (the default); --no-drain leaves it to the workers."),
    details=(
        "Due are flows whose interval or cron expression says so. A manual flow is started in each cycle if\n"
        'its schedule says so: flows update <id> --scheduling=\'{"cycle_policy":"every_cycle"}\'.'
    ),
)
def COMMAND(call: Invocation) -> Iterator[Event]:
    """The flows, and what was done."""
    name = call.argument(0, "") or ""
    dry, draining_too = call.flag("dry-run"), call.flag("drain", default=True)
    cycle = call.runtime.get(Cycle)
    if dry:
        found = cycle.select(call.principal)
    else:
        if draining_too:
            call.runtime.get(Permissions).require(call.principal, "manage_settings")
        found = cycle.start(call.principal, name)
    stats: dict[str, Any] | None = None
    told = ""
    if draining_too and not dry:
        jobs = [one.job_id for one in found if one.job_id is not None]
        # Without jobs of its own there is nothing to wait for: other doorbells are the workers'.
        if jobs:
            done = work_off(call.runtime, draining.Budget(), call.principal, jobs)
            stats, told = report(done, jobs), summary(done)
    failed = [one for one in found if one.error]
    if call.format == "json":
        yield Line(
            pretty(
                {
                    "cycle": name,
                    "dry_run": dry,
                    "selected": len(found),
                    "flows": [_row(one) for one in found],
                    "drain_stats": stats,
                }
            )
        )
        return
    if not found:
        yield Notice("No flow is due.")
        return
    yield Table([_row(one) for one in found], COLUMNS)
    if dry:
        yield Success(f"Would start {len(found)} flow(s).")
    elif len(failed) == len(found):
        yield Failure("No flow could be started.")
    else:
        yield Success(f"Started {len(found) - len(failed)} flow(s).")
        if told:
            yield Line(told)


def _row(one: Selected) -> dict[str, Any]:
    return {
        "flow_id": one.flow_id,
        "name": one.flow_name,
        "reason": one.reason,
        "job_id": one.job_id,
        "error": one.error,
    }
