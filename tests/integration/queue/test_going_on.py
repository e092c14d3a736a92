"""What a worker meets and goes on from: a busy database, a WordPress that is away, others who were faster."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sidecar import queue
from sidecar.bridge import RemoteError
from sidecar.db import Contention, Session
from sidecar.hooks import dispatch
from sidecar.host import context as host_context
from sidecar.queue import draining, reconciler, units
from sidecar.queue.claims import Claimer
from sidecar.queue.draining import Budget
from sidecar.queue.worker import Worker
from tests.integration.queue.lab import TIMING, Lab, RecordingHosts, RecordingUnit, Runtime, handlers
from tests.integration.queue.test_worker import ring

BUSY = Contention("The database is busy (1205): Lock wait timeout exceeded")


@pytest.fixture(autouse=True)
def nothing_is_known_of_listeners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())


@pytest.fixture
def runtime(lab: Lab) -> Iterator[Runtime]:
    built = lab.runtime()
    built.queue_handlers.update(handlers(built))
    yield built
    built.db.close()


def test_a_database_that_is_busy_for_long_ends_no_worker(
    lab: Lab, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(lab, "lab_note", {"n": 1})
    refused: list[int] = []
    take = Claimer.take

    def busy(*args: Any, **named: Any) -> Any:
        if not refused:
            refused.append(1)
            raise BUSY
        return take(*args, **named)

    monkeypatch.setattr(Claimer, "take", busy)
    assert runtime.work(max_jobs=1) == 0
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["begin 1"], ["end 1"]]


@pytest.mark.parametrize("args", [{"n": 1}, {"job_id": 7, "flow_step_id": "x"}])
def test_a_step_that_met_a_deadlock_begins_again(lab: Lab, args: dict[str, object]) -> None:
    runtime = lab.runtime(hosts=RecordingHosts())
    attempts: list[int] = []

    def handle(args: Any, run: queue.Run) -> None:
        attempts.append(run.attempt)
        if len(attempts) == 1:
            raise BUSY

    runtime.queue_handlers["lab_busy"] = handle
    ring(lab, "lab_busy", args)
    runtime.work(once=True, max_jobs=1)
    lab.sql("UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()")
    runtime.work(once=True)
    assert attempts == [1, 2]
    assert lab.sql("SELECT status FROM wp_actionscheduler_actions") == [["complete"]]
    runtime.db.close()


def test_waiting_for_wordpress_is_no_death_of_whoever_waits(lab: Lab) -> None:
    """However often: a doorbell that serves no job counts its attempts in its own row."""
    hosts = RecordingHosts(listening=False)
    runtime = lab.runtime(hosts=hosts)
    asked: list[int] = []

    def handle(args: Any, run: queue.Run) -> None:
        asked.append(run.attempt)
        hosts.away = 1 < len(asked) < 14
        assert run.host is not None
        run.host.call("post.insert", {})

    runtime.queue_handlers["lab_asks"] = handle
    for number in (1, 2):
        # The first finds out that nobody listens, so the second needs no WordPress until it asks.
        ring(lab, "lab_asks", {"n": number})
    for _ in range(13):
        runtime.work(once=True)
        lab.sql(
            "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()"
            " WHERE status = 'pending'"
        )
    assert asked == [1] * 14
    assert lab.sql("SELECT status, attempts FROM wp_actionscheduler_actions") == [["complete", "1"]] * 2
    runtime.db.close()


def test_a_result_is_looked_for_after_waiting(lab: Lab) -> None:
    hosts = RecordingHosts(listening=False)
    runtime = lab.runtime(hosts=hosts)
    done: list[bool] = []

    def handle(args: Any, run: queue.Run) -> None:
        done.append(run.advanced)
        with run.transaction() as session:
            run.finish(session)
        hosts.away = args["n"] == 2
        assert run.host is not None
        run.host.call("post.insert", {})

    runtime.queue_handlers["lab_asks"] = handle
    for number in (1, 2):
        ring(lab, "lab_asks", {"n": number})
    runtime.work(once=True)
    hosts.away = False
    lab.sql("UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()")
    runtime.work(once=True)
    assert done == [False, False]
    assert lab.sql("SELECT status FROM wp_actionscheduler_actions") == [["complete"]] * 2
    runtime.db.close()


def test_who_hears_badly_that_a_step_was_done_does_not_undo_it(lab: Lab) -> None:
    class Throwing(RecordingUnit):
        def call(self, operation: str, params: Any, *, timeout: float | None = None) -> Any:
            if params.get("event") == "after_execute":
                raise RemoteError("php_error", "a plugin's mistake")
            return super().call(operation, params, timeout=timeout)

    class Hosts(RecordingHosts):
        @contextmanager
        def unit(self, **_: Any) -> Iterator[Any]:
            self.units.append(Throwing(self))
            with host_context.bind(self.units[-1]):  # type: ignore[arg-type]
                yield self.units[-1]

    runtime = lab.runtime(hosts=Hosts())

    def handle(args: Any, run: queue.Run) -> None:
        with run.transaction() as session:
            run.advance(session, "y")

    runtime.queue_handlers["lab_host"] = handle
    ring(lab, "lab_host", {"job_id": 7, "flow_step_id": "x"})
    runtime.work(once=True)
    assert lab.sql("SELECT status FROM wp_actionscheduler_actions") == [["complete"]]
    # A failed lease is what tells that nobody will go on with a job.
    assert lab.sql("SELECT state, step FROM wp_datamachine_bridge_leases") == [["ready", "y"]]
    runtime.db.close()


def test_whoever_was_slower_looks_again(lab: Lab, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SKIP LOCKED another worker may take exactly what this one has just read."""
    monkeypatch.setenv("DATAMACHINE_QUEUE_CLAIM", "cas")
    first = ring(lab, "lab_note", {"n": 1})
    for number in (2, 3):
        ring(lab, "lab_note", {"n": number})
    candidates = Claimer._candidates
    taken: list[int] = []

    def slowly(*args: Any) -> Any:
        found = candidates(*args)
        if found and not taken:
            taken.append(1)
            lab.sql(f"UPDATE wp_actionscheduler_actions SET claim_id = 999 WHERE action_id = {first}")
        return found

    monkeypatch.setattr(Claimer, "_candidates", slowly)
    runtime.work(once=True, max_jobs=None)
    # From there on it begins anywhere.
    assert lab.sql("SELECT what FROM done WHERE what LIKE 'end %' ORDER BY what") == [["end 2"], ["end 3"]]


