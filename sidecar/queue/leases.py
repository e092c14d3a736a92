"""Leases: the truth about running work.

A lease belongs to a worker process (``worker:<owner>``: the process lives, and this is the claim it holds) or
to a job (``job:7``: one worker at a time, whatever doorbells there are). A doorbell that serves no job runs
under its worker's own lease. The fencing token of a lease grows with every acquisition and every take-over;
whoever holds an older one can write nothing any more. Times are the database's, so that machines need not
agree.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.db.errors import Duplicate
from sidecar.errors import Conflict
from sidecar.queue import effects, tables
from sidecar.queue.arguments import Arguments

if TYPE_CHECKING:
    from sidecar.db import Session

NOW = "UTC_TIMESTAMP(6)"
#: The largest id of a job.
LARGEST = 2**63 - 1
#: What the columns of leases and effects hold of a step's name; anybody may ring for any.
STEP = 191


_JOB = re.compile(r"[0-9]{1,19}")


class LeaseLost(Conflict):
    """Another worker took this work over (or the site was switched off); nothing may be written for it any
    more.
    """

    code = "queue_lease_lost"


class StepServed(Conflict):
    """The doorbell asks for a step that this job has behind it."""

    code = "queue_step_served"


class Timing(msgspec.Struct, frozen=True):
    """Seconds between heartbeats, and after which silence means death."""

    heartbeat: float = 10.0
    lease: float = 30.0

    @classmethod
    def from_environment(cls) -> Timing:
        """``DATAMACHINE_QUEUE_HEARTBEAT`` and ``DATAMACHINE_QUEUE_LEASE``: for tests and unusual networks."""
        return cls(
            heartbeat=float(os.environ.get("DATAMACHINE_QUEUE_HEARTBEAT", cls().heartbeat)),
            lease=float(os.environ.get("DATAMACHINE_QUEUE_LEASE", cls().lease)),
        )


class Subject(msgspec.Struct, frozen=True):
    """What a doorbell asks to be worked on: a step of a job, or (``job_id`` 0) only itself."""

    job_id: int = 0
    step: str = ""


class Lease(msgspec.Struct, frozen=True):
    """A lease as its holder sees it."""

    lease_id: int
    key: str
    token: int
    subject: Subject = Subject()
    attempt: int = 1


def subject(hook: str, args: Arguments) -> Subject:
    """Arguments that name a job make the doorbell that job's; any other doorbell stands for itself."""
    if isinstance(args, Mapping):
        job = args.get("job_id")
        if isinstance(job, int | str) and _JOB.fullmatch(str(job)) and 0 < int(job) <= LARGEST:
            return Subject(int(job), str(args.get("flow_step_id") or hook)[:STEP])
    return Subject(0, f"action:{hook}")


def register(session: Session, owner: str, epoch: int, timing: Timing) -> Lease:
    """The lease of a worker process that starts."""
    key = f"worker:{owner}"
    inserted = session.execute(
        f"INSERT INTO {tables.here().leases} (lease_key, state, token, epoch, owner, lease_until,"
        " heartbeat_at, created_at, updated_at) VALUES (:key, 'running', 1, :epoch, :owner,"
        f" {NOW} + INTERVAL :ttl SECOND, {NOW}, {NOW}, {NOW})",
        {"key": key, "epoch": epoch, "owner": owner, "ttl": timing.lease},
    )
    return Lease(int(inserted.lastrowid), key, 1)


def retire(session: Session, lease: Lease) -> None:
    """A worker process ends: its lease disappears."""
    session.execute(
        f"DELETE FROM {tables.here().leases} WHERE lease_id = :id AND token = :token",
        {"id": lease.lease_id, "token": lease.token},
    )


def extend(session: Session, lease: Lease, timing: Timing) -> bool:
    """A heartbeat; False when the lease is gone. By primary key: an index scan here would meet its holder's
    own transaction from the other side."""
    return (
        session.execute(
            f"UPDATE {tables.here().leases}"
            f" SET lease_until = {NOW} + INTERVAL :ttl SECOND, heartbeat_at = {NOW}"
            " WHERE lease_id = :id AND token = :token AND state = 'running'",
            {"ttl": timing.lease, "id": lease.lease_id, "token": lease.token},
        ).rowcount
        == 1
    )


def hold(session: Session, lease: Lease, claim_id: int) -> None:
    """Record which claim a worker holds (0 for none); LeaseLost when the worker was declared dead."""
    _write(session, lease, "claim_id = :claim", {"claim": claim_id})


