"""Daily memory in files of the agent's layer, wherever the seam keeps those."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from sidecar.bridge import Call
from sidecar.errors import InvalidInput, SidecarError
from sidecar.memory import dates
from sidecar.memory.daily import DailyFound, DailyMatch, NoDailyMemory
from sidecar.memory.host_store import wire_all
from sidecar.memory.pieces import content_of
from sidecar.memory.search import LIMIT, search
from sidecar.memory.service import MemoryFile, MemoryService
from sidecar.memory.values import AGENT, text


class DailyFiles:
    """Implements :class:`sidecar.memory.daily.DailyStorage`; who may has been asked before."""

    def __init__(self, memory: MemoryService, user_id: int, agent_id: int) -> None:
        self._memory = memory
        self._user_id = user_id
        self._agent_id = agent_id

    def read(self, day: str) -> str:
        with self._open(day) as file:
            found = file.read()
        if not found.exists:
            raise NoDailyMemory(f"No daily memory for {day}.")
        return text(found.content)

    def write(self, day: str, content: str, *, if_match: str | None = None) -> str:
        with self._open(day) as file:
            file.replace_all(content, if_match=if_match)
        return f"Daily memory for {day} saved."

    def append(self, day: str, content: str) -> str:
        with self._open(day) as file:
            file.append(f"{content}\n", beginning=f"# Daily Memory: {day}\n\n")
        return f"Content appended to daily memory for {day}."

    def delete(self, day: str, *, if_match: str | None = None) -> str:
        with self._open(day) as file:
            if not file.exists():
                raise NoDailyMemory(f"No daily memory for {day} to delete.")
            file.delete(if_match=if_match)
        return f"Daily memory for {day} deleted."

    def list_all(self) -> dict[str, list[str]]:
        months: dict[str, list[str]] = {}
        for day in sorted(self._days()):
            months.setdefault(day[:7].replace("-", "/"), []).append(day[8:])
        return dict(sorted(months.items(), reverse=True))

    def search(
        self, query: str, *, since: str | None = None, until: str | None = None, context_lines: int = 2
    ) -> DailyFound:
        matches: list[DailyMatch] = []
        count = 0
        for day in self._newest_month_first():
            if (since and day < since) or (until and day > until):
                continue
            try:
                found = search(self.read(day), query, context_lines=context_lines)
            except NoDailyMemory:
                continue
            count += found.match_count
            matches += [DailyMatch(day, each.line, each.content, each.context) for each in found.matches]
            if count >= LIMIT:
                break
        return DailyFound(query, tuple(matches[:LIMIT]), count)

    def _newest_month_first(self) -> Iterator[str]:
        for month, days in self.list_all().items():
            yield from (f"{month.replace('/', '-')}-{day}" for day in days)

    def _days(self) -> Iterator[str]:
        with self._memory.open(
            user_id=self._user_id, agent_id=self._agent_id, filename=dates.FOLDER, layer=AGENT
        ) as folder:
            for entry in folder.list_subtree(dates.FOLDER):
                day = dates.of_filename(entry.filename)
                if day is not None:
                    yield day

    def _open(self, day: str) -> AbstractContextManager[MemoryFile]:
        return self._memory.open(
            user_id=self._user_id, agent_id=self._agent_id, filename=dates.filename(day), layer=AGENT
        )


class DailyHandler:
    """``memory.daily``: what PHP's class ``DailyMemory`` does not do itself."""

    def __init__(self, files: Callable[[int, int], DailyFiles]) -> None:
        self._files = files

    def handle(self, call: Call) -> dict[str, Any]:
        """``{method, args, user_id, agent_id}``; failures are answers, as callers expect.

        ``write`` and ``append`` take ``[day, content]``, ``delete`` ``[day]``, ``search`` ``[query, from, to,
        context_lines]``.
        """
        method, args = str(call.params.get("method")), list(call.params.get("args") or [])
        files = self._files(int(call.params.get("user_id") or 0), int(call.params.get("agent_id") or 0))
        try:
            if method == "search":
                return dict(wire_all(answer_of(_search(files, args))))
            if method in {"write", "append"}:
                change = files.write if method == "write" else files.append
                return {
                    "success": True,
                    "message": change(dates.parse(str(args[0])), text(content_of(args[1]))),
                }
            if method == "delete":
                return {"success": True, "message": files.delete(dates.parse(str(args[0])))}
        except SidecarError as error:
            if error.status >= 503:
                raise
            return {"success": False, "message": error.message}
        raise InvalidInput(f"DailyMemory has no method {method!r} here.")


def answer_of(found: DailyFound) -> dict[str, Any]:
    """A search's result as PHP and abilities have it."""
    return {
        "success": True,
        "query": found.query,
        "matches": [
            {"date": each.date, "line": each.line, "content": each.content, "context": each.context}
            for each in found.matches
        ],
        "match_count": found.match_count,
    }


def _search(files: DailyFiles, args: list[Any]) -> DailyFound:
    query, since, until, lines = [*args, None, None, None][:4]
    return files.search(
        text(content_of(query)),
        since=dates.parse(str(since)) if since else None,
        until=dates.parse(str(until)) if until else None,
        context_lines=2 if lines is None else int(lines),
    )
