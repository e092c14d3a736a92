"""What is asked of jobs beside their rows: families, leases, batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.jobs import COLUMNS, as_job
from sidecar.automation.values import Job
from sidecar.db import Database, Session
from sidecar.identity import Scope

NO_DATA = ", ".join("NULL AS engine_data" if name == "engine_data" else name for name in COLUMNS.split(", "))


class JobLease(msgspec.Struct, frozen=True):
    """A job's lease: ``running``, ``ready`` (its step is due), ``done`` or ``failed``."""

    state: str
    #: The flow step it names, '' for none.
    step: str = ""
    #: Whether its worker has given a sign of life in time.
    live: bool = False
    #: Seconds since then.
    silent: float = 0.0
    error: str = ""


_LEASE = (
    "job_id, state, hook, step, last_error, lease_until >= UTC_TIMESTAMP(6) AS live,"
    " TIMESTAMPDIFF(MICROSECOND, heartbeat_at, UTC_TIMESTAMP(6)) / 1000000 AS silent"
)


def _lease(row: dict[str, Any]) -> JobLease:
    return JobLease(
        state=str(row["state"]),
        step="" if row["step"] == row["hook"] else str(row["step"]),
        live=bool(row["live"]),
        silent=float(row["silent"] or 0),
        error=str(row["last_error"] or ""),
    )


class Batch(msgspec.Struct, frozen=True):
    """A job that fanned out, without its engine data, and how its children are."""

    job: Job
    #: Children by the base word of their status.
    children: dict[str, int]

    @property
    def total(self) -> int:
        """How many children there are by now."""
        return sum(self.children.values())


def unfinished(alias: str = "") -> str:
    """SQL: a job that has not ended."""
    prefix = f"{alias}." if alias else ""
    # Values, not their beginnings: an index on the column serves it.
    words = ", ".join(f"'{word}'" for word in statuses.ACTIVE)
    return f"{prefix}status IN ({words})"


def ended(alias: str = "") -> str:
    """SQL: a job that has ended."""
    prefix = f"{alias}." if alias else ""
    return "(" + " OR ".join(f"{prefix}status LIKE '{word}%'" for word in statuses.FINAL) + ")"


