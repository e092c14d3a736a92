"""Which store keeps a file is asked of WordPress, unless that would start one only to hear "nobody's"."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sidecar import hooks
from sidecar.bridge import PhpObject
from sidecar.hooks import Bus, dispatch
from sidecar.hooks.catalogue import Book, Catalogue
from sidecar.host import lazily
from sidecar.memory.in_memory import InMemoryStore
from sidecar.memory.opening import EVENTS, FILTER, SCOPE_CLASS, Opener
from sidecar.memory.seam import SETTLED, SeamAnswers
from sidecar.memory.values import Scope
from sidecar.settings import DatabaseSettings, Site

FILES = [
    {"filename": "USER.md", "layer": "user"},
    {"filename": "AGENTS.md", "layer": "shared", "convention_path": "AGENTS.md"},
]


class WordPress:
    """A PHP process, opened and asked a countable number of times."""

    usable = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generation = "one"
        self.filtered = False
        self.active = "no plugins"
        self.opened = 0
        self.asked: list[str] = []

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        self.opened += 1
        yield self

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        if operation == "hook.listeners":
            return {hook: {"php": 0} for hook in params["hooks"]}
        self.asked.append(operation)
        site = {
            "uploads": str(self.path),
            "network_uploads": str(self.path),
            "abspath": str(self.path),
            "blog_id": 1,
            "site_name": "S",
            "wordpress": "6",
            "php": "8",
            "plugin": "1",
            "files": FILES,
            "store_filtered": self.filtered,
        }
        if operation == "memory.site":
            return site
        properties = {
            "layer": params["layer"] or "agent",
            "user_id": params["user_id"] or 7,
            "agent_id": params["agent_id"],
            "filename": params["filename"],
        }
        return {"site": site, "store": None, "scope": PhpObject(SCOPE_CLASS, properties)}


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wordpress(tmp_path: Path) -> WordPress:
    return WordPress(tmp_path)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(autouse=True)
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())
    before = hooks.bus()
    hooks.install(Bus(Catalogue([Book("test", "")])))
    yield hooks.bus()
    hooks.install(before)


@pytest.fixture
def opener(tmp_path: Path, time: Time, wordpress: WordPress) -> Opener:
    site = Site(
        wp_path=str(tmp_path),
        run_dir=str(tmp_path),
        secret_file=str(tmp_path / "s"),
        database=DatabaseSettings(user="u", name="n"),
        site_uid=os.getuid(),
        site_gid=os.getgid(),
    )
    store = InMemoryStore()
    nobody: Any = None
    answers = SeamAnswers(time)
    answers.known(("rest", 1, wordpress.active))
    time.now += SETTLED
    return Opener(site, nobody, lambda _: store, lambda _: 7, lambda _: wordpress.active, answers=answers)


def ask(opener: Opener, wordpress: WordPress, filename: str = "MEMORY.md", layer: str = "") -> Any:
    """One request that opens one file and needs nothing else of WordPress."""
    with lazily(wordpress, "rest") as host:
        return opener.open(host, 0, 0, filename, layer)


def test_the_second_request_needs_no_wordpress(opener: Opener, wordpress: WordPress) -> None:
    first, second = ask(opener, wordpress), ask(opener, wordpress)
    assert wordpress.opened == 1
    assert second.scope == first.scope == Scope("agent", 7, 0, "MEMORY.md")
    assert second.store is first.store
    assert (second.reference.class_name, second.reference.properties) == (SCOPE_CLASS, first.scope.params())


def test_an_open_process_is_asked_each_time(opener: Opener, wordpress: WordPress) -> None:
    with lazily(wordpress, "rest") as host:
        for _ in range(3):
            opener.open(host, 0, 0, "MEMORY.md", "")
    assert wordpress.asked == ["memory.open"] * 3


@pytest.mark.parametrize("who", ["php", "python"])
def test_a_listener_is_asked_each_time(opener: Opener, wordpress: WordPress, who: str, bus: Bus) -> None:
    wordpress.filtered = who == "php"
    if who == "python":
        bus.add_filter(FILTER, lambda store: store)
    for _ in range(3):
        ask(opener, wordpress)
    assert (wordpress.opened, wordpress.asked) == (3, ["memory.open"] * 3)


def test_an_answer_is_trusted_half_a_minute(opener: Opener, wordpress: WordPress, time: Time) -> None:
    ask(opener, wordpress)
    time.now += 29
    ask(opener, wordpress)
    assert wordpress.opened == 1
    time.now += 2
    wordpress.filtered = True
    ask(opener, wordpress)
    ask(opener, wordpress)
    assert wordpress.opened == 3


def test_a_plugin_that_was_just_activated_is_asked(opener: Opener, wordpress: WordPress) -> None:
    ask(opener, wordpress)
    wordpress.active, wordpress.filtered = "one with a store", True
    ask(opener, wordpress)
    assert wordpress.opened == 2
    # Deactivated again: what was known before holds.
    wordpress.active = "no plugins"
    ask(opener, wordpress)
    assert wordpress.opened == 2


def test_what_a_process_says_just_after_a_change_is_not_kept(
    opener: Opener, wordpress: WordPress, time: Time
) -> None:
    """It may be made of what was loaded before: then it does not know that the plugin listens."""
    wordpress.active = "one with a store"
    ask(opener, wordpress)
    time.now += SETTLED - 1
    wordpress.filtered = True
    ask(opener, wordpress)
    assert wordpress.opened == 2
    time.now += 1
    wordpress.filtered = False
    for _ in range(3):
        ask(opener, wordpress)
    assert wordpress.opened == 3


def test_other_plugins_make_all_answers_old(opener: Opener, wordpress: WordPress, time: Time) -> None:
    with lazily(wordpress, "cron") as host:
        opener.open(host, 0, 0, "MEMORY.md", "")
    wordpress.generation, wordpress.filtered = "two", True
    ask(opener, wordpress)
    with lazily(wordpress, "cron") as host:
        opener.open(host, 0, 0, "MEMORY.md", "")
    assert wordpress.opened == 3


def test_a_change_that_nobody_hears_of_needs_none_either(opener: Opener, wordpress: WordPress) -> None:
    heard: list[object] = []
    hooks.bus().add_action(EVENTS[0], heard.append)
    ask(opener, wordpress)
    with lazily(wordpress, "rest") as host:
        opened = opener.open(host, 0, 0, "MEMORY.md", "")
        hooks.do_action(EVENTS[0], opened.reference)
        assert not host.opened
    assert heard == [opened.reference]


def test_facts_come_from_the_same_answers(opener: Opener, wordpress: WordPress) -> None:
    ask(opener, wordpress)
    with lazily(wordpress, "rest") as host:
        assert [each.filename for each in opener.facts(host).files] == ["USER.md", "AGENTS.md"]
    assert wordpress.opened == 1


@pytest.mark.parametrize(
    ("filename", "layer", "expected"),
    [
        ("USER.md", "", "user"),
        ("USER.md", "agent", "agent"),
        ("NOTES.md", "", "agent"),
        ("daily/2026/04/17.md", "", "agent"),
        # Its place is fixed, whatever layer it is asked in: so is whose it is.
        ("AGENTS.md", "", "shared"),
        ("AGENTS.md", "agent", "shared"),
    ],
)
def test_the_layer_is_the_registrys(
    opener: Opener, wordpress: WordPress, filename: str, layer: str, expected: str
) -> None:
    ask(opener, wordpress)
    assert ask(opener, wordpress, filename, layer).scope == Scope(expected, 7, 0, filename)
    assert wordpress.opened == 1
