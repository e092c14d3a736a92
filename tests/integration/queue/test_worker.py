"""A worker on a real database: rows in Action Scheduler's order, one transaction at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from sidecar import queue
from sidecar.bridge import RemoteError
from sidecar.clock import SYSTEM
from sidecar.hooks import dispatch
from sidecar.host.errors import Maintenance, ProcessDied
from sidecar.queue.worker import Worker
from tests.integration.queue.lab import TIMING, Lab, NoHosts, RecordingHosts, RecordingUnit, handlers


@pytest.fixture(autouse=True)
def nothing_is_known_of_listeners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())


def ring(lab: Lab, hook: str, args: object, *, later: int = 0, priority: int = 10) -> int:
    runtime = lab.runtime()
    when = SYSTEM.now() + timedelta(seconds=later)
    with runtime.db.transaction() as session:
        action = queue.enqueue(session, hook, args, when, priority=priority)  # type: ignore[arg-type]
    with runtime.db.session() as session:
        queue.log(session, action, queue.CREATED)
    runtime.db.close()
    return action


def test_runs_what_is_due_and_leaves_what_is_not(lab: Lab, way: str) -> None:
    first = ring(lab, "lab_note", {"n": 1})
    later = ring(lab, "lab_note", {"n": 2}, later=3600)
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    assert runtime.work(once=True) == 0
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["begin 1"], ["end 1"]]
    assert lab.sql(
        "SELECT status, attempts, claim_id FROM wp_actionscheduler_actions ORDER BY action_id"
    ) == [
        ["complete", "1", "0"],
        ["pending", "0", "0"],
    ]
    assert lab.sql(
        f"SELECT message FROM wp_actionscheduler_logs WHERE action_id = {first} ORDER BY log_id"
    ) == [
        ["action created"],
        ["action started via Data Machine Worker"],
        ["action complete via Data Machine Worker"],
    ]
    assert lab.number(f"SELECT COUNT(*) FROM wp_actionscheduler_logs WHERE action_id = {later}") == 1
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_claims") == 0
    assert lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_leases") == 0


def test_a_job_goes_through_its_steps_under_one_lease(lab: Lab, way: str) -> None:
    ring(lab, "lab_step", {"job_id": 7, "flow_step_id": "1"})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    runtime.work(once=True)
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["7.1"], ["7.2"], ["7.3"]]
    assert lab.sql("SELECT args, status FROM wp_actionscheduler_actions ORDER BY action_id") == [
        [f'{{"job_id":7,"flow_step_id":"{n}"}}', "complete"] for n in (1, 2, 3)
    ]
    assert lab.sql("SELECT lease_key, state, step, token FROM wp_datamachine_bridge_leases") == [
        ["job:7", "done", "", "3"]
    ]
    assert lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_effects WHERE status = 'done'") == 6


def test_a_failing_handler_fails_its_doorbell_only(lab: Lab, way: str) -> None:
    bad = ring(lab, "lab_fail", [])
    ring(lab, "lab_note", {"n": 1})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    runtime.work(once=True)
    assert lab.sql("SELECT status FROM wp_actionscheduler_actions ORDER BY action_id") == [
        ["failed"],
        ["complete"],
    ]
    messages = lab.sql(f"SELECT message FROM wp_actionscheduler_logs WHERE action_id = {bad} ORDER BY log_id")
    assert messages[-1] == ["action failed via Data Machine Worker: RuntimeError: no luck"]


def test_priority_decides_the_order(lab: Lab, way: str) -> None:
    ring(lab, "lab_note", {"n": 1}, priority=20)
    ring(lab, "lab_note", {"n": 2}, priority=5)
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    runtime.work(once=True)
    assert lab.sql("SELECT what FROM done WHERE what LIKE 'begin%' ORDER BY id") == [["begin 2"], ["begin 1"]]


def test_batched_handlers_write_the_same_rows(lab: Lab, way: str) -> None:
    for number in range(30):
        ring(lab, "lab_count", {"n": number})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    runtime.work(once=True)
    assert (
        lab.number(
            "SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'complete' AND attempts = 1"
        )
        == 30
    )
    assert lab.sql(
        "SELECT COUNT(*), COUNT(DISTINCT action_id), message FROM wp_actionscheduler_logs"
        " GROUP BY message ORDER BY message"
    ) == [
        ["30", "30", "action complete via Data Machine Worker"],
        ["30", "30", "action created"],
        ["30", "30", "action started via Data Machine Worker"],
    ]


def test_max_jobs_ends_the_worker(lab: Lab) -> None:
    for number in range(5):
        ring(lab, "lab_note", {"n": number})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    assert runtime.work(max_jobs=2) == 0
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'complete'") == 2
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE claim_id <> 0") == 0


def test_foreign_groups_are_never_touched(lab: Lab, way: str) -> None:
    runtime = lab.runtime()
    with runtime.db.transaction() as session:
        queue.enqueue(session, "lab_note", {"n": 1}, SYSTEM.now(), group="woocommerce")
        queue.enqueue(session, "lab_note", {"n": 2}, SYSTEM.now(), group="")
    runtime.queue_handlers.update(handlers(runtime))
    runtime.work(once=True)
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'pending'") == 2
    assert lab.number("SELECT COUNT(*) FROM done") == 0


@pytest.mark.parametrize("mode", ["inactive", "companion"])
def test_another_product_s_doorbells_stay(lab: Lab, mode: str) -> None:
    ring(lab, "lab_note", {"n": 1})
    lab.switch(mode)
    try:
        runtime = lab.runtime()
        runtime.queue_handlers.update(handlers(runtime))
        assert runtime.work(once=True) == 0
        assert lab.number("SELECT COUNT(*) FROM done") == 0
    finally:
        lab.switch("standalone")


def test_no_wordpress_is_opened_where_nobody_there_listens_and_nothing_is_asked(lab: Lab) -> None:
    hosts = RecordingHosts(listening=False)
    runtime = lab.runtime(hosts=hosts)
    runtime.queue_handlers["lab_host"] = lambda args, run: None
    runtime.queue_handlers["lab_asks"] = lambda args, run: run.host.get_option("home")
    for _ in range(3):
        ring(lab, "lab_host", {"a": 1})
    ring(lab, "lab_asks", {"a": 1})
    runtime.work(once=True)
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'complete'") == 4
    # The first finds out who listens; after it only the one that is asked for an option is needed.
    told = [[operation for operation, _ in unit.calls] for unit in hosts.units]
    assert len(told) == 2
    assert "option.get" not in told[0]
    assert told[1][:2] == ["queue.notify", "option.get"]
    lab.sql(
        "REPLACE INTO wp_options (option_name, option_value)"
        " VALUES ('datamachine_bridge_access_epoch', 'another plugin')"
    )
    hosts.listening = True
    ring(lab, "lab_host", {"a": 2})
    runtime.work(once=True)
    assert [operation for operation, _ in hosts.units[-1].calls].count("queue.fire") == 1


def test_a_step_that_cannot_have_wordpress_in_its_middle_begins_again_later(lab: Lab) -> None:
    hosts = RecordingHosts(listening=False)
    runtime = lab.runtime(hosts=hosts)
    attempts: list[tuple[int, int]] = []

    def handle(args: Any, run: queue.Run) -> None:
        attempts.append((run.job_id, run.attempt))
        # The first job's unit has found out that nobody listens, so the second needs none until here.
        hosts.away = len(attempts) == 2
        assert run.host is not None
        run.host.call("post.insert", {})

    runtime.queue_handlers["lab_asks"] = handle
    for job in (7, 8):
        ring(lab, "lab_asks", {"job_id": job, "flow_step_id": "x"})
    runtime.work(once=True)
    assert lab.sql("SELECT status, claim_id FROM wp_actionscheduler_actions ORDER BY action_id") == [
        ["complete", "0"],
        ["pending", "0"],
    ]
    lab.sql("UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()")
    runtime.work(once=True)
    assert attempts == [(7, 1), (8, 1), (8, 1)]
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'complete'") == 2


def test_a_step_whose_wordpress_is_killed_begins_again_as_if_its_worker_had_died(lab: Lab) -> None:
    runtime = lab.runtime(hosts=RecordingHosts())
    attempts: list[int] = []

    def handle(args: Any, run: queue.Run) -> None:
        attempts.append(run.attempt)
        if len(attempts) == 1:
            raise ProcessDied("WordPress went away during post.insert; it may have been done.")

    runtime.queue_handlers["lab_asks"] = handle
    ring(lab, "lab_asks", {"job_id": 7, "flow_step_id": "x"})
    # One only: the doorbell is due again with the next second.
    runtime.work(once=True, max_jobs=1)
    assert lab.sql("SELECT status, claim_id FROM wp_actionscheduler_actions") == [["pending", "0"]]
    assert lab.sql("SELECT state, step FROM wp_datamachine_bridge_leases") == [["ready", "x"]]
    lab.sql("UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP()")
    runtime.work(once=True)
    assert attempts == [1, 2]
    assert lab.sql("SELECT status FROM wp_actionscheduler_actions") == [["complete"]]


def test_wordpress_hears_everything_in_order(lab: Lab) -> None:
    hosts = RecordingHosts()
    runtime = lab.runtime(hosts=hosts)
    seen: list[object] = []
    runtime.queue_handlers["lab_host"] = lambda args, run: seen.append(
        (args, run.host.process, queue.current_run() is run)
    )
    action = ring(lab, "lab_host", {"a": 1, "b": 2})
    runtime.work(once=True)
    (unit,) = hosts.units
    assert seen == [({"a": 1, "b": 2}, unit, True)]
    context = {"context": "Data Machine Worker"}
    assert unit.calls == [
        ("queue.notify", {"event": "before_process_queue", **context}),
        ("queue.notify", {"event": "before_execute", **context, "action_id": action}),
        ("queue.notify", {"event": "begin_execute", **context, "action_id": action}),
        ("queue.fire", {"hook": "lab_host", "args": [1, 2], "required": False}),
        ("queue.notify", {"event": "after_execute", **context, "action_id": action}),
        ("queue.notify", {"event": "completed_action", **context, "action_id": action}),
        ("queue.notify", {"event": "after_process_queue", **context}),
    ]


def test_a_recurring_doorbell_rings_for_the_next(lab: Lab) -> None:
    runtime = lab.runtime()
    past = SYSTEM.now() - timedelta(hours=5)
    with runtime.db.transaction() as session:
        queue.enqueue(session, "lab_note", {"n": 1}, queue.Interval(past, 3600), priority=3)
    runtime.queue_handlers.update(handlers(runtime))
    before = int(SYSTEM.now().timestamp())
    runtime.work(once=True)
    (row,) = lab.sql(
        "SELECT hook, args, priority, TIMESTAMPDIFF(SECOND, '1970-01-01', scheduled_date_gmt), action_id"
        " FROM wp_actionscheduler_actions WHERE status = 'pending'"
    )
    assert row[:3] == ["lab_note", '{"n":1}', "3"]
    assert before + 3600 <= int(row[3]) <= int(SYSTEM.now().timestamp()) + 3600
    assert lab.sql(f"SELECT message FROM wp_actionscheduler_logs WHERE action_id = {row[4]}") == [
        ["action created"]
    ]


def test_a_hook_that_keeps_failing_stops_recurring(lab: Lab) -> None:
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    with runtime.db.transaction() as session:
        queue.enqueue(session, "lab_fail", [], queue.Interval(SYSTEM.now() - timedelta(hours=1), 60))
    for _ in range(7):
        lab.sql(
            "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP() - INTERVAL 1 MINUTE"
            " WHERE status = 'pending'"
        )
        runtime.work(once=True)
    assert lab.sql("SELECT status, COUNT(*) FROM wp_actionscheduler_actions GROUP BY status") == [
        ["failed", "5"]
    ]


class ClosedHosts(NoHosts):
    """WordPress is being updated."""

    @contextmanager
    def unit(self, **_: Any) -> Iterator[Any]:
        raise Maintenance("WordPress is in maintenance mode.")
        yield


def test_a_doorbell_waits_while_wordpress_cannot_be_had(lab: Lab) -> None:
    ring(lab, "lab_host", {"job_id": 3, "flow_step_id": "a"})
    runtime = lab.runtime(hosts=ClosedHosts())
    runtime.queue_handlers["lab_host"] = lambda args, run: None
    runtime.work(once=True)
    assert lab.sql("SELECT status, attempts, claim_id FROM wp_actionscheduler_actions") == [
        ["pending", "0", "0"]
    ]
    assert lab.sql("SELECT state, attempt, owner FROM wp_datamachine_bridge_leases") == [["ready", "0", ""]]


def test_a_listener_that_throws_does_not_stop_the_step(lab: Lab) -> None:
    class Throwing(RecordingUnit):
        def call(self, operation: str, params: Any, *, timeout: float | None = None) -> Any:
            if operation == "queue.fire":
                raise RemoteError("php_error", "a plugin's mistake")
            return super().call(operation, params, timeout=timeout)

    class Hosts(NoHosts):
        @contextmanager
        def unit(self, **_: Any) -> Iterator[Any]:
            yield Throwing(RecordingHosts())

    ring(lab, "lab_host", {"a": 1})
    ring(lab, "nobody_in_python", {"a": 1})
    runtime = lab.runtime(hosts=Hosts())
    seen: list[object] = []
    runtime.queue_handlers["lab_host"] = lambda args, run: seen.append(args)
    runtime.work(once=True)
    assert seen == [{"a": 1}]
    assert lab.sql("SELECT hook, status FROM wp_actionscheduler_actions ORDER BY action_id") == [
        ["lab_host", "complete"],
        ["nobody_in_python", "failed"],
    ]


def test_a_step_that_kills_every_worker_is_given_up(lab: Lab) -> None:
    action = ring(lab, "lab_step", {"job_id": 9, "flow_step_id": "1"})
    lab.sql(
        "INSERT INTO wp_datamachine_bridge_leases"
        " (lease_key, state, job_id, step, attempt, created_at, updated_at)"
        " VALUES ('job:9', 'ready', 9, '1', 10, NOW(6), NOW(6))"
    )
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    runtime.work(once=True)
    assert lab.number("SELECT COUNT(*) FROM done") == 0
    assert lab.sql("SELECT status FROM wp_actionscheduler_actions") == [["failed"]]
    messages = lab.sql(
        f"SELECT message FROM wp_actionscheduler_logs WHERE action_id = {action} ORDER BY log_id"
    )
    assert messages[-1] == ["action failed via Data Machine Worker: the process that ran it died 10 times"]


def test_a_row_that_was_parked_after_the_claim_is_left_alone(lab: Lab) -> None:
    first = ring(lab, "lab_park", {"n": 1})
    second = ring(lab, "lab_note", {"n": 2})
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))

    @queue.traits(host=False)
    def park(args: object, run: queue.Run) -> None:
        lab.sql(f"UPDATE wp_actionscheduler_actions SET status = 'parked' WHERE action_id = {second}")

    runtime.queue_handlers["lab_park"] = park
    # The pace of a worker that has been at it for a while: both rows are in one claim.
    Worker(runtime, once=True, timing=TIMING, pace=0.01).work()  # type: ignore[arg-type]
    assert lab.sql("SELECT status, claim_id FROM wp_actionscheduler_actions ORDER BY action_id") == [
        ["complete", "0"],
        ["parked", "0"],
    ]
    assert lab.number("SELECT COUNT(*) FROM done") == 0
    assert first < second
