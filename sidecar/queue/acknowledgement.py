"""The rows a runner writes around one action: started, complete, failed, ignored, postponed.

Each function is one transaction, proves the lease first, and names the claim in its conditions: a worker that
was asleep while somebody took its work over changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.clock import mysql
from sidecar.queue import leases, localtime, recurring, tables
from sidecar.queue.claims import Claim, Due

if TYPE_CHECKING:
    from sidecar.db import Database, Session
    from sidecar.queue.run import Run


#: How this runner names itself in Action Scheduler's log and hooks.
CONTEXT = "Data Machine Worker"


class Taken(Enum):
    """Why a job's lease could not be had."""

    NOT_PENDING = "not pending"
    SERVED = "served"
    BUSY = "busy"


def take(
    db: Database,
    subject: leases.Subject,
    due: Due,
    claim: Claim,
    *,
    owner: str,
    epoch: int,
    timing: leases.Timing,
    served: bool = False,
    begin: bool = False,
    first: Callable[[Session], None] | None = None,
) -> leases.Lease | Taken:
    """Acquire the lease of a doorbell's job, if the doorbell still waits under our claim; ``served`` when an
    earlier attempt at it committed its result.

    ``begin``: nobody is told between the two, :func:`started` is part of the same commit. ``first`` is
    written in that commit too, before everything else, whatever the answer is.
    """

    def work(session: Session) -> leases.Lease | Taken:
        if first is not None:
            first(session)
        if not _waits(session, due, claim):
            return Taken.NOT_PENDING
        found = leases.acquire(
            session,
            subject,
            action_id=due.action_id,
            hook=due.hook,
            owner=owner,
            epoch=epoch,
            timing=timing,
            served=served,
        )
        if found is not None and begin:
            _start(session, due, claim)
        return found or Taken.BUSY

    try:
        return db.run(work)
    except leases.StepServed:
        answer = Taken.SERVED
    except NotPending:
        answer = Taken.NOT_PENDING
    if first is not None:
        # It was rolled back with the rest.
        db.run(first)
    return answer


def started(db: Database, run: Run, due: Due, claim: Claim) -> None:
    """``action started via``; raises LeaseLost, or :class:`NotPending`."""

    def work(session: Session) -> None:
        leases.prove(session, run.lease)
        _start(session, due, claim)

    db.run(work)


def _start(session: Session, due: Due, claim: Claim) -> None:
    stamp = _stamp(session)
    _log(session, [(due.action_id, f"action started via {CONTEXT}")], stamp)
    begun = session.execute(
        f"UPDATE {tables.here().actions} SET attempts = attempts + 1, status = 'in-progress',"
        " last_attempt_gmt = :gmt, last_attempt_local = :local"
        " WHERE action_id = :id AND claim_id = :claim AND status = 'pending'",
        {**stamp, "id": due.action_id, "claim": claim.claim_id},
    )
    if begun.rowcount != 1:
        raise NotPending


def completed(db: Database, run: Run, due: Due, claim: Claim) -> int:
    """``action complete via``, the end of the lease, and the next instance of a recurring doorbell: its id or
    0.
    """

    def work(session: Session) -> int:
        complete(session, run, due, claim)
        return recurring.follow(session, due)

    return db.run(work)


def complete(session: Session, run: Run, due: Due, claim: Claim) -> None:
    """As :func:`completed` for a doorbell that does not recur, in the caller's transaction."""
    stamp = _stamp(session)
    _let_go(session, run.lease, "ready" if run.advanced else "done", run.host is not None)
    _log(session, [(due.action_id, f"action complete via {CONTEXT}")], stamp)
    _close(session, [due], claim, "complete", stamp)


def failed(db: Database, lease: leases.Lease, due: Due, claim: Claim, message: str) -> int:
    """``action failed via``, the end of the lease, and the next instance of a recurring doorbell: its id or
    0.
    """

    def work(session: Session) -> int:
        stamp = _stamp(session)
        _let_go(session, lease, "failed", True, message[:1000])
        _close(session, [due], claim, "failed", stamp)
        _log(session, [(due.action_id, f"action failed via {CONTEXT}: {message}")], stamp)
        return recurring.follow(session, due)

    return db.run(work)


