"""The parts of a prompt: order, limits, whose file it is, and what plugins make of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar import hooks
from sidecar.errors import Forbidden
from sidecar.hooks import Bus, dispatch
from sidecar.identity import Agent, Principal
from sidecar.memory import ReadResult, Scope, Target
from sidecar.memory.daily import NoDailyMemory
from sidecar.memory.injection import CONTENT, Injection, Part
from sidecar.memory.registry import RegisteredFile

REGISTERED = (
    RegisteredFile("SITE.md", "shared", priority=10),
    RegisteredFile("SOUL.md", "agent", priority=20, modes=("chat", "pipeline")),
    RegisteredFile("USER.md", "user", priority=25, modes=("chat",)),
    RegisteredFile("MEMORY.md", "agent", priority=30, modes=("chat", "pipeline")),
)


class Fakes:
    """Everything around the assembly: files by scope, one agent of user 7."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.config: dict[str, Any] = {}
        self.hidden: set[str] = set()

    # The opener
    @contextmanager
    def host(self, blog_id: int | None) -> Iterator[None]:
        yield None

    # The facts
    def __call__(self, blog_id: int | None) -> Any:
        class Facts:
            files = REGISTERED

        return Facts

    # The service
    @contextmanager
    def open(self, *, user_id: int, agent_id: int, filename: str, layer: str | None, blog_id: int) -> Any:
        found = next((each.layer for each in REGISTERED if each.filename == filename), "agent")
        scope = Scope(layer or found, user_id, agent_id, filename)
        fakes = self

        class File:
            def __init__(self) -> None:
                self.scope = scope

            def read(self) -> ReadResult:
                owner = scope.user_id if scope.layer == "user" else ""
                content = fakes.files.get(f"{scope.layer}{owner}/{scope.filename}")
                return ReadResult(False) if content is None else ReadResult.of(content)

        yield File()

    # The notes of days
    def read(self, principal: Principal, day: str, *, user_id: int, agent_id: int) -> tuple[str, str]:
        found = self.files.get(f"agent/daily/{day.replace('-', '/')}.md")
        if found is None:
            raise NoDailyMemory(day)
        return day, found.decode()

    # Who may
    def require(self, principal: Principal, scope: Scope, *, writes: bool) -> None:
        if principal.user_id == 99:
            raise Forbidden("No.", code="rest_forbidden")

    def may(self, principal: Principal, scope: Scope, *, writes: bool) -> bool:
        return scope.filename not in self.hidden

    # Agents
    def get(self, agent_id: int) -> Agent | None:
        return Agent(42, "librarian", "Librarian", 7, None, self.config, "", "") if agent_id == 42 else None

    # The clock
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 23, 59, tzinfo=UTC)


@pytest.fixture
def fakes() -> Fakes:
    found = Fakes()
    found.files = {
        "shared/SITE.md": b"\n# SITE\n\n",
        "agent/SOUL.md": b"# Soul\n",
        "user7/USER.md": b"I own it\n",
        "user8/USER.md": b"I only talk to it\n",
        "agent/MEMORY.md": b"  \n\t",
    }
    return found


@pytest.fixture(autouse=True)
def bus() -> Iterator[Bus]:
    """Hooks run in Python alone here."""
    before, hosts = hooks.bus(), dispatch._hosts
    hooks.install(Bus())
    dispatch.use(None)
    yield hooks.bus()
    dispatch.use(hosts)
    hooks.install(before)


@pytest.fixture
def injection(fakes: Fakes) -> Injection:
    fake: Any = fakes
    return Injection(fake, fake, fake, fake, agents=fake, daily=lambda: fake, clock=fake)


CLI = Principal.command_line()
TARGET = Target(7, 42)


def shown(parts: list[Part]) -> list[tuple[str, str]]:
    return [(part.filename, part.content) for part in parts]


def test_files_come_trimmed_in_order_and_blank_ones_are_left_out(injection: Injection) -> None:
    parts = injection.assemble(CLI, TARGET, "chat")
    assert shown(parts) == [("SITE.md", "# SITE"), ("SOUL.md", "# Soul"), ("USER.md", "I own it")]
    assert [part.layer for part in parts] == ["shared", "agent", "user"]
    assert parts[1].hash == ReadResult.of(b"# Soul\n").hash
    assert parts[1].bytes == len(b"# Soul")


