"""``datamachine_logs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.clock import SYSTEM, Clock, mysql
from sidecar.db import Database, php_json


class LogRow(msgspec.Struct, frozen=True):
    """One line of the log."""

    log_id: int
    level: str
    message: str
    context: Any
    agent_id: int | None
    user_id: int | None
    created_at: str


class LogsRepository:
    """Rows of the log."""

    def __init__(self, db: Database, clock: Clock = SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().logs

    def add(
        self, level: str, message: str, context: Mapping[str, Any], agent_id: int | None, user_id: int | None
    ) -> int:
        """Insert one line; the context is stored as given."""
        values: dict[str, Any] = {"level": level, "message": message, "created_at": mysql(self._clock.now())}
        if agent_id is not None:
            values["agent_id"] = agent_id
        if user_id is not None:
            values["user_id"] = user_id
        values["context"] = php_json.dumps(dict(context))
        with self._db.session() as session:
            return session.insert(self._table, values)

    def newest(self, limit: int = 50, *, job_id: int | None = None) -> list[LogRow]:
        """The newest lines first, perhaps of one job."""
        where, params = "", dict[str, Any](limit=limit)
        if job_id is not None:
            where = "WHERE context LIKE :job OR context LIKE :last"
            params["job"], params["last"] = f'%"job_id":{job_id},%', f'%"job_id":{job_id}}}%'
        with self._db.session() as session:
            rows = session.all(
                f"SELECT id, level, message, context, agent_id, user_id, created_at FROM"
                f" {self._table} {where}"
                " ORDER BY id DESC LIMIT :limit",
                params,
            )
        return [
            LogRow(
                int(row["id"]),
                str(row["level"]),
                str(row["message"]),
                php_json.loads(row["context"]) if row["context"] else None,
                None if row["agent_id"] is None else int(row["agent_id"]),
                None if row["user_id"] is None else int(row["user_id"]),
                str(row["created_at"]),
            )
            for row in rows
        ]

    def agent_owned_by(self, user_id: int) -> int | None:
        """The first agent of a user."""
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT agent_id FROM {self._db.tables().agents} WHERE owner_id = :user ORDER BY"
                " agent_id LIMIT 1",
                {"user": user_id},
            )
        return None if found is None else int(found)
