"""``datamachine_bridge_limits``: jobs that a limited token started, and what their steps may do."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sidecar.clock import mysql
from sidecar.db import Session
from sidecar.db.tables import Tables

#: Rows of jobs that are gone, removed with each new one at most.
SWEPT = 100
#: Younger ones stay: a job that another session has not committed yet looks as if it were gone.
KEPT = timedelta(days=1)


def read(column: str | None) -> frozenset[str] | None:
    """The limit of a row, None for no row."""
    return None if column is None else frozenset(str(each) for each in json.loads(column))


def narrow(
    session: Session, tables: Tables, job_id: int, capabilities: frozenset[str], now: datetime
) -> None:
    """Give a job a limit, or a narrower one than it has. Joins the session's transaction."""
    table = tables.bridge_limits
    before = read(
        session.scalar(f"SELECT capabilities FROM {table} WHERE job_id = :job FOR UPDATE", {"job": job_id})
    )
    left = capabilities if before is None else capabilities & before
    session.execute(
        f"INSERT INTO {table} (job_id, capabilities, created_at) VALUES (:job, :left, :now)"
        " ON DUPLICATE KEY UPDATE capabilities = VALUES(capabilities)",
        {"job": job_id, "left": json.dumps(sorted(left)), "now": mysql(now)},
    )
    session.execute(
        f"DELETE FROM {table} WHERE created_at < :old AND job_id NOT IN"
        f" (SELECT job_id FROM {tables.jobs}) LIMIT {SWEPT}",
        {"old": mysql(now - KEPT)},
    )


def inherit(session: Session, tables: Tables, job_id: int, parent_job_id: int, now: datetime) -> None:
    """Give a job the limit of its parent, where that has one. Joins the session's transaction."""
    above = read(
        session.scalar(
            f"SELECT capabilities FROM {tables.bridge_limits} WHERE job_id = :job", {"job": parent_job_id}
        )
    )
    if above is not None:
        narrow(session, tables, job_id, above, now)
