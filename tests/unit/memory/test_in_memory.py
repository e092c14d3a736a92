"""The store in memory keeps the contract, so that tests may use it in the place of any other."""

from __future__ import annotations

import pytest

from sidecar.memory import Scope
from sidecar.memory.in_memory import InMemoryStore
from tests.unit.memory.conformance import LimitedStore, SharedStore


class TestConformance(LimitedStore, SharedStore):
    """A dictionary is a store like any other."""

    @pytest.fixture
    def store(self) -> InMemoryStore:
        return InMemoryStore()


def test_whose_a_file_is_follows_the_layer() -> None:
    store = InMemoryStore(lambda: 1_700_000_000.9)
    store.write(Scope("shared", 1, 0, "A.md"), b"shared")
    store.write(Scope("user", 1, 0, "A.md"), b"user")
    store.write(Scope("agent", 1, 5, "A.md"), b"agent")
    assert store.read(Scope("shared", 2, 9, "A.md")).content == b"shared"
    assert store.read(Scope("user", 1, 9, "A.md")).content == b"user"
    assert not store.exists(Scope("user", 2, 0, "A.md"))
    assert store.read(Scope("agent", 2, 5, "A.md")).content == b"agent"
    assert store.read(Scope("agent", 2, 5, "A.md")).updated_at == 1_700_000_000
    assert not store.exists(Scope("agent", 1, 0, "A.md"))


@pytest.mark.parametrize("name", ["../x.md", ".x.md", "x.php", "x.php.md", "", "a//b.md"])
def test_names_are_refused_as_on_disk(name: str) -> None:
    store = InMemoryStore()
    assert store.write(Scope("agent", 1, 1, name), b"x").error == "capability"
    assert store.list_layer(Scope("agent", 1, 1, "")) == []
