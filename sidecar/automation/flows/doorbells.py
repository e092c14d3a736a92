"""The rows of Action Scheduler that start a flow.

A schedule's row has the arguments ``[flow id]``, as Data Machine writes it, and there is at most one pending.
A single run at a later time has ``[flow id, null, initial data, capabilities]``: schedules leave it alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sidecar import hooks, queue
from sidecar.clock import mysql
from sidecar.db import Database, Session
from sidecar.queue import arguments, doorbells, schedules, tables

HOOK = "datamachine_run_flow_now"
#: The arguments of a schedule's row.
_SCHEDULED = re.compile(r"\[(\d+)\]")


def ring(session: Session, flow_id: int, when: schedules.Schedule, *, now: datetime) -> int:
    """Insert the row of a flow's schedule; the caller says :func:`told` after its commit."""
    return queue.enqueue(session, HOOK, [flow_id], when, now=now)


def ring_once(
    session: Session,
    flow_id: int,
    at: datetime,
    *,
    data: Mapping[str, Any] | None,
    capabilities: Sequence[str] | None,
    now: datetime,
) -> int:
    """Insert the row of one later run."""
    args: list[Any] = [flow_id, None]
    if data or capabilities is not None:
        args.append(dict(data) if data else None)
    if capabilities is not None:
        args.append(list(capabilities))
    return queue.enqueue(session, HOOK, args, at, now=now)


def pending(session: Session, *flow_ids: int) -> list[int]:
    """Ids of schedules' pending rows, of any group: other groups' rows of this hook are the flows' too."""
    rows = session.column(
        f"SELECT action_id FROM {tables.here().actions} WHERE hook = :hook AND args IN :args"
        " AND status = 'pending' ORDER BY action_id",
        {"hook": HOOK, "args": _args(flow_ids)},
    )
    return [int(each) for each in rows]


def later(session: Session, flow_id: int) -> list[int]:
    """Ids of pending rows of single runs."""
    rows = session.column(
        f"SELECT action_id FROM {tables.here().actions} WHERE hook = :hook AND status = 'pending'"
        " AND (args LIKE :args OR extended_args LIKE :args) ORDER BY action_id",
        {"hook": HOOK, "args": f"[{flow_id},%"},
    )
    return [int(each) for each in rows]


def settle(session: Session, *flow_ids: int, now: datetime) -> None:
    """Rows that are being worked on ring for no next instance when they end."""
    session.execute(
        f"UPDATE {tables.here().actions} SET schedule = :single WHERE hook = :hook AND args IN :args"
        " AND status = 'in-progress'",
        {"single": schedules.Single(now).serialized(), "hook": HOOK, "args": _args(flow_ids)},
    )


def cancel(session: Session, action_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Cancel pending rows and log it; those that were pending still. Then :func:`told_canceled`."""
    if not action_ids:
        return []
    actions = tables.here().actions
    rows = session.column(
        f"SELECT action_id FROM {actions} WHERE action_id IN :ids AND status = 'pending' ORDER BY action_id"
        " FOR UPDATE",
        {"ids": list(action_ids)},
    )
    found = [int(each) for each in rows]
    if found:
        session.execute(
            f"UPDATE {actions} SET status = 'canceled' WHERE action_id IN :ids AND status = 'pending'",
            {"ids": found},
        )
    for action_id in found:
        doorbells.log(session, action_id, doorbells.CANCELED, now=now)
    return found


def told(db: Database, *action_ids: int) -> None:
    """After the commit: those who listen hear of new rows, and their lines of the log are written."""
    for action_id in action_ids:
        hooks.do_action("action_scheduler_stored_action", action_id)
    note(db, *action_ids)


def note(db: Database, *action_ids: int) -> None:
    """The line of the log that each new row has."""
    if not action_ids:
        return
    with db.transaction() as session:
        for action_id in action_ids:
            queue.log(session, action_id, queue.CREATED)


def told_canceled(action_ids: Sequence[int]) -> None:
    """After the commit: those who listen hear of cancelled rows."""
    for action_id in action_ids:
        hooks.do_action("action_scheduler_canceled_action", action_id)


def due(session: Session, now: datetime, flow_id: int | None = None) -> list[int]:
    """Flows whose schedule's row is due, oldest first; or the one flow if it is."""
    only = "" if flow_id is None else " AND args = :args"
    rows = session.column(
        f"SELECT args FROM {tables.here().actions} WHERE hook = :hook AND status = 'pending'"
        f" AND scheduled_date_gmt <= :now AND claim_id = 0{only} ORDER BY scheduled_date_gmt, action_id",
        {"hook": HOOK, "now": mysql(now), "args": arguments.encode([flow_id])},
    )
    found = [_SCHEDULED.fullmatch(str(args)) for args in rows]
    return [int(one.group(1)) for one in found if one is not None]


def next_due(session: Session, flow_ids: Sequence[int]) -> dict[int, str]:
    """When each flow runs next (UTC text), by its schedule or once; only those with a pending row."""
    if not flow_ids:
        return {}
    params: dict[str, Any] = {
        "hook": HOOK,
        "ids": list(flow_ids),
        "args": _args(flow_ids),
    }
    singles = []
    for at, flow_id in enumerate(flow_ids):
        params[f"single{at}"] = f"[{flow_id},%"
        singles.append(f"args LIKE :single{at}")
    # Of long arguments the column has a hash, hexadecimal; every condition is one on its index.
    rows = session.all(
        "SELECT CAST(SUBSTRING(COALESCE(extended_args, args), 2) AS UNSIGNED) AS flow_id,"
        f" MIN(scheduled_date_gmt) AS due FROM {tables.here().actions} WHERE hook = :hook"
        f" AND status = 'pending' AND (args IN :args OR {' OR '.join(singles)} OR (args BETWEEN '0' AND 'g'"
        " AND CAST(SUBSTRING(extended_args, 2) AS UNSIGNED) IN :ids)) GROUP BY 1",
        params,
    )
    return {int(row["flow_id"]): str(row["due"]) for row in rows}


def _args(flow_ids: Sequence[int]) -> list[str]:
    return [arguments.encode([flow_id]) for flow_id in flow_ids]
