"""Stores of plugins keep the contract, asked from PHP and from Python: posts, a table, SQLite in Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sidecar.memory import DiskStore, ListEntry, MemoryService, ReadResult, Scope, Store, WriteResult
from sidecar.memory.whose import OneAddress
from sidecar.runtime import Runtime
from tests.integration.memory.conftest import WordPress, WordPressStore
from tests.integration.memory.seam.conftest import Seam
from tests.unit.memory.conformance import StoreConformance


class ServiceStore:
    """Whatever store the memory service uses for a scope, as a Store."""

    absent: str | None = ""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        #: Class of the store that answered last.
        self.answered = ""

    def read(self, scope: Scope) -> ReadResult:
        with self._store(scope) as store:
            return store.read(scope)

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        with self._store(scope) as store:
            return store.write(scope, content, if_match)

    def exists(self, scope: Scope) -> bool:
        with self._store(scope) as store:
            return store.exists(scope)

    def delete(self, scope: Scope) -> WriteResult:
        with self._store(scope) as store:
            return store.delete(scope)

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        with self._store(scope) as store:
            return store.list_layer(scope)

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        with self._store(scope) as store:
            return store.list_subtree(scope, prefix)

    @contextmanager
    def _store(self, scope: Scope) -> Iterator[Store]:
        with self._runtime.get(MemoryService).open(
            user_id=scope.user_id,
            agent_id=scope.agent_id,
            filename=scope.filename or "ANY.md",
            layer=scope.layer,
        ) as file:
            store = file._store
            assert isinstance(store, OneAddress)
            self.answered = type(store.store).__name__
            yield store


class FromPhp(StoreConformance):
    """What PHP code gets for a scope."""

    user_id = 1
    agent_id = 0
    turned: str
    answers: str

    @pytest.fixture
    def store(self, seam: Seam, seam_php: WordPress) -> Iterator[WordPressStore]:
        seam.turn(self.turned)
        store = WordPressStore(seam_php)
        yield store
        assert store.answered == self.answers


class FromPython(StoreConformance):
    """What the sidecar gets for a scope; nobody's, so that PHP's files are not in the way."""

    user_id = 5
    agent_id = 0
    turned: str
    answers: str

    @pytest.fixture
    def store(self, seam: Seam, seam_runtime: Runtime) -> Iterator[ServiceStore]:
        seam.turn(self.turned)
        store = ServiceStore(seam_runtime)
        yield store
        assert store.answered == self.answers


class TestPostsFromPhp(FromPhp):
    turned = "guideline"
    answers = "DataMachine\\Core\\FilesRepository\\GuidelineAgentMemoryStore"


class TestPostsFromPython(FromPython):
    turned = "guideline"
    answers = "HostStore"


class TestTableFromPhp(FromPhp):
    limited = False
    turned = "php"
    answers = "Memory_In_A_Table"


class TestTableFromPython(FromPython):
    turned = "php"
    answers = "HostStore"


class TestPythonStoreFromPhp(FromPhp):
    turned = "python"
    answers = "DataMachine\\Bridge\\Memory\\PythonStore"


class TestPythonStoreFromPython(FromPython):
    threads = True
    turned = "python"
    answers = "PluginStore"


def test_our_own_store_under_its_php_name_is_used_without_php(
    seam: Seam, seam_php: WordPress, seam_runtime: Runtime
) -> None:
    seam.turn("our own")
    store = WordPressStore(seam_php)
    assert store.write(Scope("agent", 1, 0, "OWN.md"), b"own").success
    assert store.answered == "DataMachine\\Core\\FilesRepository\\DiskAgentMemoryStore"
    with seam_runtime.get(MemoryService).open(user_id=1, filename="OWN.md") as file:
        assert isinstance(file._store, DiskStore)
        assert file.read().content == b"own"
    assert [path.read_text() for path in seam.files.rglob("OWN.md")] == ["own"]
