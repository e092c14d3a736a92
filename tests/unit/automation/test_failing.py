"""Whether a failing step fails its job, and what only the engine writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sidecar.automation.engine import failing as failures
from sidecar.automation.engine import reserved
from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.engine.failing import Failing, RetryScheduled
from sidecar.automation.jobs import status
from sidecar.automation.steps.base import StepRun

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def now(self):
        return NOW


class Scheduler:
    def __init__(self):
        self.rung = []

    def again(self, run, when, data):
        self.rung.append((run.flow_step_id, when, data))


@pytest.fixture
def told(monkeypatch):
    found = []
    monkeypatch.setattr(failures.relay, "fire", lambda *args: found.append(args))
    return found


def run(policy=None, **engine):
    config = {"step_type": "ai", **({"retry_policy": policy} if policy else {})}
    return StepRun(5, "s", config, [], EngineData(engine, 5))


def test_without_a_policy_the_job_fails(told):
    scheduler = Scheduler()
    Failing(scheduler, Clock()).fail(run(), "ai_processing_failed", {"ai_error": "x"})
    assert told == [("datamachine_fail_job", 5, "ai_processing_failed", {"ai_error": "x"})]
    assert scheduler.rung == []


def test_with_attempts_left_it_is_rung_for_again_and_nobody_is_told(told):
    scheduler = Scheduler()
    with pytest.raises(RetryScheduled) as again:
        Failing(scheduler, Clock()).fail(
            run({"max_attempts": 2, "backoff": 60}), "ai_processing_failed", {"ai_error": "overloaded"}
        )
    assert (again.value.seconds, told) == (60, [])
    ((step, when, data),) = scheduler.rung
    assert (step, (when - NOW).total_seconds()) == ("s", 60)
    assert data["retry"]["last_error"] == "overloaded"
    assert data["retry"]["attempt"] == 2


def test_the_last_attempt_and_what_no_attempt_mends_fail_the_job(told):
    failing = Failing(Scheduler(), Clock())
    policy = {"max_attempts": 2, "backoff": 60}
    failing.fail(run(policy, retry={"flow_step_id": "s", "attempt": 2}), "ai_processing_failed", {})
    failing.fail(
        run(policy), "step_execution_failure", {"reason": "step_exception"}, cause="handler_unavailable"
    )
    assert [each[2] for each in told] == ["ai_processing_failed", "step_execution_failure"]


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("pending", "processing", True),
        ("processing", "waiting", True),
        ("waiting", "processing", True),
        ("pending", "waiting", False),
        ("processing", "pending", False),
        ("pending", "cancelled", True),
        ("waiting", "failed - x", True),
        ("completed", "processing", False),
        ("failed - x", "completed", False),
        ("cancelled - y", "failed", False),
        ("failed: a task", "completed", False),
    ],
)
def test_the_state_machine(before, after, allowed):
    assert status.may_become(before, after) is allowed


def test_both_forms_of_a_reason_are_read():
    assert status.told("failed", {"job_status_reason": "no_items_left"}) == "failed - no_items_left"
    assert status.told("failed - x", {"job_status_reason": "y"}) == "failed - x"
    assert status.told("processing", {"job_status_reason": "y"}) == "processing"
    assert [status.reason(text) for text in ("failed - a - b", "failed: c", "completed")] == [
        "a - b",
        "c",
        "",
    ]


def test_what_the_engine_keeps_is_nobodys_to_say():
    given = {
        "job": {},
        "flow_config": {},
        "queued_prompt_backup": {},
        "queued_patch_backup": {},
        "batch": True,
        "batch_state": {},
        "bridge_x": 1,
        "effects": [],
        "active_workspace": {"handle": "h"},
        "mine": 1,
    }
    assert reserved.initial(given) == {"active_workspace": {"handle": "h"}, "mine": 1}
    assert reserved.of_packet(given) == {"mine": 1}
    assert reserved.of_packet(["no map"]) == {}
    assert reserved.initial(None) == {}
