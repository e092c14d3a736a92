"""A worker on a real database: rows in Action Scheduler's order, one transaction at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sidecar import queue
from sidecar.clock import SYSTEM
from tests.integration.queue.lab import Lab, RecordingHosts, handlers


@pytest.fixture(params=["skip-locked", "cas"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of claiming must behave alike."""
    monkeypatch.setenv("DATAMACHINE_QUEUE_CLAIM", request.param)
    return str(request.param)


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


def test_wordpress_hears_everything_in_order(lab: Lab) -> None:
    hosts = RecordingHosts()
    runtime = lab.runtime(hosts=hosts)
    seen: list[object] = []
    runtime.queue_handlers["lab_host"] = lambda args, run: seen.append(
        (args, run.host, queue.current_run() is run)
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
