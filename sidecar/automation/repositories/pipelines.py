"""``datamachine_pipelines``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document, Pipeline, document
from sidecar.db import Database, php_json
from sidecar.identity import Scope

COLUMNS = (
    "pipeline_id, user_id, agent_id, pipeline_name, portable_slug, pipeline_config, created_at, updated_at"
)


class PipelinesRepository:
    """Rows of pipelines."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def _table(self) -> str:
        return self._db.tables().pipelines

    def get(self, pipeline_id: int) -> Pipeline | None:
        with self._db.session() as session:
            row = session.one(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id = :id", {"id": pipeline_id}
            )
        return None if row is None else _pipeline(row)

    def find(
        self,
        *,
        search: str | None = None,
        user_id: int | None = None,
        scope: Scope | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[Pipeline], int]:
        """Pipelines, last changed first, and how many there are in all; ``scope`` says which are seen."""
        conditions, params = ["1 = 1"], dict[str, Any]()
        if search:
            conditions.append("pipeline_name LIKE :search")
            params["search"] = (
                "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            )
        if user_id is not None:
            conditions.append("user_id = :user_id")
            params["user_id"] = user_id
        if scope is not None:
            seen, named = scope.condition()
            conditions.append(seen)
            params.update(named)
        where = " AND ".join(conditions)
        with self._db.session() as session:
            total = session.scalar(f"SELECT COUNT(*) FROM {self._table} WHERE {where}", params)
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE {where} ORDER BY updated_at DESC,"
                " pipeline_id DESC"
                " LIMIT :limit OFFSET :offset",
                {**params, "limit": limit, "offset": offset},
            )
        return [_pipeline(row) for row in rows], int(total or 0)

    def create(self, name: str, *, user_id: int, agent_id: int | None, now: str) -> int:
        """Insert a pipeline without steps."""
        values: dict[str, Any] = {
            "user_id": user_id,
            "pipeline_name": name,
            "pipeline_config": "[]",
            "created_at": now,
            "updated_at": now,
        }
        if agent_id is not None:
            values["agent_id"] = agent_id
        with write(self._db) as session:
            return session.insert(self._table, values)

    def change(self, pipeline_id: int, work: Callable[[Document], Document | None]) -> Pipeline:
        """Change the configuration under a lock on its row; the pipeline as it is then.

        ``work`` gets the decoded map, which it may keep, and gives the new one, or None for no change. Keys
        that are no steps are in the map too. Raises PipelineNotFound, and whatever ``work`` raises: nothing
        is written then.
        """
        with write(self._db) as session:
            row = session.one(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id = :id FOR UPDATE", {"id": pipeline_id}
            )
            if row is None:
                raise PipelineNotFound("Pipeline not found")
            found = _pipeline(row)
            wanted = work(found.pipeline_config)
            if wanted is None:
                return found
            session.update(
                self._table, {"pipeline_config": php_json.dumps(wanted)}, {"pipeline_id": pipeline_id}
            )
            row = session.one(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id = :id", {"id": pipeline_id}
            )
        if row is None:
            raise PipelineNotFound("Pipeline not found")
        return _pipeline(row)

    def store_config(self, pipeline_id: int, config: Mapping[str, Any]) -> None:
        """Replace the steps."""
        with write(self._db) as session:
            session.update(
                self._table, {"pipeline_config": php_json.dumps(dict(config))}, {"pipeline_id": pipeline_id}
            )


def _pipeline(row: dict[str, Any]) -> Pipeline:
    return Pipeline(
        pipeline_id=int(row["pipeline_id"]),
        user_id=int(row["user_id"]),
        agent_id=None if row["agent_id"] is None else int(row["agent_id"]),
        pipeline_name=str(row["pipeline_name"]),
        portable_slug=row["portable_slug"],
        pipeline_config=config_of(row["pipeline_config"]),
        created_at=str(row["created_at"]),
        updated_at=str(row["updated_at"]),
    )


def config_of(text: str | None) -> Document:
    """A JSON column that holds a map, ``[]`` when empty."""
    return document(php_json.loads(text)) if text else {}
