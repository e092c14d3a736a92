"""``processed-items``: what flows have taken in, and forgetting it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sidecar.automation.items.rows import Criteria
from sidecar.automation.items.service import ProcessedItemsService
from sidecar.automation.jobs.service import moment
from sidecar.commands.events import Event, Exit, Line, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.progress import bar
from sidecar.commands.synopsis import Assoc, Flag, Group, format_option
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput

GROUP = Group(
    "processed-items", "What flows have taken in already, and forgetting it.", aliases=("processed-item",)
)

_STEP = Assoc("flow-step", "A step of a flow, as {pipeline step}_{flow}.", "flow_step_id", optional=False)
_STEP_ID = Assoc(
    "flow-step-id", "A step of a flow, as {pipeline step}_{flow}.", "flow_step_id", optional=False
)
_SOURCE_TYPE = Assoc("source-type", "For example rss or wordpress_local.", "source_type", optional=False)
_CANDIDATES = Assoc(
    "candidate-ids", "Identifiers of items, separated by commas.", value="csv", optional=False
)
_LIMIT = Assoc("limit", "How many to show at most.", default="100")
_FORMATS = ("table", "json", "csv", "yaml")
NOTHING = "—"
AUDITED = ["flow_id", "flow_name", "pipeline_id", "handler", "processed", "first_seen", "last_seen"]


@GROUP.command(
    "clear",
    "Forget what was taken in, so that it is taken in again.",
    Assoc("pipeline", "Of the flows of this pipeline.", value="pipeline_id"),
    Assoc("flow", "Of this flow.", value="flow_id"),
    Assoc("handler", "Of this source (rss, wordpress_local, ...).", value="handler_type"),
    Assoc("after", "Taken in at this time (UTC) or later.", value="date"),
    Assoc("before", "Taken in at this time (UTC) or earlier.", value="date"),
    Flag("all", "Everything."),
    Flag("dry-run", "Only say how many there are."),
    Flag("yes", "Do not ask."),
    details="Several conditions have to be met all. Without --pipeline or --flow only administrators may.",
)
def clear(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line."""
    criteria = _criteria(call)
    if not criteria.named() and not call.flag("all"):
        raise InvalidInput(
            "Specify at least one of: --pipeline, --flow, --handler, --after, --before, or --all."
        )
    service = call.runtime.get(ProcessedItemsService)
    count = service.matching(call.principal, criteria)
    about = _about(call, criteria)
    if count == 0:
        yield Line("No processed items match the criteria.")
        return
    if call.flag("dry-run"):
        yield Line(f"DRY RUN: Would delete {count:,} processed items matching: {about}")
        return
    question = f"Delete {count:,} processed items matching: {about}?"
    if not call.flag("yes") and not call.terminal.confirm(question):
        yield Exit(0)
        return
    with bar(call, "Deleting items", count) as told:
        deleted = service.clear_where(call.principal, criteria, told)
    yield Success(f"Deleted {deleted:,} processed items ({about}).")


@GROUP.command(
    "check",
    "Say whether a step has taken in an item.",
    _STEP,
    Assoc("source", "For example rss or wordpress_local.", value="source_type", optional=False),
    Assoc("item", "The item: a guid, an address, a post's id.", value="item_identifier", optional=False),
)
def check(call: Invocation) -> Iterator[Event]:
    """Two lines."""
    step, source, item = (_needed(call, name) for name in ("flow-step", "source", "item"))
    if call.runtime.get(ProcessedItemsService).processed(call.principal, step, source, item):
        yield Line("Status: PROCESSED")
        yield Line(f'Item "{item}" has already been processed for flow step {step}.')
    else:
        yield Line("Status: NOT PROCESSED")
        yield Line(f'Item "{item}" has not been processed for flow step {step}.')


@GROUP.command("history", "Say whether a step has ever taken in anything.", _STEP)
def history(call: Invocation) -> Iterator[Event]:
    """One line."""
    step = _needed(call, "flow-step")
    if call.runtime.get(ProcessedItemsService).history(call.principal, step):
        yield Success(f"Flow step {step} has processing history.")
    else:
        yield Line(f"Flow step {step} has no processing history (first run or cleared).")


@GROUP.command(
    "audit",
    "Show how much each step of each flow has taken in.",
    Assoc("handler", "Only of this source.", value="handler_type"),
    Assoc("pipeline", "Only of the flows of this pipeline.", value="pipeline_id"),
    Assoc("min-waste", "Only steps that took in so many or more.", value="count", default="10"),
    format_option("table", "csv", "json"),
)
def audit(call: Invocation) -> Iterator[Event]:
    """A table, most first, below a line with the sum."""
    found = call.runtime.get(ProcessedItemsService).audit(
        call.principal,
        source_type=call.option("handler"),
        pipeline_id=_id(call, "pipeline"),
        least=max(0, call.integer("min-waste", 10)),
    )
    if not found and call.format == "table":
        yield Line("No processed items found.")
        return
    rows: list[dict[str, Any]] = [
        {
            "flow_id": each.flow_id,
            "flow_name": each.flow_name or "(deleted)",
            "pipeline_id": each.pipeline_id,
            "handler": each.tally.source_type,
            "processed": each.tally.count,
            "first_seen": each.tally.first,
            "last_seen": each.tally.last,
        }
        for each in found
    ]
    if call.format == "table":
        total = sum(each.tally.count for each in found)
        yield Line(f"Total processed items across {len(rows)} flows: {total:,}")
        yield Line()
    yield Table(rows, AUDITED, call.format)