def acquire(
    session: Session,
    wanted: Subject,
    *,
    action_id: int,
    hook: str,
    owner: str,
    epoch: int,
    timing: Timing,
    served: bool = False,
) -> Lease | None:
    """Take a job's lease, inside the caller's transaction; None while somebody else holds it.

    ``served``: the doorbell's result is committed already, what the lease says of the job's next step stays.

    StepServed for a doorbell of a step whose result is committed, unless the job waits for that very step
    again (it rang for itself, or is tried again).

    A running lease is never taken here, expired or not: :mod:`sidecar.queue.recovery` first ends what its
    holder may still be doing in WordPress.
    """
    leases = tables.here().leases
    row = session.one(
        f"SELECT lease_id, state, token, action_id, step, attempt FROM {leases}"
        " WHERE lease_key = :key FOR UPDATE",
        {"key": f"job:{wanted.job_id}"},
    )
    if row is None:
        return _begin(
            session, wanted, action_id=action_id, hook=hook, owner=owner, epoch=epoch, timing=timing
        )
    if row["state"] == "running":
        return None
    expected = row["state"] == "ready" and row["step"] == wanted.step
    if not served and not expected and effects.step_served(session, wanted.job_id, wanted.step):
        raise StepServed(f"Job {wanted.job_id} has {wanted.step} behind it.")
    lease_id, token = int(row["lease_id"]), int(row["token"]) + 1
    # `ready` with the same step: an earlier attempt died. After an end, a new doorbell begins to count anew.
    attempt = int(row["attempt"]) + 1 if row["state"] == "ready" and row["step"] == wanted.step else 1
    session.execute(
        f"UPDATE {leases} SET state = 'running', token = :token, epoch = :epoch, action_id = :action,"
        " hook = :hook, step = IF(:served, step, :step), attempt = IF(:served, attempt, :attempt),"
        " owner = :owner, unit_connection_id = NULL, unit_pid = NULL, last_error = NULL,"
        f" lease_until = {NOW} + INTERVAL :ttl SECOND, heartbeat_at = {NOW}, updated_at = {NOW}"
        " WHERE lease_id = :id",
        {
            "token": token,
            "epoch": epoch,
            "action": action_id,
            "hook": hook,
            "served": served,
            "step": wanted.step,
            "attempt": attempt,
            "owner": owner,
            "ttl": timing.lease,
            "id": lease_id,
        },
    )
    return Lease(lease_id, f"job:{wanted.job_id}", token, wanted, attempt)


def _begin(
    session: Session, wanted: Subject, *, action_id: int, hook: str, owner: str, epoch: int, timing: Timing
) -> Lease | None:
    """The first lease of a key; None when another worker was a moment earlier."""
    try:
        inserted = session.execute(
            f"INSERT INTO {tables.here().leases} (lease_key, state, token, epoch, action_id, hook, job_id,"
            " step, attempt, owner, lease_until, heartbeat_at, created_at, updated_at)"
            " VALUES (:key, 'running', 1, :epoch,"
            f" :action, :hook, :job, :step, 1, :owner, {NOW} + INTERVAL :ttl SECOND, {NOW}, {NOW}, {NOW})",
            {
                "key": f"job:{wanted.job_id}",
                "epoch": epoch,
                "action": action_id,
                "hook": hook,
                "job": wanted.job_id,
                "step": wanted.step,
                "owner": owner,
                "ttl": timing.lease,
            },
        )
    except Duplicate:
        return None
    return Lease(int(inserted.lastrowid), f"job:{wanted.job_id}", 1, wanted, 1)


def prove(session: Session, lease: Lease) -> None:
    """Lock the lease row for this transaction, or raise :class:`LeaseLost`."""
    held = session.scalar(
        f"SELECT token FROM {tables.here().leases}"
        " WHERE lease_id = :id AND token = :token AND state = 'running' FOR UPDATE",
        {"id": lease.lease_id, "token": lease.token},
    )
    if held is None:
        raise LeaseLost(f"The lease {lease.key} is no longer held with token {lease.token}.")


def advance(session: Session, lease: Lease, step: str) -> None:
    """Record that the step's result is committed with this transaction; ``step`` is what comes next, or
    ''.
    """
    _write(session, lease, "step = :step, attempt = 0", {"step": step})


def note_unit(session: Session, lease: Lease, connection_id: int | None, pid: int | None) -> None:
    """Record the WordPress process that works under this lease; recovery ends it first."""
    _write(
        session,
        lease,
        f"unit_connection_id = :connection, unit_pid = :pid, heartbeat_at = {NOW}",
        {"connection": connection_id, "pid": pid},
    )


def release(session: Session, lease: Lease, state: str, error: str | None = None) -> None:
    """Give a job's lease back: ``ready`` (a step is due, if the lease names one), ``done`` or ``failed``."""
    _write(
        session,
        lease,
        "state = IF(:state = 'ready' AND step = '', 'done', :state), owner = '', unit_connection_id = NULL,"
        " unit_pid = NULL, lease_until = NULL, last_error = :error",
        {"state": state, "error": error},
    )


def step_back(session: Session, lease: Lease) -> None:
    """Give a job's lease back as if this attempt had never begun."""
    _write(
        session,
        lease,
        # 0: the result is committed, only what comes after it was put off.
        "state = 'ready', attempt = GREATEST(attempt, 1) - 1, owner = '', unit_connection_id = NULL,"
        " unit_pid = NULL, lease_until = NULL",
        {},
    )


def _write(session: Session, lease: Lease, assignments: str, values: dict[str, Any]) -> None:
    written = session.execute(
        f"UPDATE {tables.here().leases} SET {assignments}, updated_at = {NOW}"
        " WHERE lease_id = :id AND token = :token AND state = 'running'",
        {**values, "id": lease.lease_id, "token": lease.token},
    )
    if written.rowcount != 1:
        raise LeaseLost(f"The lease {lease.key} is no longer held with token {lease.token}.")
