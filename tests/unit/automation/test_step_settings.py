"""Changing a step while others change it too."""

from __future__ import annotations

import copy
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sidecar.automation.errors import HandlerNotFound
from sidecar.automation.flows.masking import MASK
from sidecar.automation.flows.step_settings import ATTEMPTS, FlowSteps, StepChange
from sidecar.automation.values import Flow
from sidecar.errors import Conflict, InvalidInput, NotFound
from sidecar.identity import Principal

WHO = Principal.command_line()
FETCH, PUBLISH = "1_f_7", "1_p_7"


class Flows:
    """One flow; ``meanwhile`` changes it before each change of ours."""

    def __init__(self):
        self.config = {
            FETCH: {
                "flow_step_id": FETCH,
                "step_type": "fetch",
                "config_patch_queue": [],
                "handler_slug": "rss",
                "handler_config": {"feed_url": "http://x/", "api_key": "hush"},
            },
            PUBLISH: {"flow_step_id": PUBLISH, "step_type": "publish", "prompt_queue": []},
            "memory_files": ["a.md"],
        }
        self.meanwhile = []

    def get(self, flow_id):
        return self.flow() if flow_id == 7 else None

    def flow(self):
        return Flow(7, 1, 0, None, "F", None, copy.deepcopy(self.config), {})

    def change(self, _flow_id, work):
        if self.meanwhile:
            self.meanwhile.pop(0)(self.config)
        after = work(copy.deepcopy(self.config))
        if after is not None:
            self.config = after
        return self.flow()


class Settings:
    def reading(self):
        return nullcontext()

    def kept(self, _slug, existing):
        return {key: value for key, value in existing.items() if key == "search"}

    def sanitize(self, _slug, given, existing):
        return {**existing, **given}


@pytest.fixture
def flows():
    return Flows()


@pytest.fixture
def steps(flows):
    @contextmanager
    def unit(context):
        assert context == "cron"
        yield

    access = SimpleNamespace(enter=lambda *_: None, row=lambda *_: None)
    clock = SimpleNamespace(now=lambda: datetime(2026, 11, 23, tzinfo=UTC))
    return FlowSteps(flows, access, Settings(), SimpleNamespace(unit=unit), clock)


def test_what_was_queued_meanwhile_stays(flows, steps):
    flows.meanwhile = [lambda config: config[FETCH]["config_patch_queue"].append({"patch": {"a": 1}})]
    after = steps.update(WHO, FETCH, StepChange(handler_config={"search": "x"}))
    assert after["handler_config"] == {"feed_url": "http://x/", "api_key": "hush", "search": "x"}
    assert flows.config[FETCH]["config_patch_queue"] == [{"patch": {"a": 1}}]
    assert flows.config["memory_files"] == ["a.md"]


def test_settings_that_changed_meanwhile_are_the_ones_that_are_changed(flows, steps):
    def others(config):
        config[FETCH]["handler_config"]["max_items"] = 9

    flows.meanwhile = [others]
    after = steps.update(WHO, FETCH, StepChange(handler_config={"search": "x"}))
    assert (after["handler_config"]["max_items"], after["handler_config"]["search"]) == (9, "x")


def test_a_step_that_never_rests_is_a_conflict(flows, steps):
    def others(config):
        number = config[FETCH]["handler_config"].get("n", 0)
        config[FETCH]["handler_config"]["n"] = number + 1

    flows.meanwhile = [others] * ATTEMPTS
    with pytest.raises(Conflict, match="changed by others"):
        steps.update(WHO, FETCH, StepChange(handler_config={"search": "x"}))
    assert "search" not in flows.config[FETCH]["handler_config"]


def test_a_step_that_was_deleted_meanwhile_is_not_made_again(flows, steps):
    flows.meanwhile = [lambda config: config.pop(FETCH)]
    with pytest.raises(NotFound):
        steps.update(WHO, FETCH, StepChange(handler_config={"search": "x"}))
    assert FETCH not in flows.config


def test_a_mask_is_the_secret_it_stands_for(flows, steps):
    steps.update(WHO, FETCH, StepChange(handler_config={"api_key": MASK, "search": "x"}))
    assert flows.config[FETCH]["handler_config"]["api_key"] == "hush"
    steps.update(WHO, PUBLISH, StepChange(add_handler="wordpress_publish", add_handler_config={"token": "t"}))
    again = StepChange(add_handler="wordpress_publish", add_handler_config={"token": MASK, "x": 1})
    steps.update(WHO, PUBLISH, again)
    assert flows.config[PUBLISH]["handler_configs"] == {"wordpress_publish": {"token": "t", "x": 1}}


def test_handlers_are_of_the_steps_own_type(flows, steps):
    before = copy.deepcopy(flows.config)
    with pytest.raises(HandlerNotFound):
        steps.update(WHO, FETCH, StepChange(handler_slug="wordpress_publish"))
    with pytest.raises(HandlerNotFound):
        steps.update(WHO, PUBLISH, StepChange(add_handler="rss"))
    with pytest.raises(InvalidInput, match="name one"):
        steps.update(WHO, PUBLISH, StepChange(handler_config={"x": 1}))
    assert flows.config == before


@pytest.mark.parametrize(
    ("step_id", "code"),
    [
        ("memory_files", "invalid_flow_step_id"),
        ("1_f_8", "flow_not_found"),
        ("2_f_7", "flow_step_not_found"),
        ("1_f_", "invalid_flow_step_id"),
    ],
)
def test_ids_of_nothing(steps, step_id, code):
    with pytest.raises((InvalidInput, NotFound)) as refused:
        steps.update(WHO, step_id, StepChange(user_message="x"))
    assert refused.value.code == code


def test_what_else_is_changed_is_not_lost_to_others_with_the_same_handler(flows, steps):
    def same(config):
        config[PUBLISH] |= {
            "handler_slugs": ["wordpress_publish"],
            "handler_configs": {"wordpress_publish": {}},
        }

    flows.meanwhile = [same]
    change = StepChange(
        handler_slug="wordpress_publish", user_message="Be short", retry_policy={"max_attempts": 3}
    )
    found = steps.update(WHO, PUBLISH, change)
    assert found["handler_slugs"] == ["wordpress_publish"]
    assert found["prompt_queue"][0]["prompt"] == "Be short"
    assert found["retry_policy"]["max_attempts"] == 3
