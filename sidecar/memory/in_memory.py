"""Memory that lasts as long as its object: for tests, and for stores that add something to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sidecar.memory import names
from sidecar.memory.values import (
    AGENT,
    CAPABILITY,
    CONFLICT,
    LAYERS,
    MAX_BYTES,
    NETWORK,
    NOT_FOUND,
    SHARED,
    TOO_LARGE,
    ListEntry,
    ReadResult,
    Scope,
    WriteResult,
    digest,
)

#: Whose a layer is: what is compared of a scope.
_Owner = tuple[str, int, int]


class InMemoryStore:
    """A complete store in a dictionary, safe to use from several threads.

    Files are told apart as on disk: a shared file by its name, a user's by the user, an agent's by the agent,
    or by the user where no agent is named.
    """

    absent = ""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._files: dict[_Owner, dict[str, ReadResult]] = {}

    def read(self, scope: Scope) -> ReadResult:
        with self._lock:
            return self._files.get(_owner(scope), {}).get(scope.filename, NOT_FOUND)

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        if not _named(scope.filename) or not names.writable(scope.filename):
            return WriteResult.failure(CAPABILITY)
        if len(content) > MAX_BYTES:
            return WriteResult.failure(TOO_LARGE)
        with self._lock:
            files = self._files.setdefault(_owner(scope), {})
            if if_match is not None and files.get(scope.filename, NOT_FOUND).hash != if_match:
                return WriteResult.failure(CONFLICT)
            files[scope.filename] = ReadResult.of(bytes(content), int(self._clock()))
        return WriteResult.ok(digest(content), len(content))

    def exists(self, scope: Scope) -> bool:
        return self.read(scope).exists

    def delete(self, scope: Scope) -> WriteResult:
        if not _named(scope.filename):
            return WriteResult.failure(CAPABILITY)
        with self._lock:
            self._files.get(_owner(scope), {}).pop(scope.filename, None)
        return WriteResult.ok("", 0)

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return [entry for entry in self._entries(scope) if "/" not in entry.filename]

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        prefix = prefix.strip("/")
        return [entry for entry in self._entries(scope) if prefix and entry.filename.startswith(f"{prefix}/")]

    def _entries(self, scope: Scope) -> list[ListEntry]:
        with self._lock:
            files = dict(self._files.get(_owner(scope), {}))
        return [
            ListEntry(name, scope.layer, found.size, found.updated_at)
            for name, found in sorted(files.items(), key=lambda item: item[0].encode())
        ]


def _owner(scope: Scope) -> _Owner:
    layer = scope.layer if scope.layer in LAYERS else AGENT
    if layer in {SHARED, NETWORK}:
        return layer, 0, 0
    if layer == AGENT and scope.agent_id:
        return layer, 0, scope.agent_id
    return layer, scope.user_id, 0


def _named(filename: str) -> bool:
    try:
        names.parts(filename)
    except names.BadName:
        return False
    return True
