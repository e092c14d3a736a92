"""A store that a Python plugin keeps: its object is used directly, here and for PHP's stand-in.

A plugin registers the object while it loads and answers the filter with it::

    def register(plugin):
        store = Notes()
        plugin.register_memory_store("notes", store)
        plugin.add_filter("agents_api_memory_store", lambda value, scope: store if value is None else value)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from sidecar.bridge import Call, named
from sidecar.errors import InvalidInput, SidecarError, Unavailable
from sidecar.memory import answers, names
from sidecar.memory.pieces import content_of
from sidecar.memory.values import (
    CAPABILITY,
    IO,
    MAX_BYTES,
    TOO_LARGE,
    ListEntry,
    ReadResult,
    Scope,
    WriteResult,
    digest,
    raw,
)

T = TypeVar("T")

#: The kind under which plugins' stores travel, as :mod:`sidecar.hooks.registrations` names it.
KIND = "memory_store"

logger = logging.getLogger("datamachine.memory")


class StoreFailed(Unavailable):
    """A plugin's store raised something: whether a write was done nobody knows."""

    code = "memory_store_failed"


class PluginStore:
    """Holds a plugin's store to the contract: text, names that stay in their layer, sizes below the limit.

    What it raises ends a read with :class:`StoreFailed` and a write with ``io``; the log has the traceback.
    """

    def __init__(self, name: str, store: Any) -> None:
        self.name = name
        self._store = store

    @property
    def absent(self) -> str | None:
        """As the plugin's store says; without a word it compares nothing."""
        value = getattr(self._store, "absent", None)
        return value if isinstance(value, str) else None

    def read(self, scope: Scope) -> ReadResult:
        names.parts(scope.filename)
        found = self._ask("read", lambda: self._store.read(scope))
        if not isinstance(found, ReadResult):
            raise self._wrong("read", found)
        # Hashes are compared with those of other stores and with ETags: there is one kind of them.
        return ReadResult.of(raw(found.content), found.updated_at) if found.exists else ReadResult(False)

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        try:
            names.parts(scope.filename)
        except names.BadName:
            return WriteResult.failure(CAPABILITY)
        if not names.writable(scope.filename):
            return WriteResult.failure(CAPABILITY)
        if len(content) > MAX_BYTES:
            return WriteResult.failure(TOO_LARGE)
        result = self._change("write", lambda: self._store.write(scope, content, if_match))
        return WriteResult.ok(digest(content), len(content)) if result.success else result

    def exists(self, scope: Scope) -> bool:
        names.parts(scope.filename)
        return self._ask("exists", lambda: self._store.exists(scope)) is True

    def delete(self, scope: Scope) -> WriteResult:
        try:
            names.parts(scope.filename)
        except names.BadName:
            return WriteResult.failure(CAPABILITY)
        result = self._change("delete", lambda: self._store.delete(scope))
        return WriteResult.ok("", 0) if result.success else result

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return self._entries("list_layer", lambda: self._store.list_layer(scope))

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        prefix = prefix.strip("/")
        if not prefix:
            return []
        names.parts(prefix)
        return self._entries("list_subtree", lambda: self._store.list_subtree(scope, prefix))

    def _ask(self, method: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except SidecarError:
            raise
        except Exception as error:
            logger.exception("The memory store %s failed in %s", self.name, method)
            raise StoreFailed(f"The memory store {self.name} failed.") from error

    def _change(self, method: str, change: Callable[[], WriteResult]) -> WriteResult:
        try:
            result = self._ask(method, change)
        except StoreFailed:
            return WriteResult.failure(IO)
        if not isinstance(result, WriteResult):
            raise self._wrong(method, result)
        return result

    def _entries(self, method: str, ask: Callable[[], Iterable[ListEntry]]) -> list[ListEntry]:
        found = self._ask(method, lambda: list(ask()))
        if not all(isinstance(each, ListEntry) for each in found):
            raise self._wrong(method, found)
        return sorted(found, key=lambda each: each.filename)

    def _wrong(self, method: str, value: Any) -> StoreFailed:
        logger.error("The memory store %s answered %s with %s", self.name, method, type(value).__name__)
        return StoreFailed(f"The memory store {self.name} gave an answer that means nothing.")


def recognise(value: Any) -> PluginStore:
    """The store behind what a filter answered; StoreFailed when it is no plugin's store of this process."""
    known = named.name_of(value)
    if known is None or known[0] != KIND:
        raise StoreFailed("This process has no such memory store: it has other plugins.")
    return PluginStore(known[1], value)


class PluginStoreHandler:
    """``memory.plugin_store``: ``DataMachine\\Bridge\\Memory\\PythonStore``, the stand-in in PHP.

    ``{store, method, layer, user_id, agent_id, filename}`` and ``content``, ``if_match`` or ``prefix``.
    """

    def handle(self, call: Call) -> Any:
        params = call.params
        store = recognise(params.get("store"))
        call.note = store.name
        try:
            scope = msgspec.convert(params, Scope)
        except msgspec.ValidationError as error:
            raise InvalidInput(f"{call.method}: {error}") from error
        method = params.get("method")
        if method == "read":
            found = store.read(scope)
            return answers.read(found)
        if method == "exists":
            return store.exists(scope)
        if method == "write":
            if_match = params.get("if_match")
            if not isinstance(if_match, str | None):
                raise InvalidInput(f"{call.method} takes if_match as text.")
            return answers.written(store.write(scope, content_of(params.get("content")), if_match))
        if method == "delete":
            return answers.written(store.delete(scope))
        if method in {"list_layer", "list_subtree"}:
            entries = (
                store.list_layer(scope)
                if method == "list_layer"
                else store.list_subtree(scope, str(params.get("prefix", "")))
            )
            return answers.entries(entries)
        raise InvalidInput(f"A memory store has no method {method!r}.")
