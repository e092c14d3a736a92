"""Conversations that were kept in ``datamachine_chat_sessions``, read only."""

from __future__ import annotations

from typing import Any

import msgspec

from sidecar.db import Database, php_json


class Transcript(msgspec.Struct, frozen=True):
    """One conversation. ``messages`` are ``{role, content, ...}`` as they were stored."""

    session_id: str
    agent_id: int | None
    mode: str
    provider: str | None
    model: str | None
    created_at: str
    messages: list[dict[str, Any]]


class TranscriptsRepository:
    """Rows of sessions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, session_id: str) -> Transcript | None:
        """One conversation; None when it is gone, or no list of messages."""
        with self._db.session() as session:
            row = session.one(
                "SELECT session_id, agent_id, mode, provider, model, created_at, messages"
                f" FROM {self._db.tables().chat_sessions} WHERE session_id = :id",
                {"id": session_id},
            )
        if row is None:
            return None
        try:
            messages = php_json.loads(str(row["messages"]))
        except php_json.NotJson:
            return None
        return Transcript(
            session_id=str(row["session_id"]),
            agent_id=None if row["agent_id"] is None else int(row["agent_id"]),
            mode=str(row["mode"]),
            provider=row["provider"],
            model=row["model"],
            created_at=str(row["created_at"]),
            messages=[one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else [],
        )
