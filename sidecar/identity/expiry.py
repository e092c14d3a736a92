"""When a token is over."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def moment(text: str) -> datetime | None:
    """A DATETIME of the database, which is UTC; None for what is no time (``0000-00-00 00:00:00``)."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def expired(expires_at: str | None, now: datetime) -> bool:
    """Whether a token is over: at its end, and when its end is no time. Without an end never."""
    if not expires_at:
        return False
    end = moment(expires_at)
    return end is None or end <= now
