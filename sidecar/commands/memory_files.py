"""``memory files``: the files of an agent, and how old they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory import GROUP
from sidecar.commands.memory_access import AGENT, DEFAULT_FILE, opened
from sidecar.commands.synopsis import Assoc, Positional, format_option
from sidecar.display import SiteDates, dates, sizes
from sidecar.memory.values import AGENT as AGENT_LAYER

DAY = 86400
PATTERN = "Y-m-d H:i:s"


@GROUP.command(
    "files",
    "List an agent's memory files, or tell which are old.",
    Positional("action", "list, or check.", options=("list", "check")),
    AGENT,
    Assoc("days", "check: files not changed for this many days are stale.", value="days", default="7"),
    format_option("table", "json", "csv", "yaml"),
)
def files(call: Invocation) -> Iterator[Event]:
    """Markdown files at the top of the agent's layer, in order of their names."""
    with opened(call, DEFAULT_FILE, layer=AGENT_LAYER) as file:
        found = [each for each in file.list_layer() if each.filename.endswith(".md")]
    if not found:
        yield Line("No agent files found.")
        return
    found.sort(key=lambda entry: entry.filename)
    now = call.runtime.clock.now()
    zone = SiteDates.of(call.runtime.db, call.blog_id).zone
    threshold = max(0, call.integer("days", 7))
    stale = 0
    rows = []
    for entry in found:
        changed = None if entry.updated_at is None else datetime.fromtimestamp(entry.updated_at, UTC)
        old = changed is not None and (now - changed).total_seconds() > threshold * DAY
        stale += old
        row: dict[str, Any] = {
            "file": entry.filename,
            "size": sizes.shown(entry.size),
            "modified": "" if changed is None else dates.date(PATTERN, changed.astimezone(zone)),
            "age": "" if changed is None else f"{int((now - changed).total_seconds() // DAY)}d",
            "status": "STALE" if old else "OK",
        }
        rows.append(row)
    if call.args[0] == "list":
        yield Table(rows, ["file", "size", "modified", "age"], call.format)
        return
    yield Table(rows, ["file", "modified", "age", "status"], call.format)
    if stale:
        yield Notice(f"{stale} file(s) not updated in {threshold}+ days. Review for accuracy.")
    else:
        yield Success(f"All {len(rows)} file(s) updated within the last {threshold} days.")