def test_the_user_s_file_is_of_who_asks(injection: Injection) -> None:
    parts = injection.assemble(Principal.user(8), TARGET, "chat")
    assert shown(parts)[-1] == ("USER.md", "I only talk to it")


def test_who_may_not_read_gets_nothing(injection: Injection, fakes: Fakes) -> None:
    with pytest.raises(Forbidden):
        injection.assemble(Principal.user(99), TARGET, "chat")
    fakes.hidden = {"SOUL.md"}
    assert "SOUL.md" not in dict(shown(injection.assemble(CLI, TARGET, "chat")))


def test_a_large_file_is_in_the_prompt_and_warned_about(injection: Injection, fakes: Fakes, bus: Bus) -> None:
    logged: list[tuple[Any, ...]] = []
    bus.add_action("datamachine_log", lambda *said: logged.append(said), 10, 3)
    fakes.files["agent/MEMORY.md"] = b"x" * 8193
    parts = injection.assemble(CLI, TARGET, "pipeline")
    assert [(part.filename, part.warning is None) for part in parts] == [
        ("SITE.md", True),
        ("SOUL.md", True),
        ("MEMORY.md", False),
    ]
    assert len(parts[-1].content) == 8193
    (said,) = logged
    assert said[0] == "warning"
    assert said[2] == {"key": "agent:7:42:MEMORY.md", "bytes": 8193}


def test_a_plugin_may_change_a_text_or_take_it_away(injection: Injection, bus: Bus) -> None:
    def change(content: str, filename: str, meta: dict[str, Any] | None) -> str:
        assert meta is not None
        assert meta["filename"] == filename
        return "" if filename == "USER.md" else f"{content}!"

    bus.add_filter(CONTENT, change, 10, 3)
    assert shown(injection.assemble(CLI, TARGET, "chat")) == [("SITE.md", "# SITE!"), ("SOUL.md", "# Soul!")]


def test_recent_days_come_newest_first_while_they_fit(injection: Injection, fakes: Fakes) -> None:
    fakes.config = {"daily_memory": {"enabled": True, "recent_days": 14}}
    fakes.files |= {
        "agent/daily/2026/03/01.md": b"today\n",
        "agent/daily/2026/02/28.md": b"",
        "agent/daily/2026/02/27.md": b"earlier",
        "agent/daily/2026/02/26.md": b"y" * 8200,
        "agent/daily/2026/02/25.md": b"never reached",
    }
    parts = [part for part in injection.assemble(CLI, TARGET, "pipeline") if part.source == "daily"]
    assert [part.content for part in parts] == [
        "## Daily Memory: 2026-03-01\n\ntoday",
        "## Daily Memory: 2026-02-27\n\nearlier",
    ]
    fakes.files["agent/daily/2026/03/01.md"] = b"z" * 9000
    (only,) = [part for part in injection.assemble(CLI, TARGET, "chat") if part.source == "daily"]
    assert only.bytes == 9000 + len("## Daily Memory: 2026-03-01\n\n")


@pytest.mark.parametrize(
    ("config", "mode", "days"),
    [
        ({"enabled": True}, "chat", 3),
        ({"enabled": True, "recent_days": 0}, "chat", 0),
        ({"enabled": True, "recent_days": "2"}, "chat", 2),
        ({"enabled": True, "recent_days": 99}, "chat", 14),
        ({"enabled": False, "recent_days": 5}, "chat", 0),
        ({"enabled": True}, "system", 0),
        ("yes", "chat", 0),
    ],
)
def test_how_many_days(injection: Injection, fakes: Fakes, config: Any, mode: str, days: int) -> None:
    fakes.config = {"daily_memory": config}
    for day in range(1, 29):
        fakes.files[f"agent/daily/2026/02/{day:02}.md"] = b"note"
    fakes.files["agent/daily/2026/03/01.md"] = b"note"
    parts = [part for part in injection.assemble(CLI, TARGET, mode) if part.source == "daily"]
    assert len(parts) == days


def test_others_contribute_between_and_behind(injection: Injection) -> None:
    injection.add(lambda assembly: [Part("late", 45, "L.md", "agent", str(assembly.context), 1, "")])
    injection.add(lambda _: [Part("early", 10, "E.md", "agent", "e", 1, "")])
    parts = injection.assemble(CLI, TARGET, "system", context={"flow_id": 3})
    assert [part.source for part in parts] == ["early", "core", "late"]
    assert parts[-1].content == "{'flow_id': 3}"
