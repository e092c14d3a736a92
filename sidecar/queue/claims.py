"""Claims: which worker may begin which doorbells.

Two ways to the same rows. Where the server knows ``SKIP LOCKED``, workers read past each other's locks;
elsewhere they read without locks and let a compare-and-swap decide. Both go by our own group, along an index
that group leads, so that foreign rows cost nothing, and release by primary key.
"""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.db.errors import DatabaseUnavailable
from sidecar.errors import SidecarError
from sidecar.queue import fence, leases, localtime, silencing, tables
from sidecar.queue.arguments import Arguments, decode

if TYPE_CHECKING:
    from sidecar.db import Database, Row, Session

logger = logging.getLogger(__name__)

INDEX = "datamachine_bridge_claim"
#: ``skip-locked`` or ``cas`` forces a way (tests, a server that promises what it does not hold).
ENVIRONMENT = "DATAMACHINE_QUEUE_CLAIM"
#: The compare-and-swap looks at this many batches; after it met another worker it starts at a random one.
_WINDOW = 8


class Due(msgspec.Struct, frozen=True):
    """A claimed doorbell."""

    action_id: int
    hook: str
    args: str | None
    extended_args: str | None
    group_id: int
    attempts: int
    priority: int = 10
    schedule: str = ""

    def arguments(self) -> Arguments:
        """The decoded arguments; raises InvalidInput."""
        return decode(self.args, self.extended_args)


class Claim(msgspec.Struct, frozen=True):
    """A batch of doorbells under one claim row."""

    claim_id: int
    actions: tuple[Due, ...]


#: Jobs whose doorbells a worker claims, asked before each claim: children may have come.
Only = Callable[[], Sequence[int]]

_COLUMNS = "action_id, hook, args, extended_args, group_id, attempts, priority, schedule"
_ORDER = "priority, attempts, scheduled_date_gmt, action_id"


