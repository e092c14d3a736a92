"""Subscribing and running on the bus, where Python goes beyond WordPress or must not leak."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sidecar.errors import Cancelled
from sidecar.hooks import Bus, HookError, RemovedHook, SubscriptionsFrozen, scope


@pytest.fixture
def bus() -> Bus:
    return Bus()


def test_a_callback_may_take_fewer_arguments_than_offered(bus: Bus) -> None:
    seen: list[Any] = []
    bus.add_action("save_post", lambda: seen.append(()))
    bus.add_action("save_post", lambda post: seen.append((post,)))
    bus.add_action("save_post", lambda *args: seen.append(args))
    bus.add_action("save_post", lambda post, update=None: seen.append((post, update)), 10, 1)
    bus.do_action("save_post", 7, True)
    assert seen == [(), (7,), (7, True), (7, None)]


def test_a_bound_method_is_the_same_subscription_at_every_access(bus: Bus) -> None:
    class Counter:
        total = 0

        def add(self) -> None:
            self.total += 1

    counter = Counter()
    bus.add_action("init", counter.add)
    bus.add_action("init", counter.add)
    bus.do_action("init")
    assert counter.total == 1
    assert bus.remove_filter("init", counter.add) is True
    assert bus.has_filter("init") is False


def test_a_required_keyword_is_refused_when_it_is_subscribed(bus: Bus) -> None:
    def callback(value: str, *, extra: str) -> str:
        return value + extra

    with pytest.raises(TypeError, match="extra"):
        bus.add_filter("the_title", callback)


def test_subscribing_to_a_removed_hook_is_an_error_that_names_the_new_one(bus: Bus) -> None:
    with pytest.raises(RemovedHook, match="agents_api_memory_store"):
        bus.add_filter("datamachine_memory_store", lambda store: store)


def test_an_unknown_name_with_our_prefix_warns_with_the_nearest(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "datamachine.hooks"):
        bus.add_action("datamachine_job_completed", lambda: None)
        bus.add_action("datamachine_job_completed", lambda: None)
        bus.add_action("somebody_elses_hook", lambda: None)
        bus.add_filter("datamachine_agent_mode_chat", lambda text: text)
    assert [record.message for record in caplog.records] == [
        "Unknown hook datamachine_job_completed; did you mean datamachine_job_complete?"
    ]


def test_what_is_subscribed_inside_a_call_ends_with_it(bus: Bus) -> None:
    bus.add_filter("the_title", lambda title: title + " one")
    bus.freeze()
    with scope():
        bus.add_filter("the_title", lambda title: title + " two")
        assert bus.apply_filters("the_title", "a") == "a one two"
    assert bus.apply_filters("the_title", "a") == "a one"
    with pytest.raises(SubscriptionsFrozen):
        bus.add_filter("the_title", lambda title: title)


def test_what_is_removed_inside_a_call_is_back_afterwards(bus: Bus) -> None:
    def shout(title: str) -> str:
        return title.upper()

    bus.add_filter("the_title", shout)
    bus.freeze()
    with scope():
        assert bus.remove_filter("the_title", shout) is True
        assert bus.apply_filters("the_title", "a") == "a"
        assert bus.run_forwarded("the_title", 10, "filter", ["a"]) == "a"
    assert bus.apply_filters("the_title", "a") == "A"


def test_run_state_is_not_shared_between_threads(bus: Bus) -> None:
    entered, release = threading.Event(), threading.Event()
    seen: dict[str, Any] = {}

    def slow() -> None:
        entered.set()
        assert release.wait(10)

    bus.add_action("privileged", slow)

    def run() -> None:
        with scope():
            bus.do_action("privileged")

    thread = threading.Thread(target=run)
    thread.start()
    assert entered.wait(10)
    with scope():
        seen = {"doing": bus.doing_filter("privileged"), "did": bus.did_action("privileged")}
    release.set()
    thread.join()
    assert seen == {"doing": False, "did": 0}


def test_current_filter_and_counts_follow_nested_runs(bus: Bus) -> None:
    seen: list[Any] = []

    def outer(value: str) -> str:
        seen.append((bus.current_filter(), bus.doing_filter("outer")))
        bus.do_action("inner")
        seen.append(bus.current_filter())
        return value

    bus.add_filter("outer", outer)
    bus.add_action("inner", lambda: seen.append((bus.current_filter(), bus.doing_filter("outer"))))
    with scope():
        bus.apply_filters("outer", "v")
        assert (bus.did_filter("outer"), bus.did_action("inner"), bus.did_action("outer")) == (1, 1, 0)
        assert bus.current_filter() is None
    assert seen == [("outer", True), ("inner", True), "outer"]


def test_the_stack_is_clean_after_an_exception(bus: Bus) -> None:
    def broken(value: str) -> str:
        raise ValueError("no")

    bus.add_filter("the_title", broken)
    with scope():
        with pytest.raises(ValueError, match="no"):
            bus.apply_filters("the_title", "v")
        assert bus.current_filter() is None
        assert bus.doing_filter() is False


class TestForwarded:
    """What the forwarder in PHP asks for: the callbacks of one priority."""

    def test_only_its_priority_runs_and_values_are_passed_on(self, bus: Bus) -> None:
        bus.add_filter("the_title", lambda title: title + "1", 5)
        bus.add_filter("the_title", lambda title: title + "2")
        bus.add_filter("the_title", lambda title, post: f"{title}{post}")
        assert bus.run_forwarded("the_title", 10, "filter", ["a", 9]) == "a29"
        assert bus.run_forwarded("the_title", 11, "filter", ["a", 9]) == "a"

    def test_an_unchanged_value_is_the_very_object(self, bus: Bus) -> None:
        value = ["a"]
        bus.add_filter("the_list", lambda items: items)
        assert bus.run_forwarded("the_list", 10, "filter", [value]) is value

    def test_an_actions_results_change_nothing(self, bus: Bus) -> None:
        seen: list[Any] = []
        bus.add_action("save_post", lambda post: "ignored")
        bus.add_action("save_post", seen.append)
        bus.run_forwarded("save_post", 10, "action", [7])
        assert seen == [7]

    def test_current_filter_is_the_forwarded_hook(self, bus: Bus) -> None:
        bus.add_filter("the_title", lambda title: str(bus.current_filter()))
        assert bus.run_forwarded("the_title", 10, "filter", ["a"]) == "the_title"

    def test_modes_are_kept_apart(self, bus: Bus) -> None:
        seen: list[str] = []
        bus.add_action("datamachine_run_flow_now", lambda: seen.append("live"))
        bus.add_action("datamachine_run_flow_now", lambda: seen.append("queued"), mode="queued")
        bus.run_forwarded("datamachine_run_flow_now", 10, "action", [1], mode="queued")
        assert seen == ["queued"]
        with bus.suppressing("datamachine_run_flow_now"):
            assert bus.takes("datamachine_run_flow_now", 10) is True
            bus.run_forwarded("datamachine_run_flow_now", 10, "action", [1])
        assert seen == ["queued", "live"]
        assert bus.takes("datamachine_run_flow_now", 10) is True
        assert bus.takes("datamachine_execute_step", 10) is False


class TestFailures:
    """A plugin that raises harms nobody, unless the hook's policy must know."""

    @staticmethod
    def _plugin(bus: Bus, hook: str, callback: Callable[..., Any]) -> None:
        with bus.owned_by("shop"):
            bus.add_filter(hook, callback)

    def test_a_decorating_filter_keeps_the_value_and_goes_on(
        self, bus: Bus, caplog: pytest.LogCaptureFixture
    ) -> None:
        self._plugin(bus, "the_title", lambda title: 1 / 0)
        bus.add_filter("the_title", lambda title: title + "!")
        assert bus.run_forwarded("the_title", 10, "filter", ["a"]) == "a!"
        assert "Plugin shop failed in the_title" in caplog.text

    def test_an_authorization_failure_is_raised(self, bus: Bus) -> None:
        self._plugin(bus, "datamachine_can_access_agent", lambda allowed: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bus.run_forwarded("datamachine_can_access_agent", 10, "filter", [True, 1, 2, "viewer"])

    def test_the_products_own_failure_is_raised(self, bus: Bus) -> None:
        bus.add_filter("the_title", lambda title: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bus.run_forwarded("the_title", 10, "filter", ["a"])

    def test_a_cancelled_call_stops_everything(self, bus: Bus) -> None:
        def cancelled(title: str) -> str:
            raise Cancelled("nobody waits")

        self._plugin(bus, "the_title", cancelled)
        with pytest.raises(Cancelled):
            bus.run_forwarded("the_title", 10, "filter", ["a"])


@pytest.mark.parametrize(
    "options",
    [{"mode": "durable"}, {"mode": "queued"}, {"timeout": 31}, {"timeout": 0}],
    ids=["a durable filter", "a queued filter", "too long", "no time at all"],
)
def test_impossible_subscriptions_are_refused(bus: Bus, options: dict[str, Any]) -> None:
    with pytest.raises(HookError):
        bus.add_filter("the_title", lambda title: title, **options)
