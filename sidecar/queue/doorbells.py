"""Doorbells: Action Scheduler rows, written as the PHP library writes them.

A row says that something is due; it never says that it is running (a lease does). WordPress's screens, the
PHP library and our workers all read the same rows.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sidecar.clock import mysql
from sidecar.queue import arguments, localtime, schedules, successors, tables, waking

if TYPE_CHECKING:
    from sidecar.db import Session

GROUP = "data-machine"
PRIORITY = 10

CREATED = "action created"
CANCELED = "action canceled"


def enqueue(
    session: Session,
    hook: str,
    args: arguments.Arguments,
    when: datetime | schedules.Schedule,
    group: str = GROUP,
    *,
    priority: int = PRIORITY,
    unique: bool = False,
    now: datetime | None = None,
) -> int:
    """Insert one pending action and return its id.

    ``args`` is a mapping (stored as a JSON object, handed to the hook by position) or a sequence. ``when`` is
    an aware moment or a schedule. With ``unique`` nothing is inserted, and 0 returned, while a pending or
    in-progress row of the same hook and group exists (arguments are not compared: the library's rule).

    The caller commits, then fires ``action_scheduler_stored_action`` with the id and calls :func:`log` with
    :data:`CREATED`, in that order, as the library does; that last call also wakes the workers.

    Inside the transaction of a run, a doorbell of the same hook and the same job is that run's successor: the
    lease advances to its step in this very transaction (see :meth:`sidecar.queue.run.Run.advance`).
    """
    schedule = when if not isinstance(when, datetime) else schedules.Single(when)
    encoded, extended = arguments.columns(args)
    names = tables.here()
    group_id = group_of(session, group)
    if unique and group_id and _waiting(session, hook, group_id):
        return 0
    due = schedule.first(now or session.now())
    values: dict[str, object] = {
        "hook": hook,
        "status": "pending",
        "scheduled_date_gmt": mysql(due),
        "scheduled_date_local": localtime.mysql_local(session, due),
        "schedule": schedule.serialized(),
        "group_id": group_id,
        "priority": max(0, min(255, priority)),
        "args": encoded,
        "extended_args": extended,
    }
    action_id = session.insert(names.actions, values)
    successors.announce(session, hook, args)
    return action_id


def log(session: Session, action_id: int, message: str, *, now: datetime | None = None) -> None:
    """Write one row of ``actionscheduler_logs``; in UTC and in the site's time.

    :data:`CREATED` is written once an action: where the PHP library is loaded, its own logger may have heard
    ``action_scheduler_stored_action`` already. It also wakes the workers,
    unless a worker rings.
    """
    moment = now or session.now()
    logs = tables.here().logs
    values = {
        "action": action_id,
        "message": message,
        "gmt": mysql(moment),
        "local": localtime.mysql_local(session, moment),
    }
    insert = f"INSERT INTO {logs} (action_id, message, log_date_gmt, log_date_local)"
    if message != CREATED:
        session.execute(f"{insert} VALUES (:action, :message, :gmt, :local)", values)
        return
    session.execute(
        f"{insert} SELECT :action, :message, :gmt, :local FROM DUAL WHERE NOT EXISTS"
        f" (SELECT 1 FROM {logs} WHERE action_id = :action AND message = :message)",
        values,
    )
    # A worker that rings looks for what it rang for itself, with WordPress at hand.
    if successors.current.get() is None:
        waking.nudge()


def stored(session: Session, action_id: int, now: datetime) -> None:
    """The line :data:`CREATED` in the transaction that stored the doorbell: for a worker that rings where
    nobody in WordPress hears ``action_scheduler_stored_action``, so that nobody else writes it."""
    session.execute(
        f"INSERT INTO {tables.here().logs} (action_id, message, log_date_gmt, log_date_local)"
        " VALUES (:action, :message, :gmt, :local)",
        {
            "action": action_id,
            "message": CREATED,
            "gmt": mysql(now),
            "local": localtime.mysql_local(session, now),
        },
    )


def group_of(session: Session, slug: str) -> int:
    """The id of a group, created when missing; 0 for no group."""
    if not slug:
        return 0
    groups = tables.here().groups
    found = session.scalar(
        f"SELECT group_id FROM {groups} WHERE slug = :slug ORDER BY group_id LIMIT 1", {"slug": slug}
    )
    if found is not None:
        return int(found)
    return session.insert(groups, {"slug": slug})


def _waiting(session: Session, hook: str, group_id: int) -> bool:
    return (
        session.scalar(
            f"SELECT action_id FROM {tables.here().actions} WHERE hook = :hook AND group_id = :group"
            " AND status IN ('pending', 'in-progress') LIMIT 1",
            {"hook": hook, "group": group_id},
        )
        is not None
    )