def ignored(db: Database, due: Due, lease: leases.Lease | None = None) -> None:
    """``action ignored via``: somebody finished, parked or cancelled it between claim and start."""

    def work(session: Session) -> None:
        if lease is not None and lease.subject.job_id:
            leases.step_back(session, lease)
        _log(session, [(due.action_id, f"action ignored via {CONTEXT}")], _stamp(session))

    db.run(work)


def superseded(db: Database, due: Due, claim: Claim) -> None:
    """Nothing is left to do for a doorbell: it is complete, and ``action ignored via``."""

    def work(session: Session) -> None:
        stamp = _stamp(session)
        _close(session, [due], claim, "complete", stamp)
        _log(session, [(due.action_id, f"action ignored via {CONTEXT}")], stamp)

    db.run(work)


def postpone(
    db: Database,
    due: Due,
    claim: Claim,
    seconds: int,
    *,
    lease: leases.Lease | None = None,
    attempted: bool = False,
    advanced: bool = False,
) -> None:
    """Put a doorbell back for a moment: its job is being served already, or WordPress cannot be had now.

    One that was begun is as if it had not been: what its attempt did is found by the next one. ``attempted``:
    the attempt counts nevertheless. ``advanced``: its result is committed, and looked for where there was an
    attempt.
    """

    def work(session: Session) -> None:
        if lease is not None and lease.subject.job_id:
            if attempted:
                leases.release(session, lease, "ready")
            else:
                leases.step_back(session, lease)
        session.execute(
            f"UPDATE {tables.here().actions} SET claim_id = 0,"
            " attempts = attempts - (:undone AND status = 'in-progress'), status = 'pending',"
            " scheduled_date_gmt = UTC_TIMESTAMP() + INTERVAL :later SECOND,"
            " scheduled_date_local = UTC_TIMESTAMP() + INTERVAL :local SECOND"
            " WHERE action_id = :id AND claim_id = :claim AND status IN ('pending', 'in-progress')",
            {
                "undone": int(not attempted and not advanced),
                "later": seconds,
                "local": seconds + localtime.offset(session),
                "id": due.action_id,
                "claim": claim.claim_id,
            },
        )

    db.run(work)


class Ended(msgspec.Struct, frozen=True):
    """A doorbell whose handler has returned, or failed with ``error``."""

    due: Due
    error: str | None = None


def turn(db: Database, worker: leases.Lease, ended: Ended | None, begin: Due | None, claim: Claim) -> bool:
    """End one doorbell and start the next in one commit, both under the worker's lease; whether the next is
    still ours to run.

    The rows are those of :func:`completed` (or :func:`failed`) and :func:`started`. One commit instead of
    two, and the lease proved inside the statement that changes the rows, double what a worker does in a
    second.
    """
    try:
        db.run(lambda session: _turn(session, worker, ended, begin, claim))
    except NotPending:
        assert begin is not None
        if ended is not None:
            db.run(lambda session: _turn(session, worker, ended, None, claim))
        ignored(db, begin)
        return False
    return True


class NotPending(Exception):
    """The doorbell to start was finished, parked or cancelled since it was claimed."""


def _turn(
    session: Session, worker: leases.Lease, ended: Ended | None, begin: Due | None, claim: Claim
) -> None:
    names, stamp = tables.here(), _stamp(session)
    old, new = ended.due.action_id if ended else 0, begin.action_id if begin else 0
    status = "failed" if ended and ended.error is not None else "complete"
    changed = session.execute(
        f"UPDATE {names.actions} SET status = IF(action_id = :new, 'in-progress', :status),"
        " attempts = attempts + (action_id = :new), last_attempt_gmt = :gmt, last_attempt_local = :local"
        " WHERE action_id IN (:old, :new) AND claim_id = :claim"
        " AND status = IF(action_id = :new, 'pending', 'in-progress')"
        f" AND EXISTS (SELECT 1 FROM {names.leases}"
        " WHERE lease_id = :lease AND token = :token AND state = 'running')",
        {
            **stamp,
            "old": old,
            "new": new,
            "status": status,
            "claim": claim.claim_id,
            "lease": worker.lease_id,
            "token": worker.token,
        },
    ).rowcount
    if changed != (ended is not None) + (begin is not None):
        leases.prove(session, worker)
        if begin is not None and not _waits(session, begin, claim):
            raise NotPending
        raise leases.LeaseLost(f"Claim {claim.claim_id} no longer holds what it ran.")
    entries = []
    if ended is not None:
        result = "complete" if ended.error is None else "failed"
        tail = "" if ended.error is None else f": {ended.error}"
        entries.append((old, f"action {result} via {CONTEXT}{tail}"))
    if begin is not None:
        entries.append((new, f"action started via {CONTEXT}"))
    _log(session, entries, stamp)


