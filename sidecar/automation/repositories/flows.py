"""``datamachine_flows``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sidecar import queue
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.repositories.pipelines import config_of
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document, Flow
from sidecar.db import Database, Session, php_json
from sidecar.identity import Scope

COLUMNS = "flow_id, pipeline_id, user_id, agent_id, flow_name, portable_slug, flow_config, scheduling_config"

#: What changes a JSON column: it gets the decoded map, which it may alter in place, and returns the new one,
#: or None when nothing is to be written. It runs while the row is locked: no hooks, no host calls.
Change = Callable[[Document], Document | None]


class FlowsRepository:
    """Rows of flows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def _table(self) -> str:
        return self._db.tables().flows

    def get(self, flow_id: int) -> Flow | None:
        with self._db.session() as session:
            row = session.one(f"SELECT {COLUMNS} FROM {self._table} WHERE flow_id = :id", {"id": flow_id})
        return None if row is None else flow_of(row)

    def config(self, flow_id: int) -> Document:
        """The live steps of a flow: queues are read from here, not from a job's snapshot."""
        with self._db.session() as session:
            text = session.scalar(
                f"SELECT flow_config FROM {self._table} WHERE flow_id = :id", {"id": flow_id}
            )
        return config_of(text)

    def find(
        self,
        *,
        flow_id: int | None = None,
        pipeline_id: int | None = None,
        user_id: int | None = None,
        scope: Scope | None = None,
        handler_slug: str | None = None,
        limit: int = 20,
        offset: int = 0,
        after: int = 0,
    ) -> tuple[list[Flow], int]:
        """Flows in the order of their ids, and how many there are in all; ``scope`` says which are seen.

        ``after``: only those of higher ids, so that pages stay apart while flows are deleted.
        """
        conditions, params = ["1 = 1"], dict[str, Any]()
        if after:
            conditions.append("flow_id > :after")
            params["after"] = after
        equals = {"flow_id": flow_id, "pipeline_id": pipeline_id, "user_id": user_id}
        for name, value in equals.items():
            if value is not None:
                conditions.append(f"{name} = :{name}")
                params[name] = value
        if handler_slug:
            conditions.append("flow_config LIKE :handler")
            params["handler"] = f"%{_literal(php_json.dumps(handler_slug))}%"
        if scope is not None:
            seen, named = scope.condition()
            conditions.append(seen)
            params.update(named)
        where = " AND ".join(conditions)
        with self._db.session() as session:
            total = session.scalar(f"SELECT COUNT(*) FROM {self._table} WHERE {where}", params)
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE {where} ORDER BY flow_id LIMIT :limit"
                " OFFSET :offset",
                {**params, "limit": limit, "offset": offset},
            )
        return [flow_of(row) for row in rows], int(total or 0)

    def of_ids(self, flow_ids: Sequence[int]) -> list[Flow]:
        """The flows of some ids that there are."""
        if not flow_ids:
            return []
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE flow_id IN :ids ORDER BY flow_id",
                {"ids": list(flow_ids)},
            )
        return [flow_of(row) for row in rows]

    def scheduled(self, flow_ids: Sequence[int], schedule: str) -> list[Flow]:
        """Flows of these ids, and those whose schedule is LIKE a text."""
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE flow_id IN :ids OR scheduling_config LIKE :like"
                " ORDER BY flow_id",
                {"ids": list(flow_ids) or [0], "like": schedule},
            )
        return [flow_of(row) for row in rows]

    def of_pipelines(self, pipeline_ids: Sequence[int]) -> list[Flow]:
        """Every flow of some pipelines."""
        if not pipeline_ids:
            return []
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE pipeline_id IN :ids ORDER BY flow_id",
                {"ids": list(pipeline_ids)},
            )
        return [flow_of(row) for row in rows]

    def create(
        self,
        pipeline_id: int,
        name: str,
        scheduling: Mapping[str, Any],
        *,
        user_id: int = 0,
        agent_id: int | None = None,
    ) -> int:
        """Insert a flow without steps."""
        values: dict[str, Any] = {
            "pipeline_id": pipeline_id,
            "user_id": user_id,
            "flow_name": name,
            "flow_config": "[]",
            "scheduling_config": php_json.dumps(dict(scheduling)),
        }
        if agent_id is not None:
            values["agent_id"] = agent_id
        with write(self._db) as session:
            return session.insert(self._table, values)

    def rename(self, flow_id: int, name: str) -> None:
        """Change the name, and nothing else."""
        with write(self._db) as session:
            session.update(self._table, {"flow_name": name}, {"flow_id": flow_id})

    def delete(self, session: Session, flow_id: int) -> None:
        """Remove the row, in the caller's transaction."""
        session.delete(self._table, {"flow_id": flow_id})

    def change(self, flow_id: int, work: Change, *, session: Session | None = None) -> Flow:
        """Change the steps under a lock of the row; the flow as it is afterwards. FlowNotFound.

        Keys of the map that are no steps are the work's to keep. ``session`` is the transaction to write in,
        else one of its own.
        """
        return self._change(flow_id, "flow_config", work, session)

    def change_schedule(self, flow_id: int, work: Change, *, session: Session | None = None) -> Flow:
        """Change the schedule under a lock of the row; as :meth:`change`."""
        return self._change(flow_id, "scheduling_config", work, session)

    def change_schedules(
        self,
        session: Session,
        flow_ids: Sequence[int],
        work: Callable[[int, Document], Document | None],
    ) -> None:
        """Change the schedules of several flows in the caller's transaction, their rows locked by their ids.

        ``work`` is called with the id too, for those that there are.
        """
        rows = session.all(
            f"SELECT flow_id, scheduling_config FROM {self._table} WHERE flow_id IN :ids ORDER BY flow_id"
            " FOR UPDATE",
            {"ids": list(flow_ids)},
        )
        for row in rows:
            config = work(int(row["flow_id"]), config_of(row["scheduling_config"]))
            if config is not None:
                session.update(
                    self._table, {"scheduling_config": php_json.dumps(config)}, {"flow_id": row["flow_id"]}
                )

    def _change(self, flow_id: int, column: str, work: Change, session: Session | None) -> Flow:
        if session is None and queue.current_run() is None:
            # Again after a deadlock: the work has no effect but its answer.
            return self._db.run(lambda own: self._change(flow_id, column, work, own))
        if session is None:
            with write(self._db) as own:
                return self._change(flow_id, column, work, own)
        row = session.one(
            f"SELECT {COLUMNS} FROM {self._table} WHERE flow_id = :id FOR UPDATE", {"id": flow_id}
        )
        if row is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        config = work(config_of(row[column]))
        if config is not None:
            row[column] = php_json.dumps(config)
            session.update(self._table, {column: row[column]}, {"flow_id": flow_id})
        return flow_of(row)


def _literal(text: str) -> str:
    """A text as LIKE finds it, and nothing else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def flow_of(row: dict[str, Any]) -> Flow:
    """A row of :data:`COLUMNS` as it comes from the database."""
    return Flow(
        flow_id=int(row["flow_id"]),
        pipeline_id=int(row["pipeline_id"]),
        user_id=int(row["user_id"]),
        agent_id=None if row["agent_id"] is None else int(row["agent_id"]),
        flow_name=str(row["flow_name"]),
        portable_slug=row["portable_slug"],
        flow_config=config_of(row["flow_config"]),
        scheduling_config=config_of(row["scheduling_config"]),
    )
