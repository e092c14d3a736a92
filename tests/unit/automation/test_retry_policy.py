"""When a failed step is tried again."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.jobs import retry_policy
from sidecar.automation.jobs.retry_policy import RetryPolicy, parse
from sidecar.automation.steps.base import StepRun
from sidecar.errors import InvalidInput

STEP = "1_a_2"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def run(step_policy=None, flow_policy=None, state=None, step=STEP):
    config = {} if step_policy is None else {"retry_policy": step_policy}
    scheduling = {"interval": "manual"} | ({} if flow_policy is None else {"retry_policy": flow_policy})
    data = {"flow": {"scheduling": scheduling}} | ({} if state is None else {"retry": state})
    return StepRun(7, step, config, [], EngineData(data, 7))


def test_without_a_policy_nothing_is_tried_again():
    assert RetryPolicy.next(run(), "step_exception") is None


def test_the_steps_policy_beats_the_flows():
    assert RetryPolicy.next(run({"max_attempts": 2, "backoff": 5}, {"max_attempts": 9}), "x") == 5
    assert RetryPolicy.next(run({"max_attempts": 1}, {"max_attempts": 9}), "x") is None
    assert RetryPolicy.next(run(None, {"max_attempts": 2}), "x") == retry_policy.BACKOFF


@pytest.mark.parametrize("reason", sorted(retry_policy.FINAL_REASONS))
def test_what_no_attempt_can_mend(reason):
    assert RetryPolicy.next(run({"max_attempts": 5}), reason) is None


def test_pauses_grow_until_attempts_are_used_up():
    """As the engine calls it: an entry after each failure, which the next attempt finds."""
    policy = {"max_attempts": 4, "backoff": 10, "factor": 3}
    state, pauses = None, []
    while (seconds := RetryPolicy.next(run(policy, state=state), "x")) is not None:
        pauses.append(seconds)
        state = RetryPolicy.entry(run(policy, state=state), seconds, "it broke", NOW)["retry"]
    assert pauses == [10, 30, 90]
    assert state == {
        "flow_step_id": STEP,
        "attempt": 4,
        "max_attempts": 4,
        "next_at": "2026-11-23 12:01:30",
        "last_error": "it broke",
    }


def test_each_step_counts_for_itself():
    used = {"flow_step_id": "1_b_2", "attempt": 4}
    assert RetryPolicy.next(run({"max_attempts": 2, "backoff": 1}, state=used), "x") == 1
    assert RetryPolicy.next(run({"max_attempts": 4}, state=used, step="1_b_2"), "x") is None


@given(
    st.dictionaries(
        st.sampled_from(["max_attempts", "backoff", "factor", "other"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    )
)
def test_whatever_is_stored_gives_a_bounded_policy(stored):
    policy = RetryPolicy.read(stored)
    assert 1 <= policy.max_attempts <= retry_policy.ATTEMPTS
    for attempt in (1, 2, retry_policy.ATTEMPTS):
        assert 0 <= policy.pause(attempt) <= retry_policy.LONGEST
    kept = None
    with suppress(InvalidInput):
        kept = parse(stored)
    if kept is not None:
        assert RetryPolicy.read(kept) == policy


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "must be an object"),
        ({}, "max_attempts"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": 2.5}, "max_attempts"),
        ({"max_attempts": 21}, "max_attempts"),
        ({"max_attempts": 2, "backoff": -1}, "backoff"),
        ({"max_attempts": 2, "factor": 0.5}, "factor"),
        ({"max_attempts": 2, "delay": 5}, "unknown key delay"),
    ],
)
def test_policies_that_are_refused(wrong, said):
    with pytest.raises(InvalidInput, match=said):
        parse(wrong)


def test_a_policy_is_stored_as_numbers():
    assert parse({"max_attempts": "3", "backoff": "1.5", "factor": 2.0}) == {
        "max_attempts": 3,
        "backoff": 1.5,
        "factor": 2,
    }
