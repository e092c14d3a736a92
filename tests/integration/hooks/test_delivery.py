"""The handler of the event doorbell, beside failures that last and workers that race."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sidecar import settings
from sidecar.db import Database
from sidecar.hooks import Bus, outbox
from sidecar.queue import tables
from tests.integration.hooks.conftest import Hooked


@dataclass
class Clock:
    moment: datetime = field(default_factory=lambda: datetime(2026, 5, 1, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@dataclass
class Run:
    attempt: int = 1


@dataclass
class Post:
    """A delivery office of the test's own: no worker knows its hooks."""

    db: Database
    bus: Bus
    clock: Clock
    seen: list[Any]

    @property
    def delivery(self) -> outbox.Delivery:
        return outbox.Delivery(self.db, self.bus, self.clock)

    def write(self, hook: str = "t_mail", mode: str = "durable") -> int:
        stamp = self.clock.moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        with self.db.session() as session:
            return session.insert(
                self.db.tables().bridge_events,
                {
                    "hook": hook,
                    "args": f'{{"priority":10,"mode":"{mode}","values":["letter",{{"$a":[[3,"x"]]}}]}}',
                    "status": "pending",
                    "available_at": stamp,
                    "created_at": stamp,
                },
            )

    def row(self, event: int) -> dict[str, Any]:
        with self.db.session() as session:
            found = session.one(
                f"SELECT * FROM {self.db.tables().bridge_events} WHERE event_id = :id", {"id": event}
            )
        assert found is not None
        return found

    def rung(self, event: int) -> list[str]:
        with self.db.session() as session:
            return session.column(
                "SELECT scheduled_date_gmt FROM wp_actionscheduler_actions"
                " WHERE hook = :hook AND args = :args ORDER BY action_id",
                {"hook": outbox.DELIVER, "args": f"[{event}]"},
            )


@pytest.fixture
def post(hooked: Hooked) -> Iterator[Post]:
    hooked.stop()  # its worker must not take our doorbells
    db = Database(settings.load(hooked.instance.config).site().database)
    tables.configure(db)
    office = Post(db, Bus(), Clock(), [])
    yield office
    with db.session() as session:
        session.execute("DELETE FROM wp_datamachine_bridge_events WHERE hook = 't_mail'")
        session.execute(f"DELETE FROM wp_actionscheduler_actions WHERE hook = '{outbox.DELIVER}'")
    db.close()
    hooked.start()


def test_every_subscriber_gets_the_event_once(post: Post) -> None:
    post.bus.add_action("t_mail", lambda *args: post.seen.append(args), mode="durable")
    post.bus.add_action(
        "t_mail", lambda text: post.seen.append(outbox.current_event()), mode="durable", owner="x"
    )
    post.bus.add_action("t_mail", lambda: post.seen.append("live"))
    event = post.write()
    post.delivery([event], Run())
    post.delivery([event], Run())
    assert post.seen[0] == ("letter", {3: "x"})
    assert (post.seen[1].id, post.seen[1].hook) == (event, "t_mail")
    assert len(post.seen) == 2
    assert post.row(event)["status"] == "done"
    assert outbox.current_event() is None


def test_a_lasting_failure_is_retried_ever_later_and_then_given_up(post: Post) -> None:
    def refuse(text: str) -> None:
        raise RuntimeError("mailbox full")

    post.bus.add_action("t_mail", refuse, mode="durable")
    event = post.write()
    waits = []
    for _ in range(outbox.MAX_ATTEMPTS):
        began = post.clock.moment
        post.delivery([event], Run())
        due = datetime.fromisoformat(str(post.row(event)["available_at"])).replace(tzinfo=UTC)
        waits.append(int((due - began).total_seconds()))
        post.clock.moment = due
    assert waits[:-1] == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    row = post.row(event)
    assert (row["status"], row["attempts"]) == ("failed", outbox.MAX_ATTEMPTS)
    assert row["last_error"] == "RuntimeError: mailbox full"
    assert len(post.rung(event)) == outbox.MAX_ATTEMPTS - 1
    post.delivery([event], Run())
    assert post.row(event)["attempts"] == outbox.MAX_ATTEMPTS


def test_a_second_worker_leaves_a_delivery_under_way_alone(post: Post) -> None:
    def slow(text: str) -> None:
        post.seen.append("first")
        post.delivery([event], Run())

    post.bus.add_action("t_mail", slow, mode="durable")
    event = post.write()
    post.delivery([event], Run())
    assert post.seen == ["first"]
    # It comes back when the first has been silent for too long.
    [due] = post.rung(event)
    assert datetime.fromisoformat(str(due)).replace(tzinfo=UTC) >= post.clock.moment + outbox.SILENCE


def test_a_recovered_delivery_begins_where_the_dead_worker_stopped(post: Post) -> None:
    class Killed(BaseException):
        pass

    def one(text: str) -> None:
        post.seen.append("one")

    def two(text: str) -> None:
        post.seen.append("two")
        if post.seen.count("two") == 1:
            raise Killed

    post.bus.add_action("t_mail", one, mode="durable")
    post.bus.add_action("t_mail", two, mode="durable")
    event = post.write()
    with pytest.raises(Killed):
        post.delivery([event], Run())
    post.delivery([event], Run(attempt=2))
    assert post.seen == ["one", "two", "two"]
    assert post.row(event)["status"] == "done"


def test_events_nobody_rings_for_are_found_and_old_ones_deleted(post: Post) -> None:
    lost, young, old, failed, long_failed = (post.write() for _ in range(5))
    now = post.clock.moment
    with post.db.session() as session:
        for event, values in (
            (lost, {"available_at": now - timedelta(minutes=5)}),
            (old, {"status": "done", "finished_at": now - timedelta(days=8)}),
            (failed, {"status": "failed", "finished_at": now - timedelta(days=8)}),
            (long_failed, {"status": "failed", "finished_at": now - timedelta(days=31)}),
        ):
            session.update(post.db.tables().bridge_events, values, {"event_id": event})
        assert list(post.delivery.forgotten(session)) == [lost]
        left = session.column("SELECT event_id FROM wp_datamachine_bridge_events WHERE hook = 't_mail'")
    assert left == [lost, young, failed]
