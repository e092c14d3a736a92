"""``datamachine_pipelines``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.pipelines import names
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document, Pipeline, document
from sidecar.db import Database, Session, php_json
from sidecar.errors import Unavailable
from sidecar.identity import Scope
from sidecar.identity.locks import NamedLocks

COLUMNS = (
    "pipeline_id, user_id, agent_id, pipeline_name, portable_slug, pipeline_config, created_at, updated_at"
)


class PipelinesRepository:
    """Rows of pipelines."""

    def __init__(self, db: Database) -> None:
        self._db = db
        busy = Unavailable("Somebody else is creating pipelines. Try again.", code="pipelines_busy")
        self._locks = NamedLocks(db, busy)

    @property
    def _table(self) -> str:
        return self._db.tables().pipelines

    def get(self, pipeline_id: int) -> Pipeline | None:
        with self._db.session() as session:
            row = session.one(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id = :id", {"id": pipeline_id}
            )
        return None if row is None else pipeline_of(row)

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
        return [pipeline_of(row) for row in rows], int(total or 0)

    def after(self, pipeline_id: int, scope: Scope, limit: int) -> list[Pipeline]:
        """Those that are seen in the order of their ids, above one: pages that no change moves about."""
        seen, params = scope.condition()
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id > :after AND ({seen})"
                " ORDER BY pipeline_id LIMIT :limit",
                {**params, "after": pipeline_id, "limit": limit},
            )
        return [pipeline_of(row) for row in rows]

    def create(
        self,
        name: str,
        *,
        user_id: int,
        agent_id: int | None,
        now: str,
        slug: str | None = None,
        config: Callable[[int], Document] | None = None,
    ) -> int:
        """Insert a pipeline; its id.

        ``config`` gives the configuration for that id, in the same transaction. The portable slug is the one
        of its name, or ``slug``, numbered where the agent has a pipeline of that slug. Whoever calls this
        inside a transaction holds :meth:`naming` around that.
        """
        values: dict[str, Any] = {
            "user_id": user_id,
            "pipeline_name": name,
            "pipeline_config": "[]",
            "created_at": now,
            "updated_at": now,
        }
        if agent_id is not None:
            values["agent_id"] = agent_id
        with self.naming(agent_id), write(self._db) as session:
            wanted = slug or names.slug(name)
            values["portable_slug"] = names.free(wanted, self._slugs(session, agent_id, wanted))
            pipeline_id = session.insert(self._table, values)
            if config is not None and (built := config(pipeline_id)):
                text = php_json.dumps(built)
                # Else the row says that it was changed the moment it was made.
                session.update(
                    self._table, {"pipeline_config": text, "updated_at": now}, {"pipeline_id": pipeline_id}
                )
            return pipeline_id

    @contextmanager
    def naming(self, agent_id: int | None) -> Iterator[None]:
        """Alone in giving slugs to an agent's pipelines; Unavailable ``pipelines_busy``.

        The index of the table does it for agents, but not for nobody's pipelines, and it ends a transaction
        that has done more than that. Nothing may be sent over the bridge inside.
        """
        with self._locks.hold(f"pipelines:{agent_id or 0}"):
            yield

    def rename(self, pipeline_id: int, name: str) -> bool:
        """Change the name, and nothing else; False when there is no such pipeline."""
        with write(self._db) as session:
            return session.update(self._table, {"pipeline_name": name}, {"pipeline_id": pipeline_id}) > 0

    def many(self, pipeline_ids: Sequence[int]) -> list[Pipeline]:
        """Those of the given ids that exist, in the order of their ids."""
        if not pipeline_ids:
            return []
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id IN :ids ORDER BY pipeline_id",
                {"ids": list(pipeline_ids)},
            )
        return [pipeline_of(row) for row in rows]

    def named(
        self, agent_id: int | None, slugs: Sequence[str], pipeline_names: Sequence[str]
    ) -> list[Pipeline]:
        """An agent's pipelines of these portable slugs or names, in the order of their ids."""
        parts = {"portable_slug": list(slugs), "pipeline_name": list(pipeline_names)}
        given = {column: values for column, values in parts.items() if values}
        if not given:
            return []
        either = " OR ".join(f"{column} IN :{column}" for column in given)
        own = "agent_id = :agent" if agent_id else "(agent_id IS NULL OR agent_id = 0)"
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE {own} AND ({either}) ORDER BY pipeline_id",
                {**given, "agent": agent_id or 0},
            )
        return [pipeline_of(row) for row in rows]

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
            found = pipeline_of(row)
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
        return pipeline_of(row)

    def _slugs(self, session: Session, agent_id: int | None, wanted: str) -> set[str]:
        """Those of an agent that begin like one."""
        rows = session.column(
            f"SELECT portable_slug FROM {self._table} WHERE agent_id <=> :agent"
            " AND (portable_slug = :slug OR portable_slug LIKE :numbered)",
            {"agent": agent_id, "slug": wanted, "numbered": f"{wanted}-%"},
        )
        return {str(each) for each in rows}


def pipeline_of(row: dict[str, Any]) -> Pipeline:
    """A row of :data:`COLUMNS` as it comes from the database."""
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
