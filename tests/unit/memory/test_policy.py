"""Which files an agent's policy leaves, and what plugins may change about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sidecar import hooks
from sidecar.hooks import Bus, dispatch
from sidecar.memory import policy
from sidecar.memory.policy import EVERYTHING
from sidecar.memory.registry import RegisteredFile, Registry

FILES = (
    RegisteredFile("SITE.md", "shared"),
    RegisteredFile("SOUL.md", "agent", modes=("chat", "pipeline")),
    RegisteredFile("USER.md", "user", modes=("chat", "editor")),
    RegisteredFile("MEMORY.md", "agent", modes=("chat", "pipeline"), protected=True),
)


@pytest.fixture(autouse=True)
def bus() -> Iterator[Bus]:
    """Hooks run in Python alone here."""
    before, hosts = hooks.bus(), dispatch._hosts
    hooks.install(Bus())
    dispatch.use(None)
    yield hooks.bus()
    dispatch.use(hosts)
    hooks.install(before)


def names(mode: str, config: dict[str, Any] | None = None, **more: Any) -> list[str]:
    rule = policy.of_config(config or {})
    return [each.filename for each in policy.registered(FILES, mode, rule, 7, **more)]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("chat", ["SITE.md", "SOUL.md", "USER.md", "MEMORY.md"]),
        ("pipeline", ["SITE.md", "SOUL.md", "MEMORY.md"]),
        ("editor", ["SITE.md", "USER.md"]),
        ("system", ["SITE.md"]),
        ("", ["SITE.md", "SOUL.md", "USER.md", "MEMORY.md"]),
    ],
)
def test_a_mode_has_its_files_in_the_registry_s_order(mode: str, expected: list[str]) -> None:
    assert names(mode) == expected
    assert [each.filename for each in Registry(FILES).for_mode(mode)] == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, ["SITE.md", "SOUL.md", "MEMORY.md"]),
        ("nonsense", ["SITE.md", "SOUL.md", "MEMORY.md"]),
        ({"mode": "default", "deny": ["SOUL.md"]}, ["SITE.md", "SOUL.md", "MEMORY.md"]),
        ({"mode": "later", "allow_only": ["SOUL.md"]}, ["SITE.md", "SOUL.md", "MEMORY.md"]),
        ({"mode": "deny", "deny": []}, ["SITE.md", "SOUL.md", "MEMORY.md"]),
        ({"mode": "deny", "deny": ["SOUL.md", "UNKNOWN.md"]}, ["SITE.md", "MEMORY.md"]),
        ({"mode": "deny", "deny": {"1": "SOUL.md"}}, ["SITE.md", "MEMORY.md"]),
        ({"mode": "allow_only", "allow_only": ["MEMORY.md"], "deny": ["MEMORY.md"]}, ["MEMORY.md"]),
        ({"mode": "allow_only", "allow_only": []}, []),
        ({"mode": "allow_only"}, []),
    ],
)
def test_an_agent_s_policy(found: Any, expected: list[str]) -> None:
    assert names("pipeline", {"memory_policy": found}) == expected


def test_a_caller_narrows_and_a_denial_wins() -> None:
    assert names("chat", allow_only=["SOUL.md", "USER.md"], deny=["USER.md"]) == ["SOUL.md"]
    assert names("chat", allow_only=[]) == []


def test_a_plugin_sees_the_registry_s_arrays_and_may_change_them(bus: Bus) -> None:
    seen: list[Any] = []

    def change(files: dict[str, Any], mode: str, arguments: dict[str, Any]) -> dict[str, Any]:
        seen.append((files["MEMORY.md"], mode, arguments))
        return {"EXTRA.md": {"layer": "shared"}, "BROKEN.md": {"priority": []}, "SOUL.md": files["SOUL.md"]}

    bus.add_filter(policy.REGISTERED, change, 10, 3)
    assert names("pipeline", deny=["SITE.md"]) == ["EXTRA.md", "SOUL.md"]
    entry, mode, arguments = seen[0]
    assert entry == FILES[3].document()
    assert (mode, arguments) == ("pipeline", {"mode": "pipeline", "agent_id": 7, "deny": ["SITE.md"]})


def test_attached_files_keep_their_order_and_pass_their_own_filter(bus: Bus) -> None:
    asked: list[Any] = []

    def scoped(files: list[str], context: dict[str, Any]) -> list[str]:
        asked.append(context)
        return [*files, "more.md"]

    bus.add_filter(policy.SCOPED, scoped, 10, 2)
    rule = policy.of_config({"memory_policy": {"mode": "deny", "deny": ["b.md"]}})
    assert policy.scoped(["c.md", "b.md", "a.md"], rule, 7, "pipeline", deny=["a.md"]) == ["c.md", "more.md"]
    assert asked == [{"agent_id": 7, "deny": ["a.md"], "scope": "pipeline"}]
    assert policy.scoped([], EVERYTHING, 7, "flow") == []
    assert len(asked) == 1
