"""Durable delivery: events that PHP wrote down, handed to their Python subscribers at least once.

PHP writes the row in its own transaction and rings; a worker answers the doorbell here. Each subscriber that
has finished is noted in the row at once, so that a failure or a crash repeats only the others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.bridge.codec import Unpacker
from sidecar.bridge.handles import HandleTable
from sidecar.hooks import state, trace
from sidecar.hooks.callbacks import Callback, Mode

if TYPE_CHECKING:
    from sidecar.clock import Clock
    from sidecar.db import Database, Session
    from sidecar.hooks.bus import Bus

logger = logging.getLogger("datamachine.hooks")

#: The private hook whose doorbell names an event.
DELIVER = "datamachine_bridge_deliver"

#: Deliveries of one event before it is given up.
MAX_ATTEMPTS = 12
#: The wait after the first failed delivery, doubled after each one.
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
#: A delivery that has not said anything for this long is taken for dead.
SILENCE = timedelta(seconds=30)
#: Delivered events are kept for looking into, then deleted.
KEEP = timedelta(days=7)
#: Those given up are kept longer, for whoever looks for the reason; but a broken listener and a busy visitor
#: must not fill the table.
KEEP_FAILED = timedelta(days=30)

_STAMP = "%Y-%m-%d %H:%M:%S.%f"


class Event(msgspec.Struct, frozen=True):
    """What happened: a hook, its arguments as values, and who caused it."""

    id: int
    hook: str
    priority: int
    mode: Mode
    args: tuple[Any, ...]
    blog_id: int
    user_id: int
    locale: str
    request_id: str
    attempts: int
    delivered_to: tuple[str, ...]


class _Stored(msgspec.Struct):
    """The column ``args``."""

    priority: int
    mode: Mode
    values: list[Any]


_current: ContextVar[Event | None] = ContextVar("datamachine_hooks_event", default=None)


def current_event() -> Event | None:
    """The event being delivered: its id is what a receiver recognises a repetition by."""
    return _current.get()


def subscriber(callback: Callback) -> str:
    """What names a subscriber in the row."""
    return f"{callback.owner}:{callback.name}"


class Delivery:
    """The handler of the doorbell."""

    def __init__(self, db: Database, bus: Bus, clock: Clock) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock

    def __call__(self, args: Any, run: Any) -> None:
        """Deliver event ``args[0]`` to every subscriber that has not had it."""
        values = list(args.values()) if isinstance(args, dict) else list(args)
        event_id = int(values[0])
        event = self._take(event_id, again=run is not None and run.attempt > 1)
        if event is None:
            return
        failure: Exception | None = None
        delivered = list(event.delivered_to)
        for callback in self._bus.callbacks(event.hook, event.priority, event.mode):
            who = subscriber(callback)
            if who in delivered:
                continue
            try:
                self._hand_over(event, callback)
            except Exception as error:  # every subscriber gets its chance; this one gets another later
                logger.exception("Event %d (%s) was not delivered to %s", event.id, event.hook, who)
                failure = error
                continue
            delivered.append(who)
            self._note(event, delivered)
        self._end(event, failure)

    def _take(self, event_id: int, *, again: bool) -> Event | None:
        """The event, unless it is done or somebody else delivers it now."""
        now = self._clock.now()
        with self._db.transaction() as session:
            row = session.one(
                f"SELECT * FROM {self._table} WHERE event_id = :id FOR UPDATE", {"id": event_id}
            )
            if row is None or row["status"] != "pending":
                return None
            due = str(row["available_at"])
            if due > now.strftime(_STAMP) and not again:
                # Being delivered by another worker, or waiting for its retry: come back then.
                self._ring(session, event_id, max(1.0, _seconds_until(due, now)))
                return None
            session.execute(
                f"UPDATE {self._table} SET attempts = attempts + 1, available_at = :until"
                " WHERE event_id = :id",
                {"until": (now + SILENCE).strftime(_STAMP), "id": event_id},
            )
        return _event(row)

    def _hand_over(self, event: Event, callback: Callback) -> None:
        token = _current.set(event)
        try:
            with state.scope() as scope, _traced(event.hook, callback):
                scope.stack.append(event.hook)
                scope.actions[event.hook] += 1
                callback(event.args)
        finally:
            _current.reset(token)

    def _note(self, event: Event, delivered: list[str]) -> None:
        with self._db.session() as session:
            session.execute(
                f"UPDATE {self._table} SET delivered_to = :who, available_at = :until WHERE event_id = :id",
                {
                    "who": msgspec.json.encode(delivered).decode(),
                    "until": (self._clock.now() + SILENCE).strftime(_STAMP),
                    "id": event.id,
                },
            )

    def _end(self, event: Event, failure: Exception | None) -> None:
        now = self._clock.now()
        attempts = event.attempts + 1
        given_up = failure is not None and attempts >= MAX_ATTEMPTS
        with self._db.transaction() as session:
            if failure is None or given_up:
                session.execute(
                    f"UPDATE {self._table} SET status = :status, finished_at = :now, last_error = :error"
                    " WHERE event_id = :id",
                    {
                        "status": "failed" if given_up else "done",
                        "now": now.strftime(_STAMP),
                        "error": _message(failure),
                        "id": event.id,
                    },
                )
            else:
                wait = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
                session.execute(
                    f"UPDATE {self._table} SET last_error = :error, available_at = :due WHERE event_id = :id",
                    {"error": _message(failure), "due": (now + wait).strftime(_STAMP), "id": event.id},
                )
                self._ring(session, event.id, wait.total_seconds())
        if given_up:
            logger.error("Event %d (%s) is given up after %d deliveries", event.id, event.hook, attempts)

    def _ring(self, session: Session, event_id: int, seconds: float) -> None:
        from sidecar import queue
        from sidecar.queue import fence

        when = self._clock.now() + timedelta(seconds=seconds)
        action = queue.enqueue(session, DELIVER, [event_id], when, fence.PRIVATE_GROUP)
        queue.log(session, action, "action created")

    def forgotten(self, session: Session) -> Iterable[int]:
        """Ids of events nobody rings for any more; deletes what was delivered long ago on the way."""
        now = self._clock.now()
        for status, kept in (("done", KEEP), ("failed", KEEP_FAILED)):
            session.execute(
                f"DELETE FROM {self._table} WHERE status = :status AND finished_at < :old LIMIT 1000",
                {"status": status, "old": (now - kept).strftime(_STAMP)},
            )
        return [
            int(value)
            for value in session.column(
                f"SELECT event_id FROM {self._table} WHERE status = 'pending' AND available_at < :late"
                " ORDER BY event_id LIMIT 200",
                {"late": (now - 2 * SILENCE).strftime(_STAMP)},
            )
        ]

    @property
    def _table(self) -> str:
        return str(self._db.tables().bridge_events)


class Undelivered(msgspec.Struct, frozen=True):
    """An event that waits for its subscribers, by its first argument."""

    first: int
    hook: str
    #: UTC text: when its next delivery is due.
    due: str
    #: Seconds until then, negative when it is overdue.
    seconds: int


def undelivered(db: Database, hooks: Sequence[str], firsts: Sequence[int]) -> list[Undelivered]:
    """Events of some hooks whose first argument is one of some numbers, oldest first."""
    if not firsts:
        return []
    with db.session() as session:
        rows = session.all(
            "SELECT CAST(JSON_UNQUOTE(JSON_EXTRACT(args, '$.values[0]')) AS UNSIGNED) AS first, hook,"
            " available_at, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), available_at) AS seconds"
            f" FROM {db.tables().bridge_events} WHERE status = 'pending' AND hook IN :hooks"
            " HAVING first IN :firsts ORDER BY available_at",
            {"hooks": list(hooks), "firsts": list(firsts)},
        )
    return [
        Undelivered(int(row["first"]), str(row["hook"]), str(row["available_at"]), int(row["seconds"]))
        for row in rows
    ]


def _event(row: dict[str, Any]) -> Event:
    stored = msgspec.json.decode(row["args"], type=_Stored)
    return Event(
        id=int(row["event_id"]),
        hook=str(row["hook"]),
        priority=stored.priority,
        mode=stored.mode,
        args=tuple(Unpacker(HandleTable(), None).unpack(stored.values)),
        blog_id=int(row["blog_id"]),
        user_id=int(row["user_id"]),
        locale=str(row["locale"]),
        request_id=str(row["request_id"]),
        attempts=int(row["attempts"]),
        delivered_to=tuple(msgspec.json.decode(row["delivered_to"] or "[]", type=list[str])),
    )


def _seconds_until(due: str, now: Any) -> float:
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
    return float((moment - now).total_seconds())


def _message(failure: Exception | None) -> str | None:
    return None if failure is None else f"{type(failure).__name__}: {failure}"[:2000]


@contextmanager
def _traced(hook: str, callback: Callback) -> Iterator[None]:
    if trace.enabled:
        with trace.callback(hook, callback):
            yield
    else:
        yield
