"""Removing rows of jobs, and what other tables hold of them."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.automation.repositories.job_reports import unfinished
from sidecar.db import Database, Session


class JobRemoval:
    """Rows of jobs, of what they processed, of their limits and of what the queue knows of them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def remove(self, job_ids: Sequence[int], *, items: bool) -> tuple[int, int]:
        """``(jobs, items)`` that are gone. Claims go in any case, but for those that children of a failed job
        still work on.
        """
        if not job_ids:
            return 0, 0
        tables, ids = self._db.tables(), {"ids": list(job_ids)}

        def work(session: Session) -> tuple[int, int]:
            at_work = session.column(
                f"SELECT DISTINCT parent_job_id FROM {tables.jobs} WHERE parent_job_id IN :ids"
                f" AND {unfinished()}",
                ids,
            )
            claims = "" if items else " AND status = 'claimed' AND job_id NOT IN :at_work"
            forgotten = session.execute(
                f"DELETE FROM {tables.processed_items} WHERE job_id IN :ids{claims}",
                {**ids, **({} if items else {"at_work": at_work or [0]})},
            ).rowcount
            # A doorbell's effects stand in the same column: they are told apart by their step.
            session.execute(
                f"DELETE FROM {tables.bridge_effects} WHERE job_id IN :ids AND step NOT LIKE 'action:%'", ids
            )
            session.execute(
                f"DELETE FROM {tables.bridge_leases} WHERE job_id IN :ids AND lease_key LIKE 'job:%'"
                " AND state <> 'running'",
                ids,
            )
            session.execute(f"DELETE FROM {tables.bridge_limits} WHERE job_id IN :ids", ids)
            jobs = session.execute(f"DELETE FROM {tables.jobs} WHERE job_id IN :ids", ids).rowcount
            return jobs, forgotten if items else 0

        return self._db.run(work)