def started_together(db: Database, worker: leases.Lease, batch: Sequence[Due], claim: Claim) -> list[Due]:
    """As :func:`started` for a batch; those that are still ours."""

    def work(session: Session) -> list[Due]:
        leases.prove(session, worker)
        stamp = _stamp(session)
        actions, listed = tables.here().actions, _ids(batch)
        begun = session.execute(
            f"UPDATE {actions} SET attempts = attempts + 1, status = 'in-progress',"
            " last_attempt_gmt = :gmt, last_attempt_local = :local"
            f" WHERE action_id IN ({listed}) AND claim_id = :claim AND status = 'pending'",
            {**stamp, "claim": claim.claim_id},
        ).rowcount
        ours = list(batch)
        if begun != len(batch):
            ids = session.column(
                f"SELECT action_id FROM {actions} WHERE action_id IN ({listed})"
                " AND claim_id = :claim AND status = 'in-progress'",
                {"claim": claim.claim_id},
            )
            ours = [due for due in batch if due.action_id in ids]
        _log(session, [(due.action_id, f"action started via {CONTEXT}") for due in ours], stamp)
        return ours

    return db.run(work)


def ended_together(
    db: Database,
    worker: leases.Lease,
    good: Sequence[Due],
    bad: Sequence[tuple[Due, str]],
    *,
    claim: Claim,
) -> None:
    """As :func:`completed` and :func:`failed` for a batch."""

    def work(session: Session) -> None:
        leases.prove(session, worker)
        stamp = _stamp(session)
        _log(session, [(due.action_id, f"action complete via {CONTEXT}") for due in good], stamp)
        _close(session, good, claim, "complete", stamp)
        _close(session, [due for due, _ in bad], claim, "failed", stamp)
        _log(session, [(due.action_id, f"action failed via {CONTEXT}: {text}") for due, text in bad], stamp)

    db.run(work)


def _waits(session: Session, due: Due, claim: Claim) -> bool:
    return (
        session.scalar(
            f"SELECT 1 FROM {tables.here().actions}"
            " WHERE action_id = :id AND claim_id = :claim AND status = 'pending'",
            {"id": due.action_id, "claim": claim.claim_id},
        )
        is not None
    )


def _let_go(session: Session, lease: leases.Lease, state: str, unit: bool, error: str | None = None) -> None:
    if lease.subject.job_id:
        leases.release(session, lease, state, error)
    elif unit:
        leases.note_unit(session, lease, None, None)
    else:
        leases.prove(session, lease)


def _close(session: Session, batch: Sequence[Due], claim: Claim, status: str, stamp: dict[str, str]) -> None:
    if not batch:
        return
    closed = session.execute(
        f"UPDATE {tables.here().actions} SET status = :status,"
        " last_attempt_gmt = :gmt, last_attempt_local = :local"
        f" WHERE action_id IN ({_ids(batch)}) AND claim_id = :claim",
        {**stamp, "status": status, "claim": claim.claim_id},
    ).rowcount
    if closed != len(batch):
        raise leases.LeaseLost(f"Claim {claim.claim_id} no longer holds what it ran.")


def _log(session: Session, entries: Iterable[tuple[int, str]], stamp: dict[str, str]) -> None:
    rows: list[dict[str, Any]] = [{"id": id_, "message": text, **stamp} for id_, text in entries]
    if rows:
        session.many(
            f"INSERT INTO {tables.here().logs} (action_id, message, log_date_gmt, log_date_local)"
            " VALUES (:id, :message, :gmt, :local)",
            rows,
        )


def _stamp(session: Session) -> dict[str, str]:
    now = session.now()
    return {"gmt": mysql(now), "local": localtime.mysql_local(session, now)}


def _ids(batch: Iterable[Due]) -> str:
    return ",".join(str(due.action_id) for due in batch)
