"""Every store keeps the contract: ours through PHP's proxy, a plugin's from PHP, a plugin's from Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sidecar.bridge import Handle
from sidecar.memory.host_store import HostStore
from sidecar.runtime import Runtime
from tests.integration.memory.conftest import WordPress, WordPressStore
from tests.unit.memory.conformance import LimitedStore, StoreConformance


class TestOurStoreThroughPhp(LimitedStore):
    """``StoreProxy`` in PHP, ``memory.*`` over the bridge, files on disk."""

    user_id = 1
    agent_id = 0

    @pytest.fixture
    def store(self, php: WordPress) -> Iterator[WordPressStore]:
        store = WordPressStore(php)
        yield store
        assert store.answered == "DataMachine\\Bridge\\Memory\\StoreProxy"


class TestPluginsStoreFromPhp(StoreConformance):
    """What PHP code gets when a plugin answers ``agents_api_memory_store``."""

    user_id = 4711
    agent_id = 0

    @pytest.fixture
    def store(self, php: WordPress) -> Iterator[WordPressStore]:
        store = WordPressStore(php)
        yield store
        assert store.answered == "Test_Memory_Store"


@pytest.fixture(scope="module")
def host_store(runtime: Runtime) -> Iterator[HostStore]:
    with runtime.hosts.unit() as unit:
        opened = unit.call(
            "memory.open", {"user_id": 4711, "agent_id": 0, "filename": "ANY.md", "layer": "agent"}
        )
        assert isinstance(opened["store"], Handle)
        yield HostStore(unit, opened["store"])


class TestPluginsStoreFromPython(LimitedStore):
    """The same store as the sidecar uses it: a live handle in a unit."""

    user_id = 4711
    agent_id = 0

    @pytest.fixture
    def store(self, host_store: HostStore) -> HostStore:
        return host_store
