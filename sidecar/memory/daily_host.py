"""A plugin's own storage of daily memory: an object of PHP that the filter returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar import hooks
from sidecar.bridge import Handle
from sidecar.hooks import dispatch
from sidecar.host.context import WordPressHost
from sidecar.memory.daily import DailyFound, DailyMatch, DailyStorage, NoDailyMemory
from sidecar.memory.host_store import wire
from sidecar.memory.search import LIMIT
from sidecar.memory.service import MemoryConflict, MemoryWriteFailed
from sidecar.memory.values import CONFLICT, digest, raw, text

FILTER = "datamachine_daily_memory_storage"
#: Asks the filter; answers the object, or null when it is our own.
STORAGE = "memory.daily_storage"
#: One method of such an object.
CALL = "memory.daily_call"


class HostDaily:
    """A live ``DailyMemoryStorage``; good while the call or unit that named it lasts."""

    def __init__(self, host: WordPressHost, storage: Handle) -> None:
        self._host = host
        self._storage = storage

    def read(self, day: str) -> str:
        found = self._call("read", *day.split("-"))
        if not found.get("success"):
            raise NoDailyMemory(_message(found, f"No daily memory for {day}."))
        return _text(found.get("content"))

    def write(self, day: str, content: str, *, if_match: str | None = None) -> str:
        self._compare(day, if_match)
        return self._changed("write", day, content, f"Daily memory for {day} saved.")

    def append(self, day: str, content: str) -> str:
        return self._changed("append", day, content, f"Content appended to daily memory for {day}.")

    def delete(self, day: str, *, if_match: str | None = None) -> str:
        self._compare(day, if_match)
        found = self._call("delete", *day.split("-"))
        if not found.get("success"):
            raise NoDailyMemory(_message(found, f"No daily memory for {day} to delete."))
        return _message(found, f"Daily memory for {day} deleted.")

    def list_all(self) -> dict[str, list[str]]:
        months = self._call("list_all").get("months")
        return {
            str(month): [str(day) for day in _items(days)]
            for month, days in (months.items() if isinstance(months, Mapping) else ())
        }

    def search(
        self, query: str, *, since: str | None = None, until: str | None = None, context_lines: int = 2
    ) -> DailyFound:
        found = self._call("search", query, since, until, context_lines)
        matches = [_match(each) for each in _items(found.get("matches")) if isinstance(each, Mapping)]
        count = found.get("match_count")
        return DailyFound(query, tuple(matches[:LIMIT]), count if isinstance(count, int) else len(matches))

    def _compare(self, day: str, if_match: str | None) -> None:
        """Such a storage compares nothing itself: somebody who writes in the same instant may lose."""
        if if_match is None:
            return
        try:
            stored = digest(raw(self.read(day)))
        except NoDailyMemory:
            stored = ""
        if stored != if_match:
            raise MemoryConflict(
                f"Daily memory for {day} has changed (conflict).", data={"error": CONFLICT, "hash": stored}
            )

    def _changed(self, method: str, day: str, content: str, done: str) -> str:
        found = self._call(method, *day.split("-"), wire(raw(content)))
        if not found.get("success"):
            failed = _message(found, f"Failed to {method} daily memory for {day}.")
            raise MemoryWriteFailed(failed, data={"error": "io"})
        return _message(found, done)

    def _call(self, method: str, *args: Any) -> Mapping[str, Any]:
        answer = self._host.call(CALL, {"storage": self._storage, "method": method, "args": list(args)})
        return answer if isinstance(answer, Mapping) else {}


def storage_of(host: WordPressHost, user_id: int, agent_id: int) -> DailyStorage | None:
    """The storage plugins name for an agent; None for our files. The filter fires once.

    Where WordPress was not needed yet, and nobody in it would hear the filter, it goes on without.
    """
    if not hooks.bus().has_filter(FILTER) and dispatch.silent(host, FILTER):
        return None
    found = host.call(STORAGE, {"user_id": user_id, "agent_id": agent_id})
    return HostDaily(host, found) if isinstance(found, Handle) else None


def _match(each: Mapping[str, Any]) -> DailyMatch:
    line = each.get("line")
    return DailyMatch(
        str(each.get("date", "")),
        line if isinstance(line, int) else 0,
        _text(each.get("content")),
        _text(each.get("context")),
    )


def _text(value: Any) -> str:
    return text(value) if isinstance(value, bytes) else str(value or "")


def _items(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _message(found: Mapping[str, Any], default: str) -> str:
    said = found.get("message") or found.get("error")
    return said if isinstance(said, str) and said else default