class JobReports:
    """Reads; writes nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def _table(self) -> str:
        return self._db.tables().jobs

    def unfinished_children(self, job_id: int, after: int, limit: int) -> list[Job]:
        """Children of a job that have not ended, by id, above ``after``."""
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE parent_job_id = :parent AND job_id > :after"
                f" AND {unfinished()} ORDER BY job_id LIMIT :limit",
                {"parent": job_id, "after": after, "limit": limit},
            )
        return [as_job(row) for row in rows]

    def children_rows(self, job_id: int) -> list[Job]:
        """Every child of a job, oldest first."""
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE parent_job_id = :parent ORDER BY job_id",
                {"parent": job_id},
            )
        return [as_job(row) for row in rows]

    def ill_ended_children(self, job_id: int) -> list[int]:
        """Children of a fan-out that failed or were cancelled, by id."""
        with self._db.session() as session:
            rows = session.column(
                f"SELECT job_id FROM {self._table} WHERE parent_job_id = :parent"
                f" AND (status LIKE '{statuses.FAILED}%' OR status LIKE '{statuses.CANCELLED}%')"
                " AND source <> 'pipeline_system_task' ORDER BY job_id",
                {"parent": job_id},
            )
        return [int(each) for each in rows]

    def unfinished_of_flows(self, flow_ids: Sequence[int], after: int, limit: int) -> list[Job]:
        """Jobs of flows that have not ended, by id, above ``after``."""
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS} FROM {self._table} WHERE flow_id IN :flows AND job_id > :after"
                f" AND {unfinished()} ORDER BY job_id LIMIT :limit",
                {"flows": [str(flow_id) for flow_id in flow_ids], "after": after, "limit": limit},
            )
        return [as_job(row) for row in rows]

    def lease(self, session: Session, job_id: int) -> JobLease | None:
        """What the queue knows of who works on a job. In a transaction nobody changes it until the commit."""
        row = session.one(
            f"SELECT {_LEASE} FROM {self._db.tables().bridge_leases} WHERE lease_key = :key FOR UPDATE",
            {"key": f"job:{job_id}"},
        )
        return None if row is None else _lease(row)

    def leases(self, job_ids: Sequence[int]) -> dict[int, JobLease]:
        """What the queue knows of who works on jobs."""
        if not job_ids:
            return {}
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {_LEASE} FROM {self._db.tables().bridge_leases} WHERE job_id IN :ids"
                " AND lease_key LIKE 'job:%'",
                {"ids": list(job_ids)},
            )
        return {int(row["job_id"]): _lease(row) for row in rows}

    def flow_names(self, flow_ids: Sequence[str | None]) -> dict[str, str]:
        """Names of flows by id, as jobs name them."""
        ids = [int(each) for each in flow_ids if each and each.isdecimal()]
        if not ids:
            return {}
        with self._db.session() as session:
            rows = session.all(
                f"SELECT flow_id, flow_name FROM {self._db.tables().flows} WHERE flow_id IN :ids",
                {"ids": ids},
            )
        return {str(row["flow_id"]): str(row["flow_name"]) for row in rows}

    def works(self, job_id: int) -> bool:
        """Whether a worker that is alive works on a job now."""
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT 1 FROM {self._db.tables().bridge_leases} WHERE lease_key = :key"
                " AND state = 'running' AND lease_until >= UTC_TIMESTAMP(6)",
                {"key": f"job:{job_id}"},
            )
        return found is not None

    # Batches

    def batches(self, scope: Scope, *, status: str | None, limit: int, offset: int = 0) -> list[Batch]:
        """Jobs that fanned out, newest first."""
        seen, params = scope.condition("j")
        conditions = [seen]
        if status:
            conditions.append("j.status LIKE :status")
            params["status"] = status.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = ", ".join(
            "NULL AS engine_data" if name == "engine_data" else f"j.{name}" for name in COLUMNS.split(", ")
        )
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {columns} FROM"
                # Ids out of two indexes first: whether a job has children is asked of no row.
                f" (SELECT DISTINCT parent_job_id AS job_id FROM {self._table}"
                " WHERE parent_job_id IS NOT NULL"
                f" UNION SELECT job_id FROM {self._table} WHERE source = 'batch') b"
                f" STRAIGHT_JOIN {self._table} j ON j.job_id = b.job_id WHERE {' AND '.join(conditions)}"
                " ORDER BY j.job_id DESC LIMIT :limit OFFSET :offset",
                {**params, "limit": limit, "offset": offset},
            )
        jobs = [as_job(row) for row in rows]
        counted = self.children([job.job_id for job in jobs])
        # A system task's tracking row makes no batch of the job that waits for it.
        return [
            Batch(job, counted.get(job.job_id, {}))
            for job in jobs
            if job.source == "batch" or counted.get(job.job_id)
        ]

    def children(self, job_ids: Sequence[int]) -> dict[int, dict[str, int]]:
        """How many children jobs have, by the base word of their status; tracking rows of tasks left out."""
        if not job_ids:
            return {}
        with self._db.session() as session:
            rows = session.all(
                f"SELECT parent_job_id, status, COUNT(*) AS jobs FROM {self._table}"
                " WHERE parent_job_id IN :ids AND source <> 'pipeline_system_task'"
                " GROUP BY parent_job_id, status",
                {"ids": list(job_ids)},
            )
        found: dict[int, dict[str, int]] = {}
        for row in rows:
            counts = found.setdefault(int(row["parent_job_id"]), {})
            word = statuses.base(str(row["status"]))
            counts[word] = counts.get(word, 0) + int(row["jobs"])
        return found

    def page(
        self,
        scope: Scope,
        where: str,
        params: dict[str, Any],
        after: int,
        limit: int,
        *,
        data: bool = True,
    ) -> list[Job]:
        """Jobs in a scope that match a condition on the plain table, by id, above ``after``.

        ``data``: with their engine data, which may be large.
        """
        seen, named = scope.condition()
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {COLUMNS if data else NO_DATA} FROM {self._table}"
                f" WHERE job_id > :after AND {seen} AND {where}"
                " ORDER BY job_id LIMIT :limit",
                {**params, **named, "after": after, "limit": limit},
            )
        return [as_job(row) for row in rows]

    def ago(self, hours: float) -> str:
        """A moment as the columns have it."""
        with self._db.session() as session:
            return str(
                session.scalar(
                    "SELECT UTC_TIMESTAMP() - INTERVAL :seconds SECOND", {"seconds": int(hours * 3600)}
                )
            )

    def count(self, scope: Scope, where: str, params: dict[str, Any]) -> int:
        """How many jobs :meth:`page` would give in all."""
        seen, named = scope.condition()
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT COUNT(*) FROM {self._table} WHERE {seen} AND {where}", {**params, **named}
            )
        return int(found or 0)
