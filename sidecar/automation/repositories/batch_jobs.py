"""``datamachine_jobs``: parents that fanned out, and their children."""

from __future__ import annotations

from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.jobs import COLUMNS, as_job, by_word
from sidecar.automation.values import Job
from sidecar.db import Database, Session

#: The source of a fan-out's children. A system task's tracking child has another one.
SOURCE = "pipeline"


class BatchJobs:
    """Looks from children to parents and back."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def batch_parent(self, job_id: int) -> Job | None:
        """The running parent of a child of a fan-out, without its engine data; None for any other job."""
        table = self._db.tables().jobs
        columns = ", ".join(f"p.{name}" for name in COLUMNS.split(", ") if name != "engine_data")
        with self._db.session() as session:
            row = session.one(
                f"SELECT {columns}, NULL AS engine_data FROM {table} c"
                f" JOIN {table} p ON p.job_id = c.parent_job_id"
                " WHERE c.job_id = :id AND c.source = :source AND p.status = :processing",
                {"id": job_id, "source": SOURCE, "processing": statuses.PROCESSING},
            )
        return None if row is None else as_job(row)

    def children(self, parent_job_id: int) -> dict[str, int]:
        """How many children of a fan-out there are by base status."""
        table = self._db.tables().jobs
        with self._db.session() as session:
            rows = session.all(
                f"SELECT status, COUNT(*) AS jobs FROM {table} WHERE parent_job_id = :parent"
                " AND source = :source GROUP BY status",
                {"parent": parent_job_id, "source": SOURCE},
            )
        return by_word(rows)

    def unsettled(self, session: Session) -> list[int]:
        """Jobs that fanned out, run as far as they know, and have no unfinished child and no chunk to come:
        what should have gone on with them was lost more than a minute ago.
        """
        table = self._db.tables().jobs
        return [
            int(row["job_id"])
            for row in session.all(
                f"SELECT p.job_id FROM {table} p"
                f" JOIN {self._db.tables().bridge_leases} l ON l.job_id = p.job_id AND l.state = 'done'"
                " WHERE p.status = :processing AND l.updated_at < UTC_TIMESTAMP(6) - INTERVAL 60 SECOND"
                f" AND NOT EXISTS (SELECT 1 FROM {table} c WHERE c.parent_job_id = p.job_id"
                " AND c.source = :source AND c.status IN :active)"
                " AND p.engine_data LIKE '%\"batch\":true%' LIMIT 100",
                {
                    "processing": statuses.PROCESSING,
                    "source": SOURCE,
                    "active": list(statuses.ACTIVE),
                },
            )
        ]
