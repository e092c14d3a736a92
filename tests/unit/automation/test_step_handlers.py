"""The shapes in which steps hold their handlers."""

from __future__ import annotations

import pytest

from sidecar.automation.flows import step_handlers
from sidecar.automation.flows.configure_steps import Selection, Wanted, _check
from sidecar.automation.flows.step_input import change, selection
from sidecar.automation.flows.step_settings import StepChange, check
from sidecar.errors import InvalidInput, NotFound

FETCH = {"uses_handler": True, "multi_handler": False}
PUBLISH = {"uses_handler": True, "multi_handler": True}
AI = {"uses_handler": False}


def test_one_handler_takes_the_place_of_another_and_of_the_other_shape():
    step = {"step_type": "fetch", "handler_slugs": ["a"], "handler_configs": {"a": {"x": 1}}, "k": 1}
    assert step_handlers.configs(step, FETCH) == {"a": {"x": 1}}
    after = step_handlers.saved(step, FETCH, "b", {"y": 2})
    assert after == {
        "step_type": "fetch", "k": 1, "handler_slug": "b", "handler_config": {"y": 2}, "enabled": True,
    }  # fmt: skip


def test_of_several_handlers_the_saved_one_comes_first():
    step = {"step_type": "publish", "handler_slugs": ["a", "b"], "handler_configs": {"a": {"x": 1}, "b": {}}}
    after = step_handlers.saved(step, PUBLISH, "b", {"y": 2})
    assert after["handler_slugs"] == ["b", "a"]
    assert after["handler_configs"] == {"b": {"y": 2}, "a": {"x": 1}}
    # One that the step does not have takes the place of all.
    after = step_handlers.saved(step, PUBLISH, "c", {})
    assert (after["handler_slugs"], after["handler_configs"]) == (["c"], {"c": {}})


def test_handlers_are_added_behind_and_removed_but_for_the_last():
    step = {"step_type": "publish"}
    step = step_handlers.added(step, PUBLISH, "a", {"x": 1})
    step = step_handlers.added(step, PUBLISH, "b", {})
    step = step_handlers.added(step, PUBLISH, "a", {"x": 2})
    assert (step["handler_slugs"], step["handler_configs"]) == (["a", "b"], {"a": {"x": 2}, "b": {}})
    with pytest.raises(NotFound):
        step_handlers.removed(step, PUBLISH, "c")
    step = step_handlers.removed(step, PUBLISH, "a")
    assert (step["handler_slugs"], step["handler_configs"]) == (["b"], {"b": {}})
    with pytest.raises(InvalidInput, match="only handler"):
        step_handlers.removed(step, PUBLISH, "b")
    for kind in (FETCH, AI):
        with pytest.raises(InvalidInput, match="several handlers"):
            step_handlers.added({"step_type": "x"}, kind, "a", {})


def test_a_step_without_handlers_has_settings_of_its_type():
    step = {"step_type": "ai", "handler_slugs": ["ai"], "handler_configs": {"ai": {"x": 1}}}
    assert step_handlers.configs(step, AI) == {"ai": {"x": 1}}
    assert step_handlers.saved(step, AI, "ai", {"y": 1}) == {
        "step_type": "ai", "handler_config": {"y": 1}, "enabled": True,
    }  # fmt: skip
    assert step_handlers.effective(step, AI, "given") == "ai"
    assert step_handlers.effective({"handler_slug": "a"}, FETCH) == "a"
    assert step_handlers.effective({"handler_slug": "a"}, FETCH, "b") == "b"
    assert step_handlers.effective({}, FETCH) == ""


def test_a_change_names_what_it_changes():
    with pytest.raises(InvalidInput, match="At least one of handler_slug"):
        check(change({"handler_slug": "", "user_message": None}))
    with pytest.raises(InvalidInput, match="needs add_handler"):
        check(change({"add_handler_config": {}, "user_message": "x"}))
    with pytest.raises(InvalidInput, match="handler_config is not valid JSON"):
        change({"handler_config": "{"})
    with pytest.raises(InvalidInput, match="must be an object"):
        change({"handler_config": [1]})
    found = change({"handler_slug": "a", "handler_config": '{"x":1}', "user_message": ""})
    assert found == StepChange(handler_slug="a", handler_config={"x": 1}, user_message="")
    assert found.fields() == ["handler_slug", "handler_config", "user_message"]
    assert change({"retry_policy": None}).fields() == ["retry_policy"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"all_flows": True, "handler_slug": "rss", "handler_config": {"x": 1}},
        {"all_flows": True, "global_scope": True, "handler_config": {"x": 1}},
        {"pipeline_id": 1},
        {"pipeline_id": 1, "handler_config": {"x": 1}},
        {"pipeline_id": 1, "handler_slug": "rss"},
    ],
)
def test_a_selection_that_says_too_little_is_refused(given):
    with pytest.raises(InvalidInput):
        _check(selection(given))


def test_a_selection_of_one_by_one_changes():
    found = selection(
        {
            "updates": [
                {"flow_id": 3, "step_configs": {"fetch": {"handler_config": {"a": 1}}}},
                {"flow_step_id": "1_x_4", "user_message": "Write."},
            ],
            "shared_config": {"handler_config": {"b": 2}},
        }
    )
    assert found == Selection(
        updates=[
            (3, "", {"fetch": Wanted(handler_config={"a": 1})}),
            (0, "1_x_4", {"1_x_4": Wanted(user_message="Write.")}),
        ],
        shared={"": Wanted(handler_config={"b": 2})},
    )
    assert Wanted("a", {"x": 1}).over(Wanted("b", {"x": 2, "y": 3}, "m")) == Wanted(
        "a", {"x": 1, "y": 3}, "m"
    )