def test_two_groups_of_one_name_are_both_served(lab: Lab, runtime: Runtime, way: str) -> None:
    """The library's table does not forbid it, and two who ring first at the same time make one each."""
    ring(lab, "lab_note", {"n": 1})
    second = ring(lab, "lab_note", {"n": 2})
    lab.sql(
        "INSERT INTO wp_actionscheduler_groups (slug) VALUES ('data-machine');"
        "UPDATE wp_actionscheduler_actions SET group_id ="
        f" (SELECT MAX(group_id) FROM wp_actionscheduler_groups) WHERE action_id = {second}"
    )
    try:
        runtime.work(once=True)
        assert lab.sql("SELECT what FROM done WHERE what LIKE 'end %' ORDER BY id") == [["end 1"], ["end 2"]]
    finally:
        lab.sql("DELETE FROM wp_actionscheduler_groups")


def test_a_group_that_was_made_anew_is_found(lab: Lab, runtime: Runtime) -> None:
    """Somebody emptied the library's tables while workers ran."""
    ring(lab, "lab_note", {"n": 1})
    served: list[int] = []

    def over() -> bool:
        ended = lab.number("SELECT COUNT(*) FROM done WHERE what LIKE 'end %'")
        if ended == 1 and not served:
            served.append(1)
            lab.sql("DELETE FROM wp_actionscheduler_groups")
            ring(lab, "lab_note", {"n": 2})
        return ended == 2

    Worker(runtime, timing=TIMING, max_time=20, until=over).work()  # type: ignore[arg-type]
    assert lab.sql("SELECT what FROM done WHERE what LIKE 'end %' ORDER BY id") == [["end 1"], ["end 2"]]


def test_connections_that_are_older_than_the_worker_are_limited_too(lab: Lab, runtime: Runtime) -> None:
    with runtime.db.session() as session:
        assert _limit(session) != TIMING.lease
    seen: list[float] = []

    @queue.traits(host=False)
    def look(args: Any, run: queue.Run) -> None:
        with run.transaction() as session:
            seen.append(_limit(session))

    runtime.queue_handlers["lab_look"] = look
    for number in range(6):
        ring(lab, "lab_look", {"n": number})
    runtime.work(once=True)
    assert set(seen) == {TIMING.lease}


