"""A disk store in a temporary folder, with agents that need no database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sidecar import hooks
from sidecar.hooks import Bus, dispatch
from sidecar.identity import Agent
from sidecar.memory import DiskStore, Layout, Places
from sidecar.memory.locks import Locks
from sidecar.wordpress import User


class Agents:
    """Two agents of user 7; user 8 has none."""

    _all: ClassVar = {
        42: Agent(42, "librarian", "Librarian", 7, None, {}, "", ""),
        43: Agent(43, "second", "Second", 7, None, {}, "", ""),
    }

    def get(self, agent_id: int) -> Agent | None:
        return self._all.get(agent_id)

    def first_of(self, owner_id: int) -> Agent | None:
        return next((agent for agent in self._all.values() if agent.owner_id == owner_id), None)


class Users:
    _logins: ClassVar = {8: "Jane.Doe@Example", 9: "Jörg"}

    def get(self, user_id: int) -> User | None:
        login = self._logins.get(user_id)
        return None if login is None else User(user_id, login, f"nice-{user_id}", "", login)


class Owners:
    def default(self, blog_id: int = 1) -> int:
        return 7


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "site").mkdir()
    return Places(f"{tmp_path}/uploads/sites/2", f"{tmp_path}/uploads", f"{tmp_path}/site", 2)


@pytest.fixture
def layout(places: Places) -> Layout:
    agents: Any = Agents()
    users: Any = Users()
    owners: Any = Owners()
    return Layout(places, agents, users, owners, {"AGENTS.md": "AGENTS.md"})


@pytest.fixture
def store(layout: Layout, tmp_path: Path) -> DiskStore:
    return DiskStore(layout, Locks(tmp_path / "locks"))


@pytest.fixture
def alone() -> Iterator[None]:
    """Hooks run in Python alone, on a bus of their own."""
    before, hosts = hooks.bus(), dispatch._hosts
    hooks.install(Bus())
    dispatch.use(None)
    yield
    dispatch.use(hosts)
    hooks.install(before)
