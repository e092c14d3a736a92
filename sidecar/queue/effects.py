"""What a step has already done in WordPress, so that doing the step again does not do it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.errors import Conflict
from sidecar.queue import tables

if TYPE_CHECKING:
    from sidecar.db import Session
    from sidecar.queue.run import Run

#: Answered by ``recover`` when the effect certainly did not happen.
NOT_DONE: Any = object()


class OutcomeUnknown(Conflict):
    """An earlier attempt began this effect and died; nobody can tell whether it took place."""

    code = "effect_outcome_unknown"


class Reference(msgspec.Struct, frozen=True):
    """Names an effect for PHP, as the operation ``post.insert`` takes it: WordPress notes the post's id in
    the transaction that inserts it, and rolls back when the token is no longer this one."""

    job_id: int
    step: str
    call_key: str
    token: int

    def params(self) -> dict[str, Any]:
        """As parameters of a host operation."""
        return {"job_id": self.job_id, "step": self.step, "call_key": self.call_key, "token": self.token}


class Effects:
    """The effects of one run. Rows are written before the call and after it, each under the run's lease."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def reference(self, call_key: str) -> Reference:
        """The name of an effect of this run."""
        return Reference(self._run.effects_id, self._run.step, call_key, self._run.token)

    def once(self, call_key: str, do: Callable[[], Any], recover: Callable[[], Any] | None = None) -> Any:
        """Do something once for this step, over all attempts, and return its (JSON) result.

        ``call_key`` names the call within the step (at most 191 characters, the same in every attempt). An
        effect that finished in an earlier attempt is not done again: its stored result is returned. One that
        was begun and never finished is looked for by ``recover()``: it returns the result when it finds the
        effect, or None (or :data:`NOT_DONE`) when it certainly did not happen, and ``do`` runs. Without
        ``recover`` it raises :class:`OutcomeUnknown`. When ``do`` raises, the effect counts as not finished.

        Neither callable runs inside a transaction. Raises :class:`~sidecar.queue.leases.LeaseLost` when the
        lease was taken over.
        """
        status, stored = self._begin(call_key)
        if status == "done":
            return stored
        if status == "begun":
            if recover is None:
                raise OutcomeUnknown(f"An earlier attempt began {call_key!r} and left no result.")
            found = recover()
            if found is not None and found is not NOT_DONE:
                return self._finish(call_key, found)
        self._run.checkpoint()
        return self._finish(call_key, do())

    def _begin(self, call_key: str) -> tuple[str, Any]:
        """``("new" | "begun" | "done", result)``; the row is this token's afterwards."""
        with self._run.transaction() as session:
            effects, key = tables.here().effects, self.reference(call_key).params()
            row = session.one(
                f"SELECT status, result FROM {effects}"
                " WHERE job_id = :job_id AND step = :step AND call_key = :call_key FOR UPDATE",
                key,
            )
            if row is None:
                session.execute(
                    f"INSERT INTO {effects} (job_id, step, call_key, status, token, attempt, created_at)"
                    " VALUES (:job_id, :step, :call_key, 'begun', :token, :attempt, UTC_TIMESTAMP(6))",
                    {**key, "attempt": self._run.attempt},
                )
                return "new", None
            if row["status"] == "done":
                return "done", _decode(row["result"])
            # From here on the earlier attempt's WordPress process can no longer mark it done.
            session.execute(
                f"UPDATE {effects} SET token = :token, attempt = :attempt"
                " WHERE job_id = :job_id AND step = :step AND call_key = :call_key",
                {**key, "attempt": self._run.attempt},
            )
            return "begun", None

    def _finish(self, call_key: str, result: Any) -> Any:
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        with self._run.transaction() as session:
            session.execute(
                f"UPDATE {tables.here().effects} SET status = 'done', result = :result,"
                " post_id = COALESCE(:post, post_id), finished_at = UTC_TIMESTAMP(6)"
                " WHERE job_id = :job_id AND step = :step AND call_key = :call_key",
                {**self.reference(call_key).params(), "result": text, "post": _post_id(result)},
            )
        return json.loads(text)


def mark_served(session: Session, run: Run) -> None:
    """Write down, in the transaction that commits a doorbell's result, that only its acknowledgement is
    left.
    """
    session.execute(
        f"INSERT INTO {tables.here().effects}"
        " (job_id, step, call_key, status, token, attempt, created_at, finished_at)"
        " VALUES (:job_id, :step, :call_key, 'done', :token, :attempt, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
        " ON DUPLICATE KEY UPDATE token = VALUES(token)",
        {**run.effects.reference(_served(run.action_id)).params(), "attempt": run.attempt},
    )


def served(session: Session, effects_id: int, step: str, action_id: int) -> bool:
    """True when an earlier attempt at this doorbell committed its result."""
    return (
        session.scalar(
            f"SELECT 1 FROM {tables.here().effects}"
            " WHERE job_id = :job AND step = :step AND call_key = :key AND status = 'done'",
            {"job": effects_id, "step": step, "key": _served(action_id)},
        )
        is not None
    )


def step_served(session: Session, job_id: int, step: str) -> bool:
    """True when any doorbell of a job's step committed its result."""
    return (
        session.scalar(
            f"SELECT 1 FROM {tables.here().effects} WHERE job_id = :job AND step = :step"
            " AND call_key LIKE 'doorbell:%' AND status = 'done' LIMIT 1",
            {"job": job_id, "step": step},
        )
        is not None
    )


def any_served(session: Session, job_id: int) -> bool:
    """True when a job has the result of any of its steps behind it."""
    return (
        session.scalar(
            f"SELECT 1 FROM {tables.here().effects} WHERE job_id = :job AND step NOT LIKE 'action:%'"
            " AND call_key LIKE 'doorbell:%' AND status = 'done' LIMIT 1",
            {"job": job_id},
        )
        is not None
    )


def _served(action_id: int) -> str:
    return f"doorbell:{action_id}"


def forget(session: Session, job_id: int) -> int:
    """Drop the effects of a job that is over; how many there were."""
    return session.execute(
        f"DELETE FROM {tables.here().effects} WHERE job_id = :job", {"job": job_id}
    ).rowcount


def _decode(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _post_id(result: Any) -> int | None:
    """The post a result speaks of, at its top or in ``data``, the shape of a tool's answer."""
    if isinstance(result, dict):
        for place in (result, result.get("data")):
            if isinstance(place, dict) and isinstance(place.get("post_id"), int):
                return int(place["post_id"])
    return None
