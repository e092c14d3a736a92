"""Ends of jobs that are written, until those who listen were told: rows of ``datamachine_bridge_effects``.

A step that ends its own job needs none: its doorbell rings again when its worker dies. Whoever else ends a
job (a person, a page, the last child of a fan-out) leaves a row in the transaction of the end, and takes it
away when everybody has heard and everything is given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.db import Database, Session
from sidecar.queue import processes

STEP, KEY, STATUS = "end", "told", "untold"
#: Seconds that telling may take before anybody looks for the teller.
YOUNG = 60
#: Seconds after which a teller that still lives has lost the thread.
LONG = 600
#: Rows looked at in one go.
PORTION = 500


class UntoldEnds:
    """One row for a job; told twice rather than never."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def note(self, session: Session, job_id: int) -> None:
        """In the transaction that ends the job: this process tells it."""
        session.execute(
            f"INSERT INTO {self._table} (job_id, step, call_key, status, result, created_at)"
            " VALUES (:job, :step, :key, :status, :owner, UTC_TIMESTAMP(6))"
            " ON DUPLICATE KEY UPDATE status = VALUES(status), result = VALUES(result), attempt = 0,"
            " created_at = VALUES(created_at)",
            {**_row(job_id), "status": STATUS, "owner": processes.owner_name()},
        )

    @contextmanager
    def telling(self, job_id: int) -> Iterator[None]:
        """Tell inside; what is raised leaves the row, and so the telling, to a worker."""
        yield
        self.forget(job_id)

    def forget(self, job_id: int) -> None:
        """Everybody has heard."""
        with self._db.session() as session:
            session.execute(
                f"DELETE FROM {self._table} WHERE job_id = :job AND step = :step AND call_key = :key",
                _row(job_id),
            )

    def take_over(self, job_id: int) -> int:
        """This process tells it from now on; how often somebody has taken it over, 0 when all is told."""

        def work(session: Session) -> int:
            taken = session.execute(
                f"UPDATE {self._table} SET attempt = attempt + 1, result = :owner,"
                " created_at = UTC_TIMESTAMP(6) WHERE job_id = :job AND step = :step AND call_key = :key",
                {**_row(job_id), "owner": processes.owner_name()},
            )
            if not taken.rowcount:
                return 0
            found = session.scalar(
                f"SELECT attempt FROM {self._table} WHERE job_id = :job AND step = :step AND call_key = :key",
                _row(job_id),
            )
            return int(found or 0)

        return self._db.run(work)

    def lost(self, session: Session) -> list[int]:
        """Jobs whose teller is gone, oldest first."""
        rows = session.all(
            "SELECT job_id, result, created_at < UTC_TIMESTAMP(6) - INTERVAL :long SECOND AS stale"
            f" FROM {self._table} WHERE status = :status"
            " AND created_at < UTC_TIMESTAMP(6) - INTERVAL :young SECOND"
            " ORDER BY created_at LIMIT :portion",
            {"status": STATUS, "young": YOUNG, "long": LONG, "portion": PORTION},
        )
        return [
            int(row["job_id"]) for row in rows if row["stale"] or processes.process_gone(str(row["result"]))
        ]

    @property
    def _table(self) -> str:
        return self._db.tables().bridge_effects


def _row(job_id: int) -> dict[str, object]:
    return {"job": job_id, "step": STEP, "key": KEY}
