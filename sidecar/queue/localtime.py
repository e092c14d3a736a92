"""The site's own time, for Action Scheduler's ``*_local`` columns."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sidecar.queue import tables

if TYPE_CHECKING:
    from sidecar.db import Session, Tables

#: The two options change when an operator saves the settings page; a minute late is early enough for a log.
FRESH = 60.0
_OFFSET = re.compile(r"[+-]?\d+(\.\d+)?")
_lock = threading.Lock()
_known: dict[Tables, tuple[float, tzinfo]] = {}


def zone(timezone_string: str, gmt_offset: str) -> tzinfo:
    """WordPress's rule: a named zone wins, else the offset in hours, else UTC."""
    if timezone_string:
        try:
            return ZoneInfo(timezone_string)
        except (LookupError, ValueError, OSError):
            pass
    if _OFFSET.fullmatch(gmt_offset.strip()):
        hours = float(gmt_offset)
        if hours and abs(hours) < 24:
            return timezone(timedelta(hours=hours))
    return UTC


def of(session: Session) -> tzinfo:
    """The time zone of the session's site."""
    key = tables.current()
    with _lock:
        known = _known.get(key)
    if known and time.monotonic() - known[0] < FRESH:
        return known[1]
    rows = session.all(
        f"SELECT option_name, option_value FROM {key.options}"
        " WHERE option_name IN ('timezone_string', 'gmt_offset')"
    )
    values = {str(row["option_name"]): str(row["option_value"] or "") for row in rows}
    found = zone(values.get("timezone_string", ""), values.get("gmt_offset", ""))
    with _lock:
        _known[key] = (time.monotonic(), found)
    return found


def mysql_local(session: Session, moment: datetime) -> str:
    """A DATETIME literal in the site's time."""
    return moment.astimezone(of(session)).strftime("%Y-%m-%d %H:%M:%S")


def offset(session: Session, moment: datetime | None = None) -> int:
    """Seconds the site's clock is ahead of UTC at a moment (now)."""
    shift = (moment or datetime.now(UTC)).astimezone(of(session)).utcoffset()
    return int(shift.total_seconds()) if shift else 0
