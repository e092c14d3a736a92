"""Daily memory: one file of notes a day and agent.

:class:`DailyMemory` is what doors use; it asks who may, and lets a plugin's storage take the place of our
files (filter ``datamachine_daily_memory_storage``). :class:`sidecar.memory.daily_files.DailyFiles` are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import msgspec

from sidecar import clock as clock_module
from sidecar.errors import Forbidden, NotFound
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Principal
from sidecar.memory import dates
from sidecar.memory.access import MemoryAccess
from sidecar.memory.reach import checked
from sidecar.memory.values import AGENT, Scope


class NoDailyMemory(NotFound):
    """There are no notes of that day."""

    code = "daily_memory_not_found"


class DailyMemoryDisabled(Forbidden):
    """The site's setting ``daily_memory_enabled`` is off."""

    code = "daily_memory_disabled"


class DailyMatch(msgspec.Struct, frozen=True):
    """One line of one day, counted from 1, with the lines around it."""

    date: str
    line: int
    content: str
    context: str


class DailyFound(msgspec.Struct, frozen=True):
    """``match_count`` counts all matches that were found, ``matches`` holds the first 50."""

    query: str
    matches: tuple[DailyMatch, ...]
    match_count: int


class DailyStorage(Protocol):
    """Keeps the notes of one agent. Days are ``YYYY-MM-DD``, real ones."""

    def read(self, day: str) -> str:
        """A day's notes; :class:`NoDailyMemory`."""
        ...

    def write(self, day: str, content: str, *, if_match: str | None = None) -> str:
        """Replace them; gives a sentence for people. MemoryWriteFailed, with ``if_match`` MemoryConflict."""
        ...

    def append(self, day: str, content: str) -> str:
        """Add below them; gives a sentence for people. MemoryWriteFailed."""
        ...

    def delete(self, day: str, *, if_match: str | None = None) -> str:
        """Remove them; gives a sentence for people. NoDailyMemory, MemoryWriteFailed, MemoryConflict."""
        ...

    def list_all(self) -> dict[str, list[str]]:
        """``{"2026/11": ["21", "23"]}``: months newest first, days ascending."""
        ...

    def search(
        self, query: str, *, since: str | None = None, until: str | None = None, context_lines: int = 2
    ) -> DailyFound:
        """Lines that contain ``query``, whatever its case, between two days, both included."""
        ...


class DailyMemory:
    """Daily memory for every door.

    ``user_id`` and ``agent_id`` say whose (:meth:`MemoryAccess.target`). Unauthorized or Forbidden
    ``rest_forbidden`` for those who may not; :class:`dates.InvalidDate` for what is no day.
    """

    def __init__(
        self,
        access: MemoryAccess,
        host: Callable[[int | None], AbstractContextManager[WordPressHost]],
        storage: Callable[[WordPressHost, int, int], DailyStorage],
        enabled: Callable[[], bool],
        clock: clock_module.Clock,
    ) -> None:
        self._access = access
        self._host = host
        self._storage = storage
        self._enabled = enabled
        self._clock = clock

    def today(self) -> str:
        """The current day in UTC."""
        return self._clock.now().date().isoformat()

    def require_enabled(self) -> None:
        """:class:`DailyMemoryDisabled` unless the site's setting is on.

        Asked by abilities, tools and REST before they write or delete; command lines never ask.
        """
        if not self._enabled():
            raise DailyMemoryDisabled("Daily memory is disabled. Enable it in the settings of Data Machine.")

    def read(
        self, principal: Principal, day: str | None = None, *, user_id: int = 0, agent_id: int = 0
    ) -> tuple[str, str]:
        """A day (None: today) and its notes; :class:`NoDailyMemory`."""
        day = self._day(day)
        with self._of(principal, user_id, agent_id, writes=False) as storage:
            return day, storage.read(day)

    def write(
        self,
        principal: Principal,
        day: str | None,
        content: str,
        *,
        if_match: str | None = None,
        user_id: int = 0,
        agent_id: int = 0,
    ) -> tuple[str, str]:
        """Replace a day's notes; the day and a sentence for people. MemoryWriteFailed.

        ``if_match``: the sha1 of the notes to replace, '' when there must be none; else MemoryConflict.
        """
        day = self._day(day)
        with self._of(principal, user_id, agent_id, writes=True) as storage:
            return day, storage.write(day, checked(content), if_match=if_match)

    def append(
        self, principal: Principal, day: str | None, content: str, *, user_id: int = 0, agent_id: int = 0
    ) -> tuple[str, str]:
        """Add below a day's notes, on a line of its own; the day and a sentence. MemoryWriteFailed."""
        day = self._day(day)
        with self._of(principal, user_id, agent_id, writes=True) as storage:
            return day, storage.append(day, checked(content))

    def delete(
        self,
        principal: Principal,
        day: str | None = None,
        *,
        if_match: str | None = None,
        user_id: int = 0,
        agent_id: int = 0,
    ) -> tuple[str, str]:
        """Remove a day's notes; the day and a sentence. NoDailyMemory, MemoryWriteFailed, MemoryConflict."""
        day = self._day(day)
        with self._of(principal, user_id, agent_id, writes=True) as storage:
            return day, storage.delete(day, if_match=if_match)

    def list_all(self, principal: Principal, *, user_id: int = 0, agent_id: int = 0) -> dict[str, list[str]]:
        """``{"2026/11": ["21", "23"]}``: months newest first, days ascending."""
        with self._of(principal, user_id, agent_id, writes=False) as storage:
            return storage.list_all()

    def search(
        self,
        principal: Principal,
        query: str,
        *,
        since: str | None = None,
        until: str | None = None,
        context_lines: int = 2,
        user_id: int = 0,
        agent_id: int = 0,
    ) -> DailyFound:
        """Lines that contain ``query``, whatever its case, between two days, both included."""
        since, until = (dates.parse(day) if day else None for day in (since, until))
        with self._of(principal, user_id, agent_id, writes=False) as storage:
            return storage.search(query, since=since, until=until, context_lines=context_lines)

    def _day(self, day: str | None) -> str:
        return dates.parse(day) if day else self.today()

    @contextmanager
    def _of(
        self, principal: Principal, user_id: int, agent_id: int, *, writes: bool
    ) -> Iterator[DailyStorage]:
        target = self._access.target(principal, user_id=user_id, agent_id=agent_id)
        scope = Scope(AGENT, target.user_id, target.agent_id, f"{dates.FOLDER}/")
        self._access.require(principal, scope, writes=writes)
        with self._host(None) as host, host_context.bind(host):
            yield self._storage(host, target.user_id, target.agent_id)
