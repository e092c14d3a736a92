"""Ending a job's work from outside: its doorbells ring no more, and who works on it can write nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar import hooks
from sidecar.queue import doorbells, leases, tables

if TYPE_CHECKING:
    from sidecar.db import Database, Session

#: Hooks whose first argument is a job.
JOB_HOOKS = (
    "datamachine_execute_step",
    "datamachine_schedule_next_step",
    "datamachine_pipeline_batch_chunk",
    "datamachine_task_process_batch",
    "datamachine_task_retry",
    "datamachine_webhook_gate_timeout",
    "datamachine_bridge_abandoned",
)
#: Jobs looked for in one statement.
PORTION = 25


class Bell(msgspec.Struct, frozen=True):
    """A doorbell of a job that is pending, or is being answered."""

    action_id: int
    job_id: int
    hook: str
    args: str
    #: UTC text.
    due: str
    #: Seconds until it is due, negative when it is overdue.
    seconds: int
    #: Whether somebody is answering it.
    in_progress: bool = False


def pending(session: Session, job_ids: Sequence[int]) -> list[Bell]:
    """Doorbells of jobs that were not answered yet, oldest first."""
    found: list[Bell] = []
    for start in range(0, len(job_ids), PORTION):
        found += _pending(session, job_ids[start : start + PORTION])
    return found


def _pending(session: Session, job_ids: Sequence[int]) -> list[Bell]:
    params: dict[str, Any] = {"hooks": list(JOB_HOOKS)}
    conditions = []
    for at, job_id in enumerate(job_ids):
        for form, pattern in enumerate(patterns(job_id)):
            params[f"p{at}_{form}"] = pattern
            conditions.append(f"args LIKE :p{at}_{form}")
    rows = session.all(
        "SELECT action_id, hook, args, scheduled_date_gmt, status = 'in-progress' AS in_progress,"
        " TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), scheduled_date_gmt) AS seconds"
        f" FROM {tables.here().actions} WHERE ({' OR '.join(conditions)})"
        " AND hook IN :hooks AND status IN ('pending', 'in-progress') ORDER BY action_id",
        params,
    )
    return [
        Bell(
            action_id=int(row["action_id"]),
            job_id=job_of(str(row["args"])),
            hook=str(row["hook"]),
            args=str(row["args"]),
            due=str(row["scheduled_date_gmt"]),
            seconds=int(row["seconds"] or 0),
            in_progress=bool(row["in_progress"]),
        )
        for row in rows
    ]


def patterns(job_id: int) -> tuple[str, ...]:
    """How arguments that name a job begin: of ours, and of PHP's."""
    starts = (f'{{"job_id":{job_id}', f'{{"parent_job_id":{job_id}', f"[{job_id}")
    texts = (f'{{"job_id":"{job_id}"', f'{{"parent_job_id":"{job_id}"', f'["{job_id}"')
    return tuple(
        # A backslash and the wildcards cannot stand in these texts but for the underscore.
        each.replace("_", "\\_") + end
        for each in (*starts, *texts)
        for end in (",%", "}" if each.startswith("{") else "]")
    )


def job_of(args: str) -> int:
    """The job that arguments begin with, 0 for none."""
    digits = ""
    for character in args.split(":", 1)[-1] if args.startswith("{") else args:
        if character.isdigit() and character.isascii():
            digits += character
        elif digits:
            break
    return int(digits) if digits else 0


def silence(session: Session, job_ids: Sequence[int]) -> list[int]:
    """Cancel the doorbells of jobs and take their leases away; the ids of the doorbells.

    Joins the caller's transaction. After the commit the caller says :func:`told`.
    """
    if not job_ids:
        return []
    revoke(session, job_ids)
    cancelled = []
    for bell in pending(session, job_ids):
        changed = session.execute(
            f"UPDATE {tables.here().actions} SET status = 'canceled'"
            " WHERE action_id = :id AND status = 'pending'",
            {"id": bell.action_id},
        ).rowcount
        if changed:
            cancelled.append(bell.action_id)
    return cancelled


def revoke(session: Session, job_ids: Sequence[int]) -> int:
    """Take the leases of jobs away: whoever holds one can write nothing more, and nothing is due.

    Its worker notices with its next write, or its next heartbeat, and ends the WordPress unit of the step.
    """
    return session.execute(
        f"UPDATE {tables.here().leases} SET state = 'done', step = '', token = token + 1, owner = '',"
        f" unit_connection_id = NULL, unit_pid = NULL, lease_until = NULL, updated_at = {leases.NOW}"
        " WHERE job_id IN :jobs AND lease_key LIKE 'job:%' AND state IN ('running', 'ready')",
        {"jobs": list(job_ids)},
    ).rowcount


def told(db: Database, action_ids: Sequence[int]) -> None:
    """After the commit: who listens hears of the cancelled doorbells, and each gets its line in the log.

    Where the PHP library is loaded, its own logger may have written it.
    """
    logs = tables.here().logs
    for action_id in action_ids:
        hooks.do_action("action_scheduler_canceled_action", action_id)
        with db.session() as session:
            known = session.scalar(
                f"SELECT 1 FROM {logs} WHERE action_id = :id AND message = :message LIMIT 1",
                {"id": action_id, "message": doorbells.CANCELED},
            )
            if known is None:
                doorbells.log(session, action_id, doorbells.CANCELED)
