"""Stores of Python plugins: the example keeps the contract, and what others do wrong is contained."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from sidecar import blog
from sidecar.bridge import named
from sidecar.memory import ListEntry, ReadResult, Scope, WriteResult
from sidecar.memory.names import BadName
from sidecar.memory.plugin_store import PluginStore, StoreFailed, recognise
from sidecar.memory.whose import OneAddress, Whose
from tests.unit.memory.conformance import StoreConformance
from tests.unit.memory.conftest import Agents

EXAMPLE = Path(__file__).parents[3] / "examples/python/memory_in_sqlite.py"
SCOPE = Scope("agent", 7, 42, "A.md")


def example(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("memory_in_sqlite", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.SqliteStore(str(path / "memory.sqlite3"))


class TestTheExample(StoreConformance):
    threads = True

    @pytest.fixture
    def store(self, tmp_path: Path) -> PluginStore:
        return PluginStore("sqlite", example(tmp_path))


def test_on_a_network_agents_have_a_memory_on_each_site_and_people_one(tmp_path: Path) -> None:
    store = example(tmp_path)
    person = Scope("user", 7, 0, "USER.md")
    with blog.on(2):
        store.write(SCOPE, b"two")
        store.write(person, b"me")
    with blog.on(3):
        assert not store.exists(SCOPE)
        assert store.read(person).content == b"me"


class Odd:
    """Answers as it is told."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def _say(self, *_: Any) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    read = write = exists = delete = list_layer = list_subtree = _say


@pytest.mark.parametrize("answer", [OSError("away"), None, {"content": "x"}, [1]])
def test_nonsense_ends_the_call_and_no_more(answer: Any) -> None:
    store = PluginStore("odd", Odd(answer))
    with pytest.raises(StoreFailed):
        store.read(SCOPE)
    if isinstance(answer, OSError):
        assert store.write(SCOPE, b"x") == WriteResult.failure("io")
        assert store.delete(SCOPE) == WriteResult.failure("io")
        with pytest.raises(StoreFailed):
            store.exists(SCOPE)
    else:
        assert store.exists(SCOPE) is False
        with pytest.raises(StoreFailed):
            store.write(SCOPE, b"x")
    with pytest.raises(StoreFailed):
        store.list_layer(SCOPE)


def test_hashes_are_ours_whatever_the_store_says() -> None:
    found = PluginStore("odd", Odd(ReadResult(True, b"x", "their own", 99, 5))).read(SCOPE)
    assert found == ReadResult.of(b"x", 5)
    assert PluginStore("odd", Odd(WriteResult.ok("their own", 99))).write(SCOPE, b"x").hash == found.hash


def test_listings_are_sorted() -> None:
    entries = [ListEntry("b.md", "agent", 1, None), ListEntry("a.md", "agent", 1, None)]
    names = [each.filename for each in PluginStore("odd", Odd(entries)).list_layer(SCOPE)]
    assert names == ["a.md", "b.md"]


@pytest.mark.parametrize("name", ["../x.md", "/x.md", "a/../b.md", "", "a\0.md", ".x.md"])
def test_names_that_lead_elsewhere_never_arrive(name: str) -> None:
    store = PluginStore("odd", Odd(AssertionError("was asked")))
    scope = Scope("agent", 7, 42, name)
    assert store.write(scope, b"x").error == "capability"
    assert store.delete(scope).error == "capability"
    for ask in (store.read, store.exists):
        with pytest.raises(BadName):
            ask(scope)
    assert store.write(Scope("agent", 7, 42, "x.php"), b"x").error == "capability"


def test_a_store_says_itself_whether_it_compares_with_nothing() -> None:
    assert PluginStore("odd", Odd(None)).absent is None
    assert PluginStore("odd", InMemory()).absent == ""


class InMemory(Odd):
    absent = ""

    def __init__(self) -> None:
        super().__init__(None)


def test_only_registered_stores_are_recognised() -> None:
    store = Odd(None)
    with pytest.raises(StoreFailed):
        recognise(store)
    named.register("memory_store", "odd", store)
    try:
        assert recognise(store).name == "odd"
    finally:
        named.forget("memory_store", "odd")


@pytest.mark.parametrize(
    ("asked", "handed"),
    [
        (Scope("agent", 7, 0, "M.md"), Scope("agent", 7, 42, "M.md")),
        (Scope("agent", 7, 42, "M.md"), Scope("agent", 7, 42, "M.md")),
        (Scope("agent", 99, 43, "M.md"), Scope("agent", 7, 43, "M.md")),
        (Scope("agent", 8, 0, "M.md"), Scope("agent", 8, 0, "M.md")),
        (Scope("agent", 8, 999, "M.md"), Scope("agent", 8, 999, "M.md")),
        (Scope("shared", 8, 42, "S.md"), Scope("shared", 1, 0, "S.md")),
        (Scope("network", 8, 42, "N.md"), Scope("network", 0, 0, "N.md")),
        (Scope("user", 8, 42, "U.md"), Scope("user", 8, 0, "U.md")),
        (Scope("attic", 7, 0, "X.md"), Scope("attic", 7, 42, "X.md")),
    ],
)
def test_one_file_has_one_address(asked: Scope, handed: Scope) -> None:
    agents: Any = Agents()
    whose = Whose(lambda: agents, lambda blog_id: 1)
    assert whose.scope(asked, 1) == handed
    assert whose.scope(handed, 1) == handed


def test_every_operation_is_handed_that_address(tmp_path: Path) -> None:
    agents: Any = Agents()
    whose = Whose(lambda: agents, lambda blog_id: 1)
    plain = PluginStore("sqlite", example(tmp_path))
    store = OneAddress(plain, lambda scope: whose.scope(scope, 1))
    asked, handed = Scope("agent", 7, 0, "d/M.md"), Scope("agent", 7, 42, "d/M.md")
    assert store.absent == ""
    assert store.write(asked, b"x", "").success
    assert plain.read(handed).content == store.read(asked).content == b"x"
    assert store.exists(handed)
    assert [each.filename for each in store.list_subtree(asked, "d")] == ["d/M.md"]
    assert store.list_layer(asked) == []
    assert store.delete(asked).success
    assert not plain.exists(handed)
