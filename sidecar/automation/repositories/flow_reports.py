"""How the flows of a site have been doing, as the rows of their newest jobs tell."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.jobs import COLUMNS, as_job
from sidecar.automation.values import Job
from sidecar.db import Database
from sidecar.identity import Scope

#: Flows whose newest jobs are read in one statement.
FLOWS = 50
#: Jobs of a flow that tell how it is doing.
NEWEST = 10
#: From so many flows on, those whose newest job went well are sorted out first.
MANY = 100
#: Ends that leave nothing to complain of.
_WELL = (statuses.COMPLETED, statuses.AGENT_SKIPPED, statuses.CANCELLED)
_NO_DATA = ", ".join("NULL AS engine_data" if name == "engine_data" else name for name in COLUMNS.split(", "))


class Recent(msgspec.Struct, frozen=True):
    """One of the newest jobs of a flow."""

    flow_id: int
    job_id: int
    status: str
    created_at: str


class FlowReports:
    """Reads; writes nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def _table(self) -> str:
        return self._db.tables().jobs

    def seen(self, scope: Scope) -> dict[int, str]:
        """Names of the flows in a scope, by id."""
        seen, params = scope.condition()
        with self._db.session() as session:
            rows = session.all(
                f"SELECT flow_id, flow_name FROM {self._db.tables().flows} WHERE {seen} ORDER BY flow_id",
                params,
            )
        return {int(row["flow_id"]): str(row["flow_name"]) for row in rows}

    def newest(self, flow_ids: Sequence[int]) -> dict[int, list[Recent]]:
        """The newest jobs of flows, newest first: NEWEST of each."""
        found: dict[int, list[Recent]] = {flow_id: [] for flow_id in flow_ids}
        for start in range(0, len(flow_ids), FLOWS):
            part = flow_ids[start : start + FLOWS]
            # One index range a flow: a window over the whole table would read every job.
            selects = [
                f"(SELECT flow_id, job_id, status, created_at FROM {self._table} WHERE flow_id = :f{at}"
                f" ORDER BY created_at DESC, job_id DESC LIMIT {NEWEST})"
                for at in range(len(part))
            ]
            params = {f"f{at}": str(flow_id) for at, flow_id in enumerate(part)}
            with self._db.session() as session:
                for row in session.all(" UNION ALL ".join(selects), params):
                    recent = Recent(
                        int(row["flow_id"]), int(row["job_id"]), str(row["status"]), str(row["created_at"])
                    )
                    found[recent.flow_id].append(recent)
        for jobs in found.values():
            jobs.sort(key=lambda each: (each.created_at, each.job_id), reverse=True)
        return found

    def suspects(self, flow_ids: Sequence[int]) -> list[int]:
        """Of many flows those whose newest job failed, found nothing, or has not ended; of few all."""
        if len(flow_ids) < MANY:
            return list(flow_ids)
        went_well = " OR ".join(f"j.status = '{word}' OR j.status LIKE '{word} - %'" for word in _WELL)
        table = self._table
        with self._db.session() as session:
            found = session.column(
                # The newest moment of each flow is one entry of the index (flow_id, created_at); nothing else
                # of a flow's jobs is looked at.
                f"SELECT DISTINCT j.flow_id FROM (SELECT flow_id, MAX(created_at) AS newest FROM {table}"
                f" GROUP BY flow_id) n STRAIGHT_JOIN {table} j ON j.flow_id = n.flow_id"
                f" AND j.created_at = n.newest WHERE NOT ({went_well})"
            )
        named = {str(each) for each in found}
        return [flow_id for flow_id in flow_ids if str(flow_id) in named]

    def flow_of(self, job_id: int) -> int:
        """The flow a job ran for, 0 for none; without the rest of its row, which may be large."""
        with self._db.session() as session:
            found = session.scalar(f"SELECT flow_id FROM {self._table} WHERE job_id = :id", {"id": job_id})
        return int(found) if found and str(found).isdecimal() else 0

    def jobs(self, job_ids: Sequence[int]) -> dict[int, Job]:
        """Jobs without their engine data."""
        if not job_ids:
            return {}
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {_NO_DATA} FROM {self._table} WHERE job_id IN :ids", {"ids": list(job_ids)}
            )
        return {int(row["job_id"]): as_job(row) for row in rows}