def _limit(session: Session) -> float:
    return float(session.scalar("SELECT @@SESSION.idle_transaction_timeout"))


def test_the_heart_beats_between_two_dead_workers(
    lab: Lab, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeing the unit of each one end may take seconds; whoever looks must not count as dead itself."""
    alive: list[int] = []

    def bury(number: int) -> None:
        lab.sql(
            "INSERT INTO wp_datamachine_bridge_leases"
            " (lease_key, state, owner, token, lease_until, created_at, updated_at)"
            f" VALUES ('worker:elsewhere:{number}:a-1', 'running', 'elsewhere:{number}:a-1', 1,"
            " UTC_TIMESTAMP(6) - INTERVAL 1 SECOND, NOW(6), NOW(6))"
        )

    def slowly(*_: Any) -> bool:
        alive.append(
            lab.number(
                "SELECT COUNT(*) FROM wp_datamachine_bridge_leases"
                " WHERE lease_key LIKE 'worker:%' AND lease_key NOT LIKE '%elsewhere%'"
                " AND lease_until > UTC_TIMESTAMP(6)"
            )
        )
        time.sleep(TIMING.lease / 2)
        return True

    begun: list[int] = []

    def over() -> bool:
        if not begun:
            # After the worker's own first look: the heartbeat finds these.
            begun.append(1)
        elif len(begun) == 1 and lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_leases"):
            begun.append(2)
            for number in range(4):
                bury(number)
        return len(alive) == 4

    monkeypatch.setattr(units, "end", slowly)
    Worker(runtime, timing=TIMING, max_time=40, until=over).work()  # type: ignore[arg-type]
    assert alive == [1, 1, 1, 1]


def test_a_worker_that_cron_starts_every_minute_reconciles(
    lab: Lab, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``work --max-time=55``."""
    lab.sql(
        "INSERT INTO wp_datamachine_bridge_leases"
        " (lease_key, state, job_id, hook, step, created_at, updated_at)"
        " VALUES ('job:4', 'ready', 4, 'lab_step', '3', NOW(6), UTC_TIMESTAMP(6) - INTERVAL 2 MINUTE)"
    )
    later = time.monotonic() + 50
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert runtime.reconciler.tick() == 1
    assert runtime.reconciler.tick() == 0


def test_what_was_put_off_counts_towards_a_limit(lab: Lab) -> None:
    """Otherwise who drains in portions takes the queue for empty."""
    hosts = RecordingHosts()
    hosts.away = True
    runtime = lab.runtime(hosts=hosts)
    runtime.queue_handlers["lab_host"] = lambda args, run: None
    for job in (7, 8):
        ring(lab, "lab_host", {"job_id": job, "flow_step_id": "x"})
    done = draining.drain(runtime, Budget(limit=1))  # type: ignore[arg-type]
    assert (done.stop_reason, done.tally.ended, done.remaining.due) == ("limit", 0, 1)
    runtime.db.close()


def test_php_rings_for_a_job_that_is_worked_for_alone(lab: Lab, runtime: Runtime) -> None:
    seen: list[Any] = []

    @queue.traits(host=False)
    def note(args: Any, run: queue.Run) -> None:
        seen.append((run.hook, list(args)))

    runtime.queue_handlers["datamachine_execute_step"] = runtime.queue_handlers["lab_event"] = note
    ring(lab, "datamachine_execute_step", [7, "a"])
    ring(lab, "datamachine_execute_step", {"job_id": "7", "flow_step_id": "b"})
    ring(lab, "datamachine_execute_step", [77, "a"])
    ring(lab, "lab_event", [7])
    draining.drain(runtime, Budget(), only=lambda: [7])  # type: ignore[arg-type]
    assert seen == [("datamachine_execute_step", ["job_id", "flow_step_id"])] * 2


def test_what_one_cannot_find_the_others_still_can(lab: Lab, runtime: Runtime) -> None:
    def broken(session: Session) -> list[reconciler.Missing]:
        raise RuntimeError("a plugin's table is gone")

    runtime.reconciler.add(broken)
    runtime.reconciler.add(lambda _session: [reconciler.Missing("lab_note", {"n": 1})])
    assert runtime.reconciler.reconcile() == 1
