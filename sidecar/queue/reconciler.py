"""Rings for work that has no doorbell: the truth is in leases and jobs, a doorbell can get lost.

Action Scheduler's cleaner fails rows that no worker refreshed, people delete rows, a crash can fall between
two commits of others. Every minute one worker looks for a lease that waits for a doorbell nobody wrote, and
asks the packages that own the work for more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from sidecar.db.errors import DatabaseUnavailable
from sidecar.queue import arguments, doorbells, tables
from sidecar.queue.arguments import Arguments

if TYPE_CHECKING:
    from sidecar.db import Database, Session

logger = logging.getLogger(__name__)

EVERY = 60.0
#: Seconds until the first look: a worker that cron starts every minute does not live for a whole one.
FIRST = 10.0
#: A lease that has waited this long without a doorbell has lost it (younger ones may be between two commits).
LOST_AFTER = 60
#: What ended this long ago is forgotten; Action Scheduler keeps completed rows as long.
KEPT_DAYS = 31
#: Leases looked at in one round.
LEASES = 500
#: Rows forgotten at a time.
_PORTION = 1000
#: One of them a site: the server shares its names between all databases, and takes 64 characters.
_LOCK = "CONCAT('datamachine_reconcile_', SHA1(CONCAT(DATABASE(), '.', :table)))"


class Missing(msgspec.Struct, frozen=True):
    """A doorbell that should exist."""

    hook: str
    args: Arguments
    group: str = doorbells.GROUP


Finder = Callable[["Session"], Iterable[Missing]]


class Reconciler:
    """The doorbells that should exist, and the one worker that rings them."""

    def __init__(self, db: Database, *, every: float = EVERY, lost_after: float = LOST_AFTER) -> None:
        self._db = db
        self._every = every
        self._lost_after = lost_after
        self._finders: list[Finder] = [self._leases]
        #: The lease after which the next ones are looked at: many may wait for a doorbell that is there.
        self._after = 0
        self._lock = threading.Lock()
        self._due = time.monotonic() + min(FIRST, every)

    def add(self, finder: Finder) -> None:
        """Also ring what ``finder(session)`` names; it should leave out what is younger than a minute."""
        self._finders.append(finder)

    def tick(self) -> int:
        """Reconcile when it is time to; how many doorbells were rung."""
        with self._lock:
            if time.monotonic() < self._due:
                return 0
            self._due = time.monotonic() + self._every
        return self.reconcile()

    def reconcile(self) -> int:
        """Ring every missing doorbell, unless another worker is at it; how many."""
        with self._db.session() as session:
            lock = {"table": tables.here().leases}
            if session.scalar(f"SELECT GET_LOCK({_LOCK}, 0)", lock) != 1:
                return 0
            try:
                _forget(session)
                return sum(self._rung(session, finder) for finder in self._finders)
            finally:
                session.execute(f"SELECT RELEASE_LOCK({_LOCK})", lock)

    def _rung(self, session: Session, finder: Finder) -> int:
        try:
            return sum(self._ring(session, missing) for missing in finder(session))
        except DatabaseUnavailable:
            raise
        except Exception:  # what one cannot find, the others still can
            logger.exception("reconciling failed in part")
            return 0

    def _ring(self, session: Session, missing: Missing) -> int:
        encoded, _ = arguments.columns(missing.args)
        # A cancelled one was silenced by a person.
        known = session.scalar(
            f"SELECT 1 FROM {tables.here().actions} WHERE args = :args AND hook = :hook"
            " AND status IN ('pending', 'in-progress', 'canceled') LIMIT 1",
            {"args": encoded, "hook": missing.hook},
        )
        if known is not None:
            return 0
        action = doorbells.enqueue(session, missing.hook, missing.args, session.now(), missing.group)
        doorbells.log(session, action, doorbells.CREATED)
        logger.warning("rang %s anew: nobody had (%s)", missing.hook, encoded)
        return 1

    def _leases(self, session: Session) -> list[Missing]:
        """Leases of jobs that wait for their next step."""
        names = tables.here()
        rows = session.all(
            f"SELECT l.lease_id, l.hook, l.job_id, l.step, a.args, a.extended_args FROM {names.leases} l"
            f" LEFT JOIN {names.actions} a ON a.action_id = l.action_id"
            " WHERE l.state = 'ready' AND l.job_id > 0 AND l.step <> '' AND l.hook <> ''"
            " AND l.updated_at < UTC_TIMESTAMP(6) - INTERVAL :lost SECOND AND l.lease_id > :after"
            " ORDER BY l.lease_id LIMIT :leases",
            {"lost": self._lost_after, "after": self._after, "leases": LEASES},
        )
        self._after = int(rows[-1]["lease_id"]) if len(rows) == LEASES else 0
        found = []
        for row in rows:
            args: dict[str, object] = {"job_id": row["job_id"]}
            if row["args"] is not None:
                last = arguments.decode(row["args"], row["extended_args"])
                if isinstance(last, dict):
                    args = dict(last)
            if row["step"] != row["hook"]:
                args["flow_step_id"] = row["step"]
            found.append(Missing(str(row["hook"]), args))
        return found


def _forget(session: Session) -> None:
    """Leases and effects of what ended long ago."""
    names = tables.here()
    values = {"days": KEPT_DAYS, "portion": _PORTION}
    session.execute(
        f"DELETE FROM {names.leases} WHERE state IN ('done', 'failed')"
        " AND updated_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :portion",
        values,
    )
    session.execute(
        f"DELETE FROM {names.effects} WHERE status IN ('begun', 'done', 'unbegun', 'untold')"
        " AND created_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :portion",
        values,
    )
