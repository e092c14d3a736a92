"""Rows of ``datamachine_agent_tokens`` as values, and when a token is over."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sidecar.db import Row
from sidecar.identity import ceiling
from sidecar.identity.values import Token

#: The columns of the table, for an alias ``t``; times that agents have too get a name of their own.
COLUMNS = (
    "t.token_id, t.agent_id AS token_agent_id, t.token_prefix, t.label, t.capabilities, t.last_used_at, "
    "t.expires_at, t.created_at AS token_created_at"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def token_of(row: Row) -> Token:
    """The token of a row selected with :data:`COLUMNS`."""
    column = row["capabilities"]
    return Token(
        token_id=int(row["token_id"]),
        agent_id=int(row["token_agent_id"]),
        token_prefix=str(row["token_prefix"]),
        label=str(row["label"]),
        capabilities=ceiling.decoded(column),
        last_used_at=_text(row["last_used_at"]),
        expires_at=_text(row["expires_at"]),
        created_at=str(row["token_created_at"]),
        ceiling=ceiling.read(column),
    )


def moment(text: str) -> datetime | None:
    """A DATETIME of the database, which is UTC; None for what is no time (``0000-00-00 00:00:00``)."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def expired(expires_at: str | None, now: datetime) -> bool:
    """Whether a token is over: at its end, and when its end is no time. Without an end never."""
    if not expires_at:
        return False
    end = moment(expires_at)
    return end is None or end <= now


def _text(value: object) -> str | None:
    return None if value is None else str(value)
