"""``memory daily``: notes by day."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.events import Event, Line, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory import GROUP, STDIN
from sidecar.commands.memory_access import AGENT, enter, target
from sidecar.commands.synopsis import Assoc, Positional, format_option
from sidecar.errors import InvalidInput
from sidecar.memory.daily import DailyMemory

ACTIONS = ("list", "read", "write", "append", "delete", "search")
USAGE = "Usage: datamachine memory daily {action} {words}"


@GROUP.command(
    "daily",
    "Read and write an agent's notes of a day.",
    Positional("action", "What to do.", options=ACTIONS),
    Positional("date", "The day, YYYY-MM-DD; today when a single word is the content.", optional=True),
    Positional("content", "The content; - reads standard input.", optional=True),
    AGENT,
    Assoc("from", "The first day to search.", value="date"),
    Assoc("to", "The last day to search.", value="date"),
    format_option("table", "json", "csv", "yaml"),
    details=(
        "daily list                       days that have notes\n"
        "daily read [<date>]              print a day's notes\n"
        "daily write [<date>] <content>   replace them\n"
        "daily append [<date>] <content>  add below them\n"
        "daily delete <date>              remove them\n"
        "daily search <query>             find text; --from and --to limit the days\n\n"
        "Days are those of UTC. The setting daily_memory_enabled does not matter here."
    ),
)
def daily(call: Invocation) -> Iterator[Event]:
    """Routed by the first word."""
    action = call.args[0]
    enter(call, writes=action in ("write", "append", "delete"))
    yield from _ACTIONS[action](call, call.runtime.get(DailyMemory))


def _list(call: Invocation, memory: DailyMemory) -> Iterator[Event]:
    whose = target(call)
    months = memory.list_all(call.principal, user_id=whose.user_id, agent_id=whose.agent_id)
    days = [
        {"date": f"{month.replace('/', '-')}-{day}", "month": month}
        for month, days in months.items()
        for day in days
    ]
    if not days:
        yield Line("No daily memory files found.")
        return
    days.sort(key=lambda row: row["date"], reverse=True)
    yield Table(days, ["date", "month"], call.format)
    if call.format == "table":
        yield Line(f"Total: {len(days)} daily memory file(s).")


def _read(call: Invocation, memory: DailyMemory) -> Iterator[Event]:
    whose = target(call)
    _, text = memory.read(call.principal, call.argument(1), user_id=whose.user_id, agent_id=whose.agent_id)
    yield Line(text)


def _write(call: Invocation, memory: DailyMemory) -> Iterator[Event]:
    whose, (day, content) = target(call), _noted(call)
    change = memory.append if call.args[0] == "append" else memory.write
    _, said = change(call.principal, day, content, user_id=whose.user_id, agent_id=whose.agent_id)
    yield Success(said)


def _delete(call: Invocation, memory: DailyMemory) -> Iterator[Event]:
    day = call.argument(1)
    if not day:
        raise InvalidInput(USAGE.format(action="delete", words="<date>"))
    whose = target(call)
    _, said = memory.delete(call.principal, day, user_id=whose.user_id, agent_id=whose.agent_id)
    yield Success(said)


def _search(call: Invocation, memory: DailyMemory) -> Iterator[Event]:
    query = call.argument(1)
    if not query:
        raise InvalidInput(USAGE.format(action="search", words="<query> [--from=<date>] [--to=<date>]"))
    whose = target(call)
    found = memory.search(
        call.principal,
        query,
        since=call.option("from"),
        until=call.option("to"),
        user_id=whose.user_id,
        agent_id=whose.agent_id,
    )
    if not found.match_count:
        yield Line(f'No matches for "{query}" in daily memory.')
        return
    for match in found.matches:
        yield Line(f"--- [{match.date}] line {match.line} ---")
        yield Line(match.context)
        yield Line()
    yield Success(f"{found.match_count} match(es) found.")


def _noted(call: Invocation) -> tuple[str | None, str]:
    """Day (None: today) and content of a line."""
    words = list(call.args[1:])
    if not words:
        raise InvalidInput(USAGE.format(action=call.args[0], words="[<date>] <content>"))
    content = words.pop()
    if content == STDIN:
        # The newline a shell pipe ends with is not part of what was said.
        content = call.terminal.read_stdin().removesuffix("\n")
    return (words[0] if words else None), content


_ACTIONS = {
    "list": _list,
    "read": _read,
    "write": _write,
    "append": _write,
    "delete": _delete,
    "search": _search,
}
