"""Leases: the truth about running work.

A lease belongs to a job (``job:7``), or to a doorbell that serves no job (``action:93``), or to a worker process
(``worker:<owner>``: the row that says the process lives and which claim it holds). Its fencing token grows with
every acquisition; whoever holds an older token can write nothing any more. Times are the database's, so that
machines need not agree.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.exc import IntegrityError

from sidecar.errors import Conflict
from sidecar.queue import tables
from sidecar.queue.arguments import Arguments

if TYPE_CHECKING:
    from sidecar.db import Session

NOW = "UTC_TIMESTAMP(6)"


class LeaseLost(Conflict):
    """Another worker took this work over (or the site was switched off); nothing may be written for it any more."""

    code = "queue_lease_lost"


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
    """What a doorbell asks to be worked on."""

    key: str
    job_id: int = 0
    step: str = ""


class Lease(msgspec.Struct, frozen=True):
    """A lease as its holder sees it."""

    lease_id: int
    token: int
    subject: Subject
    attempt: int
    #: True when an earlier attempt at this very doorbell already committed its result: only the acknowledgement
    #: is missing.
    advanced: bool = False


def subject(action_id: int, hook: str, args: Arguments) -> Subject:
    """Arguments that name a job make the doorbell that job's; any other doorbell stands for itself."""
    if isinstance(args, Mapping):
        job = args.get("job_id")
        if isinstance(job, int | str) and str(job).isdigit() and int(job) > 0:
            return Subject(f"job:{int(job)}", int(job), str(args.get("flow_step_id") or hook))
    return Subject(f"action:{action_id}", 0, f"action:{hook}")


def owner_name() -> str:
    """``host:pid:random``. The host part also names the boot and the pid namespace, so that a pid can be trusted
    (:func:`process_gone`) exactly where it means something."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}-{_started(os.getpid())}"


def process_gone(owner: str) -> bool:
    """True when the owner ran here and its process is certainly over: no need to wait for its lease to end."""
    machine, _, rest = owner.partition(":")
    pid, _, tail = rest.partition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != tail.rpartition("-")[2]


def acquire(
    session: Session,
    wanted: Subject,
    *,
    action_id: int,
    hook: str,
    owner: str,
    epoch: int,
    timing: Timing,
) -> Lease | None:
    """Take the lease, inside the caller's transaction; None while somebody else holds it.

    A running lease is never taken here, expired or not: :mod:`sidecar.queue.recovery` first ends what its holder
    may still be doing in WordPress.
    """
    leases = tables.of(session).leases
    row = session.one(
        f"SELECT lease_id, state, token, action_id, step, attempt FROM {leases} WHERE lease_key = :key FOR UPDATE",
        {"key": wanted.key},
    )
    if row is None:
        return _begin(session, wanted, action_id=action_id, hook=hook, owner=owner, epoch=epoch, timing=timing)
    lease_id, state, held, served, step, attempts = row
    if state == "running":
        return None
    again = int(served) == action_id
    advanced = again and int(attempts) == 0
    attempt = int(attempts) + 1 if again or step == wanted.step else 1
    token = int(held) + 1
    session.execute(
        f"UPDATE {leases} SET state = 'running', token = :token, epoch = :epoch, action_id = :action, hook = :hook,"
        " step = IF(:advanced, step, :step), attempt = IF(:advanced, 0, :attempt), owner = :owner,"
        " unit_connection_id = NULL, unit_pid = NULL, last_error = NULL,"
        f" lease_until = {NOW} + INTERVAL :ttl SECOND, heartbeat_at = {NOW}, updated_at = {NOW}"
        " WHERE lease_id = :id",
        {
            "token": token,
            "epoch": epoch,
            "action": action_id,
            "hook": hook,
            "advanced": advanced,
            "step": wanted.step,
            "attempt": attempt,
            "owner": owner,
            "ttl": timing.lease,
            "id": lease_id,
        },
    )
    return Lease(int(lease_id), token, wanted, attempt, advanced)


def _begin(
    session: Session, wanted: Subject, *, action_id: int, hook: str, owner: str, epoch: int, timing: Timing
) -> Lease | None:
    """The first lease of a key; None when another worker was a moment earlier."""
    try:
        inserted = session.execute(
            f"INSERT INTO {tables.of(session).leases} (lease_key, state, token, epoch, action_id, hook, job_id, step,"
            " attempt, owner, lease_until, heartbeat_at, created_at, updated_at) VALUES (:key, 'running', 1, :epoch,"
            f" :action, :hook, :job, :step, 1, :owner, {NOW} + INTERVAL :ttl SECOND, {NOW}, {NOW}, {NOW})",
            {
                "key": wanted.key,
                "epoch": epoch,
                "action": action_id,
                "hook": hook,
                "job": wanted.job_id,
                "step": wanted.step,
                "owner": owner,
                "ttl": timing.lease,
            },
        )
    except IntegrityError:
        return None
    return Lease(int(inserted.lastrowid), 1, wanted, 1)


def prove(session: Session, lease: Lease) -> None:
    """Lock the lease row for this transaction, or raise :class:`LeaseLost`."""
    held = session.scalar(
        f"SELECT token FROM {tables.of(session).leases}"
        " WHERE lease_id = :id AND token = :token AND state = 'running' FOR UPDATE",
        {"id": lease.lease_id, "token": lease.token},
    )
    if held is None:
        raise LeaseLost(f"The lease {lease.subject.key} is no longer held with token {lease.token}.")


def advance(session: Session, lease: Lease, step: str) -> None:
    """Record that the step's result is committed with this transaction; ``step`` is what comes next, or ''."""
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
    """Give the lease back: ``ready`` (more to come), ``done`` or ``failed``. A doorbell's own lease disappears."""
    if not lease.subject.job_id and state != "failed":
        deleted = session.execute(
            f"DELETE FROM {tables.of(session).leases} WHERE lease_id = :id AND token = :token",
            {"id": lease.lease_id, "token": lease.token},
        )
        if deleted.rowcount != 1:
            raise LeaseLost(f"The lease {lease.subject.key} is no longer held with token {lease.token}.")
        return
    _write(
        session,
        lease,
        "state = :state, owner = '', unit_connection_id = NULL, unit_pid = NULL, lease_until = NULL,"
        " last_error = :error",
        {"state": state, "error": error},
    )


def _write(session: Session, lease: Lease, assignments: str, values: dict[str, Any]) -> None:
    written = session.execute(
        f"UPDATE {tables.of(session).leases} SET {assignments}, updated_at = {NOW}"
        " WHERE lease_id = :id AND token = :token AND state = 'running'",
        {**values, "id": lease.lease_id, "token": lease.token},
    )
    if written.rowcount != 1:
        raise LeaseLost(f"The lease {lease.subject.key} is no longer held with token {lease.token}.")


def _machine() -> str:
    """Host name, and a digest of the boot and the pid namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        boot = space = ""
    return f"{socket.gethostname()[:100]}.{hashlib.sha1((boot + space).encode()).hexdigest()[:8]}"


def _started(pid: int) -> str:
    """When a process started, in clock ticks since the boot; '' when there is none (a zombie is none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]
