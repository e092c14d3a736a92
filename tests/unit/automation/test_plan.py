"""The order of a flow's steps."""

from __future__ import annotations

import pytest

from sidecar.automation.engine import plan
from sidecar.automation.errors import InvalidPlan


def step(order):
    return {"step_type": "fetch", "execution_order": order}


def test_steps_run_by_their_execution_order():
    config = {"b": step(1), "a": step(0), "c": step("2"), "memory_files": ["x.md"]}
    assert [one["flow_step_id"] for one in plan.steps(config)] == ["a", "b", "c"]
    assert plan.next_step(config, "a") == "b"
    assert plan.next_step(config, "c") is None
    assert plan.next_step(config, "unknown") is None


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "no first step found"),
        ({"x": {"step_type": "ai"}}, 'Flow step "x" is missing execution_order.'),
        ({"x": step("soon")}, 'Flow step "x" has invalid execution_order.'),
        ({"a": step(1), "b": step(1)}, 'Duplicate execution_order 1 for flow steps "a" and "b".'),
    ],
)
def test_a_flow_without_usable_order_is_refused(config, message):
    with pytest.raises(InvalidPlan, match=message):
        plan.steps(config)
