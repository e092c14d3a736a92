"""Working the queue off within a budget, and what the queue says of itself."""

from __future__ import annotations

from typing import Any

from dev import processes
from sidecar.queue import draining, overview
from sidecar.queue.draining import Budget
from tests.integration.queue.lab import Lab, handlers
from tests.integration.queue.test_worker import ring


def drain(lab: Lab, budget: Budget, **options: Any) -> draining.Drained:
    runtime = lab.runtime()
    runtime.queue_handlers.update(handlers(runtime))
    try:
        return draining.drain(runtime, budget, **options)  # type: ignore[arg-type]
    finally:
        runtime.db.close()


def pending(lab: Lab) -> int:
    return lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'pending'")


def test_everything_due_is_done_and_counted_by_hook(lab: Lab) -> None:
    for number in range(3):
        ring(lab, "lab_nothing", {"n": number})
    ring(lab, "lab_fail", {"n": 3})
    ring(lab, "lab_nothing", {"n": 4}, later=3600)
    done = drain(lab, Budget())
    assert (dict(done.tally.completed), dict(done.tally.failed)) == ({"lab_nothing": 3}, {"lab_fail": 1})
    assert (done.stop_reason, done.remaining.due, done.remaining.pending) == ("empty", 0, 1)


def test_a_limit_leaves_the_rest_unclaimed(lab: Lab) -> None:
    for number in range(5):
        ring(lab, "lab_nothing", {"n": number})
    done = drain(lab, Budget(limit=2))
    assert (done.tally.ended, done.stop_reason, pending(lab)) == (2, "limit", 3)
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE claim_id <> 0") == 0


def test_only_the_named_jobs_are_worked_for_and_those_that_come_of_them(lab: Lab) -> None:
    for job in (7, 77, 8):
        ring(lab, "lab_step", {"job_id": job, "flow_step_id": "1"})
    family = [7]

    def jobs() -> list[int]:
        """Job 8 joins as soon as job 7 has begun."""
        if lab.number("SELECT COUNT(*) FROM done WHERE what LIKE '7.%'") and 8 not in family:
            family.append(8)
        return family

    done = drain(lab, Budget(), only=jobs)
    assert done.stop_reason == "empty"
    assert lab.sql("SELECT what FROM done WHERE what LIKE '77.%'") == []
    assert sorted(lab.sql("SELECT what FROM done")) == [
        [f"{job}.{step}"] for job in (7, 8) for step in (1, 2, 3)
    ]
    assert lab.sql("SELECT args FROM wp_actionscheduler_actions WHERE status = 'pending'") == [
        ['{"job_id":77,"flow_step_id":"1"}']
    ]


def test_who_ends_the_command_ends_the_work_after_the_doorbell_under_way(lab: Lab) -> None:
    for number in range(4):
        ring(lab, "lab_note", {"n": number})

    def over() -> bool:
        return lab.number("SELECT COUNT(*) FROM done WHERE what LIKE 'end %'") >= 2

    done = drain(lab, Budget(), cancelled=over)
    assert (done.stop_reason, done.tally.ended, pending(lab)) == ("cancelled", 2, 2)


def test_a_site_that_is_switched_off_is_left_alone(lab: Lab) -> None:
    ring(lab, "lab_nothing", {"n": 1})
    lab.switch("inactive")
    try:
        done = drain(lab, Budget())
        assert (done.stop_reason, done.tally.claims, pending(lab)) == ("inactive", 0, 1)
    finally:
        lab.switch("standalone")


def test_the_overview_tells_idleness_from_work_that_nobody_does(lab: Lab) -> None:
    runtime = lab.runtime()
    try:
        assert overview.read(runtime.db).condition == "idle"
        ring(lab, "lab_nothing", {"n": 1})
        found = overview.read(runtime.db)
        assert (found.condition, found.pending, found.due) == ("no_worker", 1, 1)
        lab.worker()
        # A doorbell that is not pending any more may still be under way.
        processes.wait_until(
            lambda: not pending(lab) and overview.read(runtime.db).condition == "idle", what="The worker"
        )
        found = overview.read(runtime.db)
        assert [worker.alive for worker in found.workers] == [True]
        lab.sql(
            "UPDATE wp_actionscheduler_actions SET status = 'pending', claim_id = 9,"
            " scheduled_date_gmt = UTC_TIMESTAMP() - INTERVAL 1 HOUR"
        )
        found = overview.read(runtime.db)
        assert found.condition == "behind"
        assert found.oldest_due >= 3600
    finally:
        runtime.db.close()
