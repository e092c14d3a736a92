"""Flows follow their pipeline's steps, and keep what is their own."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.automation.flows import wanted
from sidecar.automation.pipelines.copying import mapped, renamed_steps
from sidecar.automation.pipelines.following import arranged, follow, with_tools
from sidecar.automation.values import Pipeline

A, B, C = "7_aaaa", "7_bbbb", "7_cccc"


def step(step_id: str, order: int, kind: str = "ai", **more: Any) -> dict[str, Any]:
    return {"pipeline_step_id": step_id, "step_type": kind, "execution_order": order, **more}


def own(step_id: str, order: int, **more: Any) -> dict[str, Any]:
    return {"flow_step_id": f"{step_id}_3", **step(step_id, order), **more}


def test_a_new_step_is_built_in_its_place_and_the_others_keep_their_settings() -> None:
    config = {f"{A}_3": own(A, 0, handler_slug="rss"), "memory_files": ["a.md"], "x": 1}
    found = follow(config, [step(A, 0), step(B, 1, "fetch", disabled_tools=["t"])], 7, 3)
    assert list(found) == [f"{A}_3", f"{B}_3", "memory_files", "x"]
    assert found[f"{A}_3"] == own(A, 0, handler_slug="rss")
    assert found[f"{B}_3"] == {
        "flow_step_id": f"{B}_3",
        "step_type": "fetch",
        "pipeline_step_id": B,
        "pipeline_id": 7,
        "flow_id": 3,
        "execution_order": 1,
        "disabled_tools": ["t"],
        "queue_mode": "static",
        "config_patch_queue": [],
    }


def test_a_removed_step_goes_and_the_others_close_ranks() -> None:
    config = {f"{A}_3": own(A, 0), f"{B}_3": own(B, 1), f"{C}_3": own(C, 2, enabled=True), "memory_files": []}
    found = follow(config, [step(A, 0), step(C, 1)], 7, 3, removed=(B,))
    assert found == {f"{A}_3": own(A, 0), f"{C}_3": own(C, 1, enabled=True), "memory_files": []}


def test_steps_that_the_pipeline_never_had_stay_where_they_are() -> None:
    config = {"other_3": own("other", 5), f"{A}_3": own(A, 4)}
    assert follow(config, [step(A, 0)], 7, 3) == {f"{A}_3": own(A, 0), "other_3": own("other", 5)}


def test_steps_are_numbered_as_they_are_arranged() -> None:
    config = {A: step(A, 0, label="x"), "memory_files": ["m.md"], B: step(B, 4), C: step(C, 9)}
    found = arranged(config, [C, A, B])
    assert list(found) == [C, A, B, "memory_files"]
    assert [found[key]["execution_order"] for key in (C, A, B)] == [0, 1, 2]
    assert found[A]["label"] == "x"


@pytest.mark.parametrize(
    ("flow", "before", "after", "expected"),
    [
        (["a"], ["a"], [], []),
        (["a", "mine"], ["a"], ["b"], ["mine", "b"]),
        (["mine"], [], ["mine", "b"], ["mine", "b"]),
        ("broken", ["a"], ["b"], ["b"]),
    ],
)
def test_what_a_flow_itself_disabled_stays_disabled(
    flow: Any, before: list[str], after: list[str], expected: list[str]
) -> None:
    assert with_tools({"disabled_tools": flow}, before, after)["disabled_tools"] == expected


def test_a_copy_has_ids_of_its_own_and_no_revision() -> None:
    ids: dict[str, str] = {}
    copied = renamed_steps({A: step(A, 0, label="x"), "memory_files": ["m.md"]}, 9, ids)
    assert list(ids) == [A]
    assert copied[ids[A]] == step(ids[A], 0, label="x")
    assert copied["memory_files"] == ["m.md"]
    assert ids[A].startswith("9_")
    flow = {
        f"{A}_3": own(A, 0, handler_slug="rss", _queue_consume_revision=4),
        "gone_3": own("gone", 1),
        "k": 1,
    }
    key = f"{ids[A]}_5"
    assert mapped(flow, ids, 9, 5) == {
        key: {
            **step(ids[A], 0),
            "flow_step_id": key,
            "handler_slug": "rss",
            "pipeline_id": 9,
            "flow_id": 5,
        },
        "k": 1,
    }


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"interval": "hourly", "interval_seconds": 3600, "webhook_token": "s"}, {"interval": "hourly"}),
        ({"interval": "one_time", "timestamp": 5}, {"interval": "manual"}),
        ({}, {"interval": "manual"}),
        (
            {"interval": "cron", "cron_expression": "0 9 * * 1", "first_run": "x"},
            {"interval": "cron", "cron_expression": "0 9 * * 1"},
        ),
        (
            {
                "interval": "daily",
                "enabled": False,
                "retry_policy": {"max_attempts": 3},
                "cycle_policy": "every_cycle",
            },
            {
                "interval": "daily",
                "enabled": False,
                "retry_policy": {"max_attempts": 3},
                "cycle_policy": "every_cycle",
            },
        ),
        (
            {"interval": "one_time", "timestamp": 5, "enabled": False},
            {"interval": "manual", "enabled": False},
        ),
    ],
)
def test_what_a_copy_has_of_a_schedule(schedule: dict[str, Any], expected: dict[str, Any]) -> None:
    assert wanted.of_copy(schedule) == expected


@pytest.mark.parametrize("broken", [None, "", "first", [], {}, float("inf")])
def test_a_step_without_a_usable_place_is_shown_and_can_be_repaired(broken: Any) -> None:
    """Rows of older versions; such a flow does not run, but one of them must not take every list along."""
    config = {A: step(A, 1), B: step(B, broken)}
    pipeline = Pipeline(7, 0, None, "P", None, config, "", "")
    assert [each["pipeline_step_id"] for each in pipeline.steps()] == [B, A]
    found = follow({}, pipeline.steps(), 7, 3)
    assert [each["execution_order"] for each in found.values()] == [0, 1]
    assert [each["execution_order"] for each in arranged(config, [A, B]).values()] == [0, 1]
