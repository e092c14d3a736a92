"""Rows of ``datamachine_agent_tokens`` as values."""

from __future__ import annotations

from sidecar.db import Row
from sidecar.identity import ceiling
from sidecar.identity.values import Token

#: The columns of the table, for an alias ``t``; times that agents have too get a name of their own.
COLUMNS = (
    "t.token_id, t.agent_id AS token_agent_id, t.token_prefix, t.label, t.capabilities, t.last_used_at, "
    "t.expires_at, t.created_at AS token_created_at"
)


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


def _text(value: object) -> str | None:
    return None if value is None else str(value)