class Claimer:
    """Takes and releases claims of one worker. Learns at start what the server can do."""

    def __init__(
        self, db: Database, worker: leases.Lease, current: fence.Fence, *, only: Only | None = None
    ) -> None:
        self._db = db
        self._only = only
        self._worker = worker
        self._fence = current
        self._groups: dict[str, tuple[int, ...]] = {}
        #: The last compare-and-swap met another worker's: the next one starts elsewhere, and finding nothing
        #: says nothing.
        self.crowded = False
        with db.session() as session:
            self.skip_locked = skip_locked(session)
            self._hint = f"FORCE INDEX ({INDEX})" if _has_index(session) else ""
        if not self._hint:
            logger.warning("the index %s is missing: run `datamachine migrate`", INDEX)

    def take(
        self, batch: int, before: Claim | None = None, *, first: Callable[[Session], None] | None = None
    ) -> Claim | None:
        """Claim at most ``batch`` due doorbells; None when there are none. In the same commit ``first`` is
        written, and the claim ``before`` is given back, as :meth:`release` does.

        Raises Fenced when the site was switched, LeaseLost when this worker was declared dead.
        """

        def work(session: Session) -> Claim | None:
            if first is not None:
                first(session)
            if before is not None:
                self._release(session, before)
            return self.take_in(session, batch)

        return self._db.run(work)

    def take_in(self, session: Session, batch: int) -> Claim | None:
        """As :meth:`take`, in the caller's transaction."""
        fence.prove(session, self._fence.epoch)
        condition, params = self._condition()
        found: list[Row] = []
        for group_id in self._group_ids(session):
            if len(found) < batch:
                found += self._candidates(session, group_id, batch - len(found), condition, params)
        if not found:
            self.crowded = False
            # Somebody may have emptied the library's tables.
            self._groups.clear()
            return None
        claims = tables.here().claims
        claim_id = session.execute(
            f"INSERT INTO {claims} (date_created_gmt) VALUES (UTC_TIMESTAMP())"
        ).lastrowid
        rows = self._mark(session, claim_id, found)
        if not rows:
            session.execute(f"DELETE FROM {claims} WHERE claim_id = :claim", {"claim": claim_id})
            return None
        leases.hold(session, self._worker, claim_id)
        return Claim(claim_id, tuple(_due(row) for row in rows))

    def _condition(self) -> tuple[str, dict[str, Any]]:
        """What the arguments of a doorbell must begin with, where only some jobs are worked for.

        PHP rings with a list, whose first value is a job's id for some hooks only.
        """
        if self._only is None:
            return "", {}
        params: dict[str, Any] = {"job_hooks": list(silencing.JOB_HOOKS)}
        ways = []
        for at, text in enumerate(text for job_id in self._only() for text in silencing.patterns(job_id)):
            params[f"begins_{at}"] = text
            ways.append(f"args LIKE :begins_{at}" + (" AND hook IN :job_hooks" if text[0] == "[" else ""))
        return (f" AND ({' OR '.join(ways)})", params) if ways else (" AND FALSE", {})

    def _candidates(
        self, session: Session, group_id: int, batch: int, condition: str, params: dict[str, Any]
    ) -> list[Row]:
        # The group's id, a small number from our own table, stands in the text: a bound parameter would do as
        # well, but the plan is easier to read in the server's slow log.
        query = (
            f"SELECT {_COLUMNS} FROM {tables.here().actions} {self._hint}"
            f" WHERE group_id = {group_id:d} AND status = 'pending' AND claim_id = 0"
            f" AND scheduled_date_gmt <= UTC_TIMESTAMP(){condition} ORDER BY {_ORDER}"
        )
        if self.skip_locked:
            return session.all(f"{query} LIMIT {batch:d} FOR UPDATE SKIP LOCKED", params)
        seen = session.all(f"{query} LIMIT {batch * _WINDOW:d}", params)
        start = random.randrange(max(1, len(seen) // batch)) * batch if self.crowded else 0
        return seen[start : start + batch]

    def _mark(self, session: Session, claim_id: int, rows: list[Row]) -> list[Row]:
        """Put the claim on the rows; those that are ours afterwards, in order."""
        actions = tables.here().actions
        listed = ",".join(str(int(row["action_id"])) for row in rows)
        marked = session.execute(
            f"UPDATE {actions} SET claim_id = :claim, last_attempt_gmt = UTC_TIMESTAMP(),"
            f" last_attempt_local = UTC_TIMESTAMP() + INTERVAL :offset SECOND"
            f" WHERE action_id IN ({listed}) AND claim_id = 0 AND status = 'pending'",
            {"claim": claim_id, "offset": localtime.offset(session)},
        ).rowcount
        self.crowded = marked < len(rows)
        if not self.crowded:
            return rows
        ours = session.column(
            f"SELECT action_id FROM {actions} WHERE action_id IN ({listed}) AND claim_id = :claim",
            {"claim": claim_id},
        )
        return [row for row in rows if row["action_id"] in ours]

    def release(self, claim: Claim) -> None:
        """Give back what was not begun, and forget the claim."""
        self._db.run(lambda session: self._release(session, claim))

    def _release(self, session: Session, claim: Claim) -> None:
        names = tables.here()
        listed = ",".join(str(due.action_id) for due in claim.actions)
        leases.hold(session, self._worker, 0)
        session.execute(
            f"UPDATE {names.actions} SET claim_id = 0 WHERE action_id IN ({listed}) AND claim_id = :claim",
            {"claim": claim.claim_id},
        )
        session.execute(f"DELETE FROM {names.claims} WHERE claim_id = :claim", {"claim": claim.claim_id})

    def _group_ids(self, session: Session) -> Iterator[int]:
        """The ids of our groups, once they exist: of one slug there are two where two rang first at once."""
        for slug in self._fence.groups:
            if not self._groups.get(slug):
                self._groups[slug] = tuple(
                    int(found)
                    for found in session.column(
                        f"SELECT group_id FROM {tables.here().groups} WHERE slug = :slug ORDER BY group_id",
                        {"slug": slug},
                    )
                )
            yield from self._groups[slug]


def _due(row: Row) -> Due:
    return Due(
        int(row["action_id"]),
        str(row["hook"]),
        row["args"],
        row["extended_args"],
        int(row["group_id"]),
        int(row["attempts"]),
        int(row["priority"]),
        row["schedule"] or "",
    )


def skip_locked(session: Session) -> bool:
    """Whether the server reads past locked rows: asked of the server itself, because version strings lie.

    A Galera node says yes and then certifies rows of two nodes against each other at commit: the
    compare-and-swap is the honest way there.
    """
    forced = os.environ.get(ENVIRONMENT)
    if forced:
        return forced != "cas"
    try:
        session.all(
            f"SELECT action_id FROM {tables.here().actions} WHERE action_id = 0 FOR UPDATE SKIP LOCKED"
        )
        wsrep = session.one("SHOW VARIABLES LIKE 'wsrep_on'")
    except DatabaseUnavailable:
        raise
    except SidecarError:
        return False
    return wsrep is None or str(wsrep["Value"]).upper() != "ON"


def _has_index(session: Session) -> bool:
    return bool(
        session.scalar(
            "SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()"
            " AND table_name = :table AND index_name = :index",
            {"table": tables.here().actions, "index": INDEX},
        )
    )
