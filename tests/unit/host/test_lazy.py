"""A unit that is opened when something is first asked of WordPress, and hooks that need not open it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import pytest

from sidecar.hooks import Bus, dispatch
from sidecar.hooks.catalogue import Book, Catalogue
from sidecar.host import HostUnavailable, LazyUnit, UnitEnded, lazily
from sidecar.host import context as host_context


class Unit:
    """A PHP process in which one hook has a listener."""

    generation = "g1"
    usable = True

    def __init__(self) -> None:
        self.calls: list[str] = []

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        self.calls.append(operation)
        if operation == "hook.listeners":
            return {hook: {"php": int(hook == "heard")} for hook in params["hooks"]}
        return "from php"


class Opener:
    """Counts what it opens and what was closed."""

    def __init__(self) -> None:
        self.unit = Unit()
        self.opened = self.closed = 0

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        self.opened += 1
        yield self.unit
        self.closed += 1


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    monkeypatch.setattr(dispatch, "listeners", dispatch.Listeners())
    return Bus(Catalogue([Book("test", "")]))


def test_nothing_is_opened_until_something_is_asked(opener: Opener) -> None:
    with lazily(opener, "rest") as unit:
        assert host_context.current() is unit
        assert (unit.kind, unit.context, unit.opened, unit.usable) == ("unit", "rest", False, True)
    assert host_context.current() is None
    assert opener.opened == 0


def test_one_process_serves_all_and_ends_with_the_block(opener: Opener) -> None:
    with lazily(opener, "rest") as unit:
        assert unit.get_option("a") == unit.get_option("b") == "from php"
        assert (opener.opened, opener.closed, unit.opened) == (1, 0, True)
        opener.unit.usable = False
        assert not unit.usable
    assert (opener.opened, opener.closed) == (1, 1)
    assert not unit.usable
    with pytest.raises(UnitEnded):
        unit.get_option("a")


def test_what_opening_raises_is_raised_by_the_call() -> None:
    @contextmanager
    def none() -> Iterator[Any]:
        raise HostUnavailable("no PHP")
        yield

    with lazily(none, "rest") as unit:
        for _ in range(2):
            with pytest.raises(HostUnavailable):
                unit.get_option("a")
        assert not unit.opened


def test_a_hook_nobody_hears_opens_no_process_twice(opener: Opener, bus: Bus) -> None:
    bus.add_filter("quiet", lambda value: value + 1)
    for opened in (1, 1, 1):
        with lazily(opener, "rest"):
            assert dispatch.apply_filters(bus, "quiet", 1) == 2
        assert opener.opened == opened
    assert opener.unit.calls == ["hook.listeners"]


def test_a_hook_that_is_heard_goes_to_its_process(opener: Opener, bus: Bus) -> None:
    for opened in (1, 2):
        with lazily(opener, "rest"):
            assert dispatch.apply_filters(bus, "heard", 1) == "from php"
        assert opener.opened == opened
    assert opener.unit.calls == ["hook.listeners", "hook.fire", "hook.fire"]


def test_a_process_that_is_there_hears_every_hook(opener: Opener, bus: Bus) -> None:
    with lazily(opener, "rest"):
        dispatch.apply_filters(bus, "quiet", 1)
    with lazily(opener, "rest") as unit:
        cast(LazyUnit, unit).get_option("a")
        assert dispatch.apply_filters(bus, "quiet", 1) == "from php"


def test_asking_who_listens_opens_no_process_twice(opener: Opener, bus: Bus) -> None:
    for _ in range(3):
        with lazily(opener, "rest"):
            assert not dispatch.listens(bus, "quiet")
    assert opener.opened == 1
    with lazily(opener, "rest"):
        assert dispatch.listens(bus, "heard")
    bus.add_filter("quiet", lambda value: value)
    opened = opener.opened
    with lazily(opener, "rest"):
        assert dispatch.listens(bus, "quiet")
    assert opener.opened == opened


def test_a_released_unit_is_opened_again_when_it_is_needed() -> None:
    opener = Opener()
    with lazily(opener, "rest") as host:
        host.release()
        assert (opener.opened, opener.closed) == (0, 0)
        assert host.call("x", {}) == "from php"
        host.release()
        assert (opener.opened, opener.closed, host.opened, host.usable) == (1, 1, False, True)
        assert host.call("x", {}) == "from php"
        assert (opener.opened, opener.closed) == (2, 1)
    assert opener.closed == 2
    host.release()
    with pytest.raises(UnitEnded):
        host.call("x", {})
