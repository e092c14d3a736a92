"""What a step hands to the step after it."""

from __future__ import annotations

import copy

from sidecar.automation.engine import selection
from sidecar.automation.engine.engine_data import EngineData
from sidecar.automation.steps.base import StepRun

PUBLISH = {"step_type": "publish", "handler_slugs": ["wordpress_publish"]}
OTHER = {"step_type": "system_task"}


def packet(kind, title, **metadata):
    return {
        "type": kind,
        "timestamp": 1,
        "data": {"title": title, "body": ""},
        "metadata": {"source_type": "x", **metadata},
    }


def run(step_type, *held):
    return StepRun(1, "s", {"step_type": step_type}, list(held), EngineData({}, 1))


def titles(selected):
    return [one["data"]["title"] for one in selected.packets]


def test_all_that_a_fetch_step_brings_goes_on_and_fans_out():
    found = selection.going_on(run("fetch"), [packet("fetch", "b"), packet("fetch", "a")], OTHER)
    assert (titles(found), found.fans_out) == (["b", "a"], True)


def test_a_middle_step_that_adds_one_packet_goes_on_alone_with_its_history():
    held = [packet("fetch", "c"), packet("fetch", "b")]
    added = packet("system_task_result", "done")
    found = selection.going_on(run("system_task", *held), [added, *held], OTHER)
    assert (titles(found), found.fans_out) == (["done"], False)


def test_copies_of_what_a_step_was_given_are_no_new_packets():
    held = [packet("fetch", "b", excerpt={}), packet("fetch", "a")]
    back = copy.deepcopy([packet("task", "new"), *held])
    # PHP has one empty array for both.
    back[1]["metadata"]["excerpt"] = []
    assert titles(selection.going_on(run("mine", *held), back, OTHER)) == ["new"]


def test_a_step_that_adds_the_same_packet_again_has_made_one():
    held = packet("fetch", "a")
    assert titles(selection.going_on(run("mine", held), [copy.deepcopy(held), held], OTHER)) == ["a"]


def test_a_step_that_only_passes_on_has_made_nothing():
    held = [packet("fetch", "a")]
    found = selection.going_on(run("mine", *held), list(held), OTHER)
    assert (found.packets, found.failure) == ([], "")


def test_after_an_ai_step_only_one_packet_a_handler_tool_goes_on():
    left = [
        packet("ai_handler_complete", "second", tool_name="wordpress_publish"),
        packet("tool_result", "search"),
        packet("ai_handler_complete", "first", tool_name="wordpress_publish"),
    ]
    assert titles(selection.going_on(run("ai", packet("fetch", "a")), left, PUBLISH)) == ["second"]
    left.append(packet("ai_handler_complete", "other", tool_name="wordpress_update"))
    assert titles(selection.going_on(run("ai"), left, PUBLISH)) == ["second", "other"]


def test_many_results_without_the_handlers_are_a_failure_before_a_step_that_needs_them():
    left = [packet("tool_result", "a"), packet("tool_result", "b")]
    assert selection.going_on(run("ai"), left, PUBLISH).failure == selection.MISSING
    assert selection.going_on(run("ai"), left[:1], PUBLISH).failure == ""
    assert titles(selection.going_on(run("ai"), left, OTHER)) == ["a", "b"]


def test_a_single_item_seeds_the_job_as_a_child_is_seeded():
    item = packet(
        "fetch",
        "a",
        item_identifier="7",
        _engine_data={
            "source_url": "https://x",
            "active_workspace": {"handle": "mine"},
            "job": {"agent_id": 9},
            "batch_total": 3,
        },
    )
    seeded = {"item_identifier": "7", "source_type": "x", "source_url": "https://x"}
    assert selection.seeds(item) == seeded
    assert selection.seeds_single(run("fetch"), [item]) == seeded
    assert selection.seeds_single(run("fetch"), [item, item]) == {}
    assert selection.seeds_single(run("ai"), [item]) == {}
