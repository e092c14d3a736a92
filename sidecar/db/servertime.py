"""The time by the database's clock, which everybody who shares the database shares.

What is due, claimed or dead is compared with ``UTC_TIMESTAMP()``. A machine whose own clock is ahead by two
hours would ring two hours late, and one that is behind would ring for an hourly schedule without end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar.clock import SYSTEM

if TYPE_CHECKING:
    import pymysql

    from sidecar.db.database import Database

#: Seconds until the server is asked again; in between its time goes on as a clock does that nobody sets.
FRESH = 5.0


class _Asked(NamedTuple):
    at: float
    answer: datetime


class ServerTime:
    """What a server said last, and how long ago that was."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._asked: _Asked | None = None

    def look(self, driver: pymysql.Connection[Any]) -> None:
        """Ask, if the last answer is old. Raises the driver's errors."""
        if self._asked is not None and self._monotonic() - self._asked.at < FRESH:
            return
        with driver.cursor() as cursor:
            cursor.execute("SELECT CAST(UTC_TIMESTAMP(6) AS CHAR) AS now")
            row = cursor.fetchone()
        assert row is not None
        text = str(row[0])
        self._asked = _Asked(self._monotonic(), datetime.fromisoformat(text).replace(tzinfo=UTC))

    def now(self) -> datetime:
        """The server's time; this machine's until it was asked."""
        if self._asked is None:
            return SYSTEM.now()
        return self._asked.answer + timedelta(seconds=self._monotonic() - self._asked.at)


class ServerClock:
    """A clock that shows the time of a database's server."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def now(self) -> datetime:
        return self._db.time.now()

    def monotonic(self) -> float:
        return time.monotonic()
