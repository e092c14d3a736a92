"""Recovery: what a dead worker held goes back into the queue, after its WordPress unit has been ended.

Three moves, each of which may be repeated by anybody: fence (the tokens grow, so that the dead worker, if it
is only asleep, can write nothing any more), end its units, give everything back in one transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.queue import doorbells, leases, processes, tables, units

if TYPE_CHECKING:
    from sidecar.db import Database, Row, Session

logger = logging.getLogger(__name__)

RESET = "action reset"
_NOW = leases.NOW
_COLUMNS = (
    "lease_id, lease_key, token, owner, claim_id, job_id, action_id, unit_connection_id, unit_pid,"
    f" TIMESTAMPDIFF(MICROSECOND, heartbeat_at, {_NOW}) / 1000000 AS silent, lease_until < {_NOW} AS expired"
)


class Recovery:
    """Looks for dead workers on behalf of one that lives."""

    def __init__(self, db: Database, me: leases.Lease, owner: str, timing: leases.Timing) -> None:
        self._db = db
        self._me = me
        self._owner = owner
        self._timing = timing
        #: How many were recovered so far.
        self.count = 0
        self._sweeping = threading.Lock()

    def sweep(self, *, wait: bool = True, between: Callable[[], None] | None = None) -> int:
        """Recover every worker that is dead by now, and job leases that nobody holds; how many.

        The worker and its heartbeat both sweep. The worker waits for the other one, so that what is given
        back is there to be claimed when this returns; the heartbeat, which must go on beating, does not, and
        beats ``between`` two of them: seeing the units of each end may take seconds.
        """
        if not self._sweeping.acquire(blocking=wait):
            return 0
        try:
            recovered = self._sweep(between or _nothing)
            self.count += recovered
            return recovered
        finally:
            self._sweeping.release()

    def _sweep(self, between: Callable[[], None]) -> int:
        with self._db.session() as session:
            workers = session.all(
                f"SELECT {_COLUMNS} FROM {tables.here().leases}"
                " WHERE state = 'running' AND lease_key LIKE 'worker:%' AND lease_id <> :me",
                {"me": self._me.lease_id},
            )
        recovered = 0
        for row in workers:
            if self._is_dead(row):
                between()
                recovered += self.recover(row)
        return recovered + self._orphans(between)

    def _is_dead(self, row: Row) -> bool:
        # A recovery of ours that was interrupted bears our own name: go on with it.
        return bool(row["expired"]) or row["owner"] == self._owner or processes.process_gone(row["owner"])

    def recover_self(self) -> None:
        """Give back what this worker holds, as another one would, after it has lost track of it."""
        with self._db.session() as session:
            row = session.one(
                f"SELECT {_COLUMNS} FROM {tables.here().leases}"
                " WHERE lease_id = :id AND token = :token AND state = 'running'",
                {"id": self._me.lease_id, "token": self._me.token},
            )
        if row is not None:
            self.recover(row)

    def recover(self, worker: Row) -> bool:
        """Recover one worker; False when somebody else does."""
        owner = str(worker["lease_key"]).removeprefix("worker:")
        fenced = self._db.run(lambda session: self._fence(session, worker, owner))
        if fenced is None:
            return False
        worker, jobs = fenced
        logger.warning("worker %s is dead: recovering claim %s", owner, worker["claim_id"])
        for row in (worker, *jobs):
            units.end(self._db, _remains(row, owner))
        returned = self._db.run(lambda session: self._give_back(session, worker, owner))
        logger.warning("worker %s recovered: %d doorbells ring again", owner, returned)
        return True

    def _fence(self, session: Session, worker: Row, owner: str) -> tuple[Row, list[Row]] | None:
        """Take the dead worker's leases over; they as they stand then, its own first, or None when another
        worker was faster.

        A worker that was only asleep may have woken up since its lease was read, given its claim back and
        taken the next one: from here on it cannot.
        """
        names = tables.here()
        taken = session.execute(
            f"UPDATE {names.leases} SET token = token + 1, owner = :me, updated_at = {_NOW},"
            f" lease_until = {_NOW} + INTERVAL :ttl SECOND"
            " WHERE lease_id = :id AND token = :token AND state = 'running'",
            {
                "me": self._owner,
                "ttl": self._timing.lease,
                "id": worker["lease_id"],
                "token": worker["token"],
            },
        ).rowcount
        if not taken:
            return None
        jobs = session.all(
            f"SELECT {_COLUMNS} FROM {names.leases}"
            " WHERE owner = :owner AND state = 'running' AND job_id > 0",
            {"owner": owner},
        )
        for job in jobs:
            session.execute(
                f"UPDATE {names.leases} SET token = token + 1, updated_at = {_NOW},"
                f" lease_until = {_NOW} + INTERVAL :ttl SECOND WHERE lease_id = :id AND owner = :owner",
                {"ttl": self._timing.lease, "id": job["lease_id"], "owner": owner},
            )
        own = session.one(
            f"SELECT {_COLUMNS} FROM {names.leases} WHERE lease_id = :id", {"id": worker["lease_id"]}
        )
        assert own is not None, "this transaction holds the row"
        return own, jobs

    def _give_back(self, session: Session, worker: Row, owner: str) -> int:
        names = tables.here()
        still = session.execute(
            f"DELETE FROM {names.leases} WHERE lease_id = :id AND token = :token AND owner = :me",
            {"id": worker["lease_id"], "token": worker["token"], "me": self._owner},
        ).rowcount
        if not still:
            return 0
        for job in session.all(
            f"SELECT lease_id, token FROM {names.leases}"
            " WHERE owner = :owner AND state = 'running' AND job_id > 0",
            {"owner": owner},
        ):
            _free(session, int(job["lease_id"]), int(job["token"]))
        return ring_again(session, int(worker["claim_id"]))

    def _orphans(self, between: Callable[[], None]) -> int:
        """Job leases past their time whose worker row is gone."""
        names = tables.here()
        with self._db.session() as session:
            rows = session.all(
                f"SELECT {_COLUMNS} FROM {names.leases} l WHERE state = 'running'"
                f" AND lease_until < {_NOW} AND job_id > 0 AND NOT EXISTS (SELECT 1 FROM {names.leases} w"
                " WHERE w.lease_key = CONCAT('worker:', l.owner))"
            )
        freed = 0
        for row in rows:
            between()
            if not self._db.run(lambda session, row=row: _take_orphan(session, row)):  # type: ignore[misc]
                continue
            units.end(self._db, _remains(row, str(row["owner"])))
            self._db.run(lambda session, row=row: _free_orphan(session, row))  # type: ignore[misc]
            freed += 1
        return freed


def _nothing() -> None:
    """Nobody has to be told that this takes its time."""


def ring_again(session: Session, claim_id: int) -> int:
    """Put the doorbells of a claim back and forget the claim; how many ring again."""
    names = tables.here()
    if not claim_id:
        return 0
    rows = session.all(
        f"SELECT action_id, status FROM {names.actions} WHERE claim_id = :claim ORDER BY action_id",
        {"claim": claim_id},
    )
    for row in rows:
        # A row that was finished keeps its status: only the release was missing.
        session.execute(
            f"UPDATE {names.actions} SET claim_id = 0, status = IF(status = 'in-progress', 'pending', status)"
            " WHERE action_id = :id",
            {"id": row["action_id"]},
        )
        if row["status"] == "in-progress":
            doorbells.log(session, int(row["action_id"]), RESET)
    session.execute(f"DELETE FROM {names.claims} WHERE claim_id = :claim", {"claim": claim_id})
    return sum(row["status"] in {"pending", "in-progress"} for row in rows)


def _take_orphan(session: Session, row: Row) -> bool:
    return bool(
        session.execute(
            f"UPDATE {tables.here().leases} SET token = token + 1, updated_at = {_NOW}"
            " WHERE lease_id = :id AND token = :token AND state = 'running'",
            {"id": row["lease_id"], "token": row["token"]},
        ).rowcount
    )


def _free_orphan(session: Session, row: Row) -> None:
    names = tables.here()
    if not _free(session, int(row["lease_id"]), int(row["token"]) + 1):
        return
    claim = session.scalar(
        f"SELECT claim_id FROM {names.actions} WHERE action_id = :id AND status = 'in-progress'",
        {"id": row["action_id"]},
    )
    if claim:
        ring_again(session, int(claim))


def _free(session: Session, lease_id: int, token: int) -> bool:
    return bool(
        session.execute(
            f"UPDATE {tables.here().leases} SET state = 'ready', owner = '', unit_connection_id = NULL,"
            f" unit_pid = NULL, lease_until = NULL, updated_at = {_NOW}"
            " WHERE lease_id = :id AND token = :token AND state = 'running'",
            {"id": lease_id, "token": token},
        ).rowcount
    )


def _remains(row: Row, owner: str) -> units.Remains:
    return units.Remains(
        connection_id=row["unit_connection_id"],
        pid=row["unit_pid"],
        owner=owner,
        silent=float(row["silent"] or 0),
    )
