"""What a process has begun with a job and is going to finish: rows of ``datamachine_bridge_effects``.

A doorbell rings again when its worker dies, and finds what is left to do. Whoever works outside the queue (a
person's command, a page, the last child of a fan-out that ends its parent) leaves a row in the transaction
that begins, and takes it away with the last thing that was to be done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from sidecar.db import Database, Session
from sidecar.queue import effects, processes, silencing

#: Seconds that it may take before anybody looks for the process.
YOUNG = 60
#: Seconds after which a process that still lives has lost the thread.
LONG = 600
#: Rows looked at in one go.
PORTION = 500


class Promise(msgspec.Struct, frozen=True):
    """A kind of them: how its rows are named."""

    step: str
    status: str


#: A job was made, and its first step is going to be rung for.
BEGIN = Promise("begin", "unbegun")
#: A job has ended; who listens is going to be told, and what it had taken goes back.
TELL = Promise("end", "untold")
KEY = "promise"


class Promises:
    """Rows of one kind, at most one for a job. What is kept twice does no harm; never would."""

    def __init__(self, db: Database, kind: Promise) -> None:
        self._db = db
        self._kind = kind

    def give(self, session: Session, job_id: int) -> None:
        """In the transaction that begins: this process goes on."""
        session.execute(
            f"INSERT INTO {self._table} (job_id, step, call_key, status, result, created_at)"
            " VALUES (:job, :step, :key, :status, :owner, UTC_TIMESTAMP(6))"
            " ON DUPLICATE KEY UPDATE status = VALUES(status), result = VALUES(result), attempt = 0,"
            " created_at = VALUES(created_at)",
            {**self._row(job_id), "status": self._kind.status, "owner": processes.owner_name()},
        )

    @contextmanager
    def keeping(self, job_id: int) -> Iterator[None]:
        """Do inside what was promised; what is raised leaves the row, and so the rest, to a worker."""
        yield
        with self._db.session() as session:
            self.kept(session, job_id)

    def kept(self, session: Session, job_id: int) -> None:
        """Nothing is left to do."""
        session.execute(
            f"DELETE FROM {self._table} WHERE job_id = :job AND step = :step AND call_key = :key",
            self._row(job_id),
        )

    def take_over(self, job_id: int) -> int:
        """This process goes on with it; how often somebody has taken it over, 0 when there is nothing."""

        def work(session: Session) -> int:
            taken = session.execute(
                f"UPDATE {self._table} SET attempt = attempt + 1, result = :owner,"
                " created_at = UTC_TIMESTAMP(6) WHERE job_id = :job AND step = :step AND call_key = :key",
                {**self._row(job_id), "owner": processes.owner_name()},
            )
            if not taken.rowcount:
                return 0
            found = session.scalar(
                f"SELECT attempt FROM {self._table} WHERE job_id = :job AND step = :step AND call_key = :key",
                self._row(job_id),
            )
            return int(found or 0)

        return self._db.run(work)

    def under_way(self, job_id: int) -> bool:
        """Whether a job goes on without the one who promised: a doorbell of it waits, or was answered."""
        with self._db.session() as session:
            return bool(silencing.pending(session, [job_id])) or effects.any_served(session, job_id)

    def lost(self, session: Session) -> list[int]:
        """Jobs whose process is gone, oldest first."""
        rows = session.all(
            "SELECT job_id, result, created_at < UTC_TIMESTAMP(6) - INTERVAL :long SECOND AS stale"
            f" FROM {self._table} WHERE status = :status"
            " AND created_at < UTC_TIMESTAMP(6) - INTERVAL :young SECOND"
            " ORDER BY created_at LIMIT :portion",
            {"status": self._kind.status, "young": YOUNG, "long": LONG, "portion": PORTION},
        )
        return [
            int(row["job_id"]) for row in rows if row["stale"] or processes.process_gone(str(row["result"]))
        ]

    @property
    def _table(self) -> str:
        return self._db.tables().bridge_effects

    def _row(self, job_id: int) -> dict[str, object]:
        return {"job": job_id, "step": self._kind.step, "key": KEY}
