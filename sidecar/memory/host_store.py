"""A store that a PHP plugin keeps: every operation is asked of the process that named it."""

from __future__ import annotations

from typing import Any

from sidecar.bridge import Handle
from sidecar.host.context import WordPressHost
from sidecar.memory.values import MAX_BYTES, TOO_LARGE, ListEntry, ReadResult, Scope, WriteResult, raw

OPERATION = "memory.store"
#: PHP classes that take an empty ``if_match`` for "must not exist"; the contract knows no hash for it.
COMPARES_WITH_NOTHING = frozenset({"DataMachine\\Core\\FilesRepository\\GuidelineAgentMemoryStore"})


class HostStore:
    """A live ``AgentMemoryStoreInterface`` object of a PHP process; good while that call or unit lasts."""

    def __init__(self, host: WordPressHost, store: Handle) -> None:
        self.absent: str | None = "" if store.class_name in COMPARES_WITH_NOTHING else None
        self._host = host
        self._store = store

    def read(self, scope: Scope) -> ReadResult:
        found = self._call("read", scope)
        return ReadResult(
            bool(found["exists"]),
            raw(found["content"]),
            str(found["hash"]),
            int(found["bytes"]),
            found["updated_at"],
        )

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        if len(content) > MAX_BYTES:
            return WriteResult.failure(TOO_LARGE)
        return _written(self._call("write", scope, content=wire(content), if_match=if_match))

    def exists(self, scope: Scope) -> bool:
        return self._call("exists", scope) is True

    def delete(self, scope: Scope) -> WriteResult:
        return _written(self._call("delete", scope))

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return _entries(self._call("list_layer", scope))

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        return _entries(self._call("list_subtree", scope, prefix=prefix))

    def _call(self, method: str, scope: Scope, **params: Any) -> Any:
        return self._host.call(
            OPERATION, {"store": self._store, "method": method, **scope.params(), **params}
        )


def wire(content: bytes) -> str | bytes:
    """Content as the bridge takes it: text where it is UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def wire_all(value: Any) -> Any:
    """An answer as the bridge takes it: see :func:`wire`, for every text in it."""
    if isinstance(value, str):
        return value if value.isascii() else wire(raw(value))
    if isinstance(value, dict):
        return {key: wire_all(each) for key, each in value.items()}
    return [wire_all(each) for each in value] if isinstance(value, list) else value


def _written(result: Any) -> WriteResult:
    return WriteResult(bool(result["success"]), str(result["hash"]), int(result["bytes"]), result["error"])


def _entries(found: Any) -> list[ListEntry]:
    return [
        ListEntry(str(each["filename"]), str(each["layer"]), int(each["bytes"]), each["updated_at"])
        for each in found
    ]
