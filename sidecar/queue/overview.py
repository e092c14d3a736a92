"""The state of the queue in a few numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sidecar.queue import fence, leases, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.db import Database, Session

#: Seconds a doorbell may be due before the queue counts as behind.
BEHIND = 300


class WorkerState(msgspec.Struct, frozen=True):
    """A worker process as its lease describes it."""

    owner: str
    #: Seconds since its last sign of life.
    silent: float
    #: False once its lease has run out.
    alive: bool
    #: Whether it holds doorbells.
    busy: bool


class Overview(msgspec.Struct, frozen=True):
    """``mode`` is the site's (``standalone``, ``companion``, ``inactive``); ages are seconds."""

    mode: str
    pending: int
    due: int
    in_progress: int
    oldest_due: int
    workers: Sequence[WorkerState]

    @property
    def condition(self) -> str:
        """``inactive`` (the site is switched off), ``no_worker`` (work is due, nobody does it), ``behind``,
        ``working`` or ``idle``."""
        if self.mode == "inactive":
            return "inactive"
        if not any(worker.alive for worker in self.workers):
            return "no_worker" if self.due else "idle"
        if self.oldest_due > BEHIND:
            return "behind"
        return "working" if self.due or self.in_progress else "idle"


def read(db: Database) -> Overview:
    """The queue of the blog that is being worked on."""
    with db.session() as session:
        current = fence.read(session)
        groups = current.groups or (fence.PRIVATE_GROUP, fence.PRODUCT_GROUP)
        counts = session.one(
            "SELECT SUM(status = 'pending') AS pending, SUM(status = 'in-progress') AS in_progress,"
            " SUM(status = 'pending' AND scheduled_date_gmt <= UTC_TIMESTAMP()) AS due,"
            " TIMESTAMPDIFF(SECOND, MIN(CASE WHEN status = 'pending' THEN scheduled_date_gmt END),"
            " UTC_TIMESTAMP()) AS oldest"
            f" FROM {tables.here().actions} WHERE status IN ('pending', 'in-progress') AND group_id IN"
            f" (SELECT group_id FROM {tables.here().groups} WHERE slug IN :groups)",
            {"groups": list(groups)},
        )
        workers = _workers(session)
    row = counts or {}
    return Overview(
        mode=current.mode,
        pending=int(row.get("pending") or 0),
        due=int(row.get("due") or 0),
        in_progress=int(row.get("in_progress") or 0),
        oldest_due=max(0, int(row.get("oldest") or 0)) if row.get("due") else 0,
        workers=workers,
    )


def _workers(session: Session) -> list[WorkerState]:
    rows = session.all(
        "SELECT lease_key, claim_id, lease_until >= UTC_TIMESTAMP(6) AS alive,"
        f" TIMESTAMPDIFF(MICROSECOND, heartbeat_at, {leases.NOW}) / 1000000 AS silent"
        f" FROM {tables.here().leases} WHERE state = 'running' AND lease_key LIKE 'worker:%'"
        " ORDER BY lease_id"
    )
    return [
        WorkerState(
            owner=str(row["lease_key"]).removeprefix("worker:"),
            silent=max(0.0, float(row["silent"] or 0)),
            alive=bool(row["alive"]),
            busy=bool(row["claim_id"]),
        )
        for row in rows
    ]
