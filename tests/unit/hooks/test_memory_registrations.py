"""Memory files and sections that Python plugins register: data for PHP, callables by their ids."""

from __future__ import annotations

from typing import Any

import pytest

from sidecar.hooks import Bus
from sidecar.hooks.errors import HookError
from sidecar.hooks.plugins import Plugin
from sidecar.hooks.registrations import Registrations


def people(context: Any) -> str:
    return f"# Team of {context}"


def plugin(bus: Bus) -> Plugin:
    return Plugin("team", bus, None)


def test_they_travel_in_the_order_of_registration() -> None:
    bus = Bus()
    plugin(bus).register_memory_file("TEAM.md", 40, layer="shared", composable=True, modes=("chat",))
    plugin(bus).register_section("TEAM.md", "people", 10, people, label="People")
    plugin(bus).register_section("AGENTS.md", "people", 5, people)
    exported = bus.registrations.export(bus)
    assert exported["memory_files"] == {
        "TEAM.md": {
            "priority": 40,
            "arguments": {
                "layer": "shared",
                "protected": False,
                "editable": True,
                "composable": True,
                "convention_path": "",
                "modes": ["chat"],
                "description": "",
            },
        }
    }
    first, second = exported["sections"]
    assert (first["file"], first["slug"], first["priority"]) == ("TEAM.md", "people", 10)
    assert first["arguments"] == {"description": "", "label": "People"}
    assert (second["file"], second["arguments"]) == ("AGENTS.md", {"description": ""})
    assert bus.registrations.callable(first["callback"])("Ada") == "# Team of Ada"


def _file(registry: Registrations, name: str, **arguments: Any) -> None:
    registry.register_memory_file(name, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("", {}), ("daily/x.md", {}), ("TEAM.md", {"layer": "attic"}), ("TEAM.md", {"editable": people})],
)
def test_a_file_that_cannot_be_one(name: str, arguments: dict[str, Any]) -> None:
    registry = Registrations()
    with pytest.raises(HookError):
        _file(registry, name, **arguments)
    assert registry.memory_files == {}


@pytest.mark.parametrize(("name", "slug"), [("", "people"), ("TEAM.md", ""), ("TEAM.md", "Two words")])
def test_a_section_that_cannot_be_one(name: str, slug: str) -> None:
    registry = Registrations()
    with pytest.raises(HookError):
        registry.register_section(name, slug, 10, people)
    assert registry.sections == {}


def test_what_a_failed_plugin_registered_is_taken_back() -> None:
    registry = Registrations()
    before = registry.names()
    _file(registry, "TEAM.md")
    registry.register_section("TEAM.md", "people", 10, people)
    with pytest.raises(HookError):
        registry.register_section("TEAM.md", "people", 10, people)
    after = registry.names()
    registry.forget({kind: after[kind] - before[kind] for kind in after})
    assert registry.memory_files == registry.sections == {}