@GROUP.command(
    "find-stale",
    "Find items that were taken in long ago.",
    _STEP_ID,
    _SOURCE_TYPE,
    _CANDIDATES,
    Assoc("max-age-days", "How many days ago at least.", value="days", optional=False),
    _LIMIT,
    format_option(*_FORMATS),
)
def find_stale(call: Invocation) -> Iterator[Event]:
    """How many, then a table, oldest first."""
    days = call.integer("max-age-days", 0)
    if days < 1:
        raise InvalidInput("--max-age-days is required and must be an integer >= 1.")
    step, source, wanted = _candidates(call)
    found = call.runtime.get(ProcessedItemsService).stale(
        call.principal, step, source, wanted, days, max(1, call.integer("limit", 100))
    )
    if call.format == "table":
        yield Line(f"Stale: {len(found)} of {len(wanted)} candidate(s) older than {days} day(s).")
    yield from _items(call, found)


@GROUP.command(
    "find-never-processed",
    "Find items that were never taken in.",
    _STEP_ID,
    _SOURCE_TYPE,
    _CANDIDATES,
    _LIMIT,
    format_option(*_FORMATS),
)
def find_never_processed(call: Invocation) -> Iterator[Event]:
    """How many, then a table, in the order they were named."""
    step, source, wanted = _candidates(call)
    found = call.runtime.get(ProcessedItemsService).never(
        call.principal, step, source, wanted, max(1, call.integer("limit", 100))
    )
    if call.format == "table":
        yield Line(f"Never-processed: {len(found)} of {len(wanted)} candidate(s).")
    yield from _items(call, found)


@GROUP.command(
    "get-processed-at",
    "Say when a step took in an item.",
    _STEP_ID,
    _SOURCE_TYPE,
    Assoc("item-identifier", "The item: a guid, an address, a post's id.", optional=False),
    format_option("table", "json", "yaml"),
)
def get_processed_at(call: Invocation) -> Iterator[Event]:
    """One row."""
    step, source, item = (_needed(call, name) for name in ("flow-step-id", "source-type", "item-identifier"))
    at = call.runtime.get(ProcessedItemsService).processed_at(call.principal, step, source, item)
    iso = NOTHING if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = {
        "flow_step_id": step,
        "source_type": source,
        "item_identifier": item,
        "processed_at_unix": NOTHING if at is None else str(at),
        "processed_at_iso": iso,
    }
    yield Table([row], list(row), call.format)


@GROUP.command(
    "cleanup-orphans",
    "Forget items whose jobs are gone.",
    Assoc("flow", "Only of this flow.", value="flow_id"),
    format_option("table", "json"),
    Flag("dry-run", "Only say how many there are."),
    Flag("yes", "Do not ask."),
    details="Jobs are removed by age; what they took in counts as taken in still. Without --flow only "
    "administrators may.",
)
def cleanup_orphans(call: Invocation) -> Iterator[Event]:
    """Asks first; then one line, or ``{scope, orphaned, deleted, dry_run}``."""
    service, flow_id = call.runtime.get(ProcessedItemsService), _id(call, "flow")
    about = "all flows" if flow_id is None else f"flow {flow_id}"
    count, dry, json = service.orphans(call.principal, flow_id), call.flag("dry-run"), call.format == "json"
    report = {"scope": about, "orphaned": count, "deleted": 0, "dry_run": dry}
    if json and (dry or count == 0):
        yield Line(pretty(report))
        return
    if count == 0:
        yield Success("No orphaned processed items found.")
        return
    if dry:
        yield Line(f"DRY RUN: Would delete {count:,} orphaned processed items for {about}.")
        return
    question = f"Delete {count:,} orphaned processed items for {about}? They are taken in again then."
    if not call.flag("yes") and not call.terminal.confirm(question):
        yield Exit(0)
        return
    with bar(call, "Deleting items", count) as told:
        deleted = service.clear_orphans(call.principal, flow_id, told)
    if json:
        yield Line(pretty(report | {"deleted": deleted}))
        return
    yield Success(f"Deleted {deleted:,} orphaned processed items for {about}.")


def _criteria(call: Invocation) -> Criteria:
    return Criteria(
        pipeline_id=_id(call, "pipeline"),
        flow_id=_id(call, "flow"),
        source_type=call.option("handler"),
        after=moment(call.option("after")),
        before=moment(call.option("before")),
    )


def _about(call: Invocation, criteria: Criteria) -> str:
    names = ("handler", "pipeline", "flow", "after", "before")
    parts = [f"{name}={call.option(name)}" for name in names if call.option(name) is not None]
    return ", ".join(parts) if criteria.named() else "ALL"


def _id(call: Invocation, name: str) -> int | None:
    """A positive id; None when the option is not there."""
    text = call.option(name)
    if text is None:
        return None
    number = leading_int(text)
    if number <= 0:
        raise InvalidInput(f"--{name} must be an id.")
    return number


def _needed(call: Invocation, name: str) -> str:
    text = call.option(name)
    if text is None:
        raise InvalidInput(f"--{name} is required.")
    return text


def _candidates(call: Invocation) -> tuple[str, str, list[str]]:
    step, source, text = (_needed(call, name) for name in ("flow-step-id", "source-type", "candidate-ids"))
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if not wanted:
        raise InvalidInput("--candidate-ids cannot be empty.")
    return step, source, wanted


def _items(call: Invocation, found: list[str]) -> Iterator[Event]:
    """A table of identifiers; an empty one only where a program reads it."""
    if found or call.format != "table":
        yield Table([{"item_identifier": each} for each in found], ["item_identifier"], call.format)
