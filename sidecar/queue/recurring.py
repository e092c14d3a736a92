"""Recurring doorbells: each one that ends, well or badly, rings for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.clock import mysql
from sidecar.queue import localtime, schedules, tables
from sidecar.queue.claims import Due

if TYPE_CHECKING:
    from sidecar.db import Session

#: A hook whose last runs all failed is not scheduled again (the library's rule and number).
FAILURES = 5


def recurs(due: Due) -> bool:
    """True for a doorbell of an interval or cron schedule."""
    return schedules.parse(due.schedule) is not None


def follow(session: Session, due: Due) -> int:
    """Insert the next instance, counted from now, in the transaction that ends this one; its id, 0 for
    none.
    """
    schedule = schedules.parse(due.schedule)
    if schedule is not None:
        # Whoever gave the work another schedule meanwhile took it from this row.
        schedule = schedules.parse(_stored(session, due))
    if schedule is None or _keeps_failing(session, due):
        return 0
    try:
        moment = schedule.next(session.now())
    except (ValueError, OverflowError):
        return 0  # no such time comes, or none that a calendar has
    following = schedule.moved(moment)
    return session.insert(
        tables.here().actions,
        {
            "hook": due.hook,
            "status": "pending",
            "scheduled_date_gmt": mysql(moment),
            "scheduled_date_local": localtime.mysql_local(session, moment),
            "schedule": following.serialized(),
            "group_id": due.group_id,
            "priority": due.priority,
            "args": due.args,
            "extended_args": due.extended_args,
        },
    )


def _stored(session: Session, due: Due) -> str | None:
    found = session.scalar(
        f"SELECT schedule FROM {tables.here().actions} WHERE action_id = :id", {"id": due.action_id}
    )
    return None if found is None else str(found)


def _keeps_failing(session: Session, due: Due) -> bool:
    statuses = session.column(
        f"SELECT status FROM {tables.here().actions}"
        " WHERE hook = :hook AND scheduled_date_gmt < UTC_TIMESTAMP()"
        " ORDER BY scheduled_date_gmt DESC, action_id DESC LIMIT :last",
        {"hook": due.hook, "last": FAILURES},
    )
    return len(statuses) == FAILURES and set(statuses) == {"failed"}
