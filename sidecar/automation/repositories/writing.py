"""Which transaction a write belongs to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sidecar import queue
from sidecar.db import Database, Session

#: How often each key was used in a run.
_used: WeakKeyDictionary[queue.Run, Counter[str]] = WeakKeyDictionary()


@contextmanager
def write(db: Database) -> Iterator[Session]:
    """A transaction; inside a queue run it first proves the lease, so that a worker that lost it writes
    nothing.
    """
    run = queue.current_run()
    if run is not None:
        with run.transaction() as session:
            yield session
    else:
        with db.transaction() as session:
            yield session


def once(db: Database, key: str, work: Callable[[Session], Any]) -> Any:
    """Run ``work`` in a transaction that also remembers its (JSON) result for this doorbell.

    A doorbell that rings a job into life has no lease of the job to advance: when it is rung again after a
    crash, it finds here what it had already committed. Outside a queue run ``work`` simply runs. The n-th
    call with a key in one attempt is the n-th call in every other.
    """
    run = queue.current_run()
    if run is None:
        with db.transaction() as session:
            return work(session)
    with run.transaction() as session:
        effects = db.tables().bridge_effects
        place = run.effects.reference(f"{key[:180]}:{_number(run, key)}").params()
        found = session.one(
            f"SELECT result FROM {effects} WHERE job_id = :job_id AND step = :step AND call_key = :call_key"
            " AND status = 'done' FOR UPDATE",
            place,
        )
        if found is not None:
            return json.loads(found["result"] or "null")
        result = work(session)
        session.execute(
            f"INSERT INTO {effects} (job_id, step, call_key, status, token, attempt, result,"
            " created_at, finished_at)"
            " VALUES (:job_id, :step, :call_key, 'done', :token, :attempt, :result, UTC_TIMESTAMP(6),"
            " UTC_TIMESTAMP(6))",
            {**place, "attempt": run.attempt, "result": json.dumps(result)},
        )
        return result


def _number(run: queue.Run, key: str) -> int:
    used = _used.setdefault(run, Counter())
    used[key] += 1
    return used[key]


def first_time(session: Session, db: Database, job_id: int, key: str) -> bool:
    """Whether a job does this for the first time; remembered with the session's commit, whoever does it."""
    inserted = session.execute(
        f"INSERT IGNORE INTO {db.tables().bridge_effects} (job_id, step, call_key, status, created_at,"
        " finished_at) VALUES (:job, 'end', :key, 'done', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        {"job": job_id, "key": key},
    )
    return inserted.rowcount == 1
