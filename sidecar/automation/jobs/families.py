"""Jobs with the jobs that came out of them."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.automation.access import JOBS, Access
from sidecar.db import Database
from sidecar.identity import Principal

#: Children of children of children ...: fan-out nests no deeper than the steps of a flow.
DEPTH = 20


class JobFamilies:
    """Finds children and their children."""

    def __init__(self, db: Database, access: Access) -> None:
        self._db = db
        self._access = access

    def of(self, principal: Principal, job_ids: Sequence[int]) -> list[int]:
        """Those of the jobs that the principal sees, and everything below them, by id."""
        self._access.enter(principal, JOBS)
        seen, params = self._access.scope(principal, None, JOBS).condition()
        table = self._db.tables().jobs
        found: set[int] = set()
        with self._db.session() as session:
            generation = session.column(
                f"SELECT job_id FROM {table} WHERE job_id IN :ids AND {seen}",
                {**params, "ids": list(job_ids)},
            )
            for _ in range(DEPTH):
                fresh = {int(job_id) for job_id in generation} - found
                if not fresh:
                    break
                found |= fresh
                generation = session.column(
                    f"SELECT job_id FROM {table} WHERE parent_job_id IN :ids", {"ids": sorted(fresh)}
                )
        return sorted(found)
