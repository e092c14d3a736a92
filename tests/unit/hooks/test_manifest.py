"""What WordPress is told: forwarders, registrations as data, generations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from sidecar.hooks import Bus, manifest
from sidecar.host.context import WordPressHost


@pytest.fixture
def bus() -> Bus:
    return Bus()


def forwarder(found: manifest.Manifest, hook: str) -> dict[str, Any]:
    [entry] = [entry for entry in found.forwarders if entry["hook"] == hook]
    return entry


def test_one_forwarder_a_hook_priority_and_mode(bus: Bus) -> None:
    with bus.owned_by("shop"):
        bus.add_filter("the_title", lambda title: title)
        bus.add_filter("the_title", lambda title, post: title)
        bus.add_filter("the_title", lambda title: title, -5)
        bus.add_action("save_post", lambda *args: None, mode="durable")
        bus.add_action("save_post", lambda: None)
    keys = [(e["hook"], e["priority"], e["mode"], e.get("args")) for e in manifest.compute(bus).forwarders]
    assert keys == [
        ("save_post", 10, "durable", None),
        ("save_post", 10, "live", 1),
        ("the_title", -5, "live", 1),
        ("the_title", 10, "live", 2),
    ]


def test_the_policy_and_the_time_travel_with_the_forwarder(bus: Bus) -> None:
    with bus.owned_by("shop"):
        bus.add_filter("datamachine_can_access_agent", lambda allowed: allowed, timeout=2)
        bus.add_action("datamachine_fail_job", lambda job: None)
    bus.add_filter("the_title", lambda title: title)
    found = manifest.compute(bus)
    assert forwarder(found, "datamachine_can_access_agent") == {
        "hook": "datamachine_can_access_agent",
        "priority": 10,
        "mode": "live",
        "kind": "filter",
        "on_failure": "deny",
        "denied": False,
        "timeout": 2,
        "args": 1,
    }
    assert forwarder(found, "datamachine_fail_job")["on_failure"] == "enqueue"
    assert forwarder(found, "the_title")["product"] is True


def test_hot_hooks_are_never_live_and_standing_ones_not_repeated(bus: Bus) -> None:
    bus.add_action("wp_agents_api_init", lambda registry: None)
    bus.add_action("datamachine_step_type_registered", lambda slug: None)
    bus.add_filter("datamachine_tools", lambda tools: tools)
    bus.add_action("datamachine_run_flow_now", lambda flow: None, mode="queued")
    assert manifest.compute(bus).forwarders == []


def test_registrations_are_evaluated_once_into_data(bus: Bus) -> None:
    calls = []

    def tools(value: dict[str, Any]) -> dict[str, Any]:
        calls.append(value)
        return {**value, "weather": {"label": "Weather", "run": forecast}}

    def forecast(place: str) -> str:
        return f"rain in {place}"

    with bus.owned_by("weather"):
        bus.add_filter("datamachine_tools", tools)
        bus.add_filter("datamachine_agent_bundle_artifact_types", lambda types: [*types, "map"], 20)
        bus.add_action("wp_agents_api_init", lambda registry: registry.register("forecaster", label="F"))
    bus.registrations.register_ability(
        "weather/ask", forecast, label="Ask", description="Asks.", category="weather", capability="read"
    )
    found = manifest.compute(bus).registrations
    assert calls == [{}]
    assert found["agents"] == {"forecaster": {"label": "F"}}
    [types, entry] = found["filters"]
    assert types == {"hook": "datamachine_agent_bundle_artifact_types", "priority": 20, "value": ["map"]}
    lent = entry["value"]["weather"]["run"]["$call"]
    assert bus.registrations.callable(lent)("Oslo") == "rain in Oslo"
    assert bus.registrations.callable(found["abilities"]["weather/ask"]["execute"]) is forecast


class Option:
    """A host whose operation stores as WordPress's does."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {"generation": 0, "hash": ""}
        self.writes = 0
        self.before_write: Any = None

    def call(self, operation: str, params: Mapping[str, Any]) -> Any:
        assert operation == "manifest.publish"
        new = params["manifest"]
        if new["generation"] and self.before_write is not None:
            act, self.before_write = self.before_write, None
            act()
        stored = new["generation"] > self.stored["generation"] and new["hash"] != self.stored["hash"]
        if stored:
            self.stored = new
            self.writes += 1
        return {"stored": stored, "generation": self.stored["generation"], "hash": self.stored["hash"]}


def test_the_same_content_is_written_once_and_a_change_is_a_new_generation(bus: Bus) -> None:
    option = Option()
    host = cast(WordPressHost, option)
    first = manifest.publish(host, manifest.compute(bus))
    again = manifest.publish(host, manifest.compute(bus))
    assert (first.stored, first.generation, again.stored, option.writes) == (True, 1, False, 1)
    bus.add_filter("the_title", lambda title: title)
    changed = manifest.publish(host, manifest.compute(bus))
    assert (changed.stored, changed.generation) == (True, 2)


def test_whoever_publishes_in_between_is_outdone_not_overwritten_blindly(bus: Bus) -> None:
    option = Option()

    def other() -> None:
        option.stored = {"generation": 1, "hash": "somebody else's"}

    option.before_write = other
    bus.add_filter("the_title", lambda title: title)
    published = manifest.publish(cast(WordPressHost, option), manifest.compute(bus))
    assert (published.stored, published.generation) == (True, 2)
