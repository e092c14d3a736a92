"""The memory a runtime's request is about: the acting agent's, or that of an agent it has a role on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec

from sidecar.api.route import Request
from sidecar.errors import InvalidInput
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.memory import MemoryAccess, MemoryFile, MemoryService
from sidecar.memory.access import ReadOnly
from sidecar.memory.failures import FileMissing
from sidecar.memory.file_service import moment
from sidecar.memory.names import BadName
from sidecar.memory.opening import Opener
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.values import AGENT, NETWORK, SHARED, USER, ReadResult, Scope

#: The agent's own layer first: it takes the role.
_ORDER = (AGENT, USER, SHARED, NETWORK)


class Stored(msgspec.Struct, frozen=True):
    """One file that exists, and whether the caller may write it."""

    scope: Scope
    found: ReadResult
    editable: bool

    def document(self) -> dict[str, Any]:
        """As routes show it; sizes in bytes, ``modified`` in UTC, '' when the store does not know."""
        return {
            "filename": self.scope.filename,
            "layer": self.scope.layer,
            "bytes": self.found.size,
            "hash": self.found.hash,
            "modified": moment(self.found.updated_at),
            "editable": self.editable,
        }


class OwnMemory:
    """Memory files for one request; every one is asked for by name and checked."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._access = request.runtime.get(MemoryAccess)
        self._service = request.runtime.get(MemoryService)
        self._opener = request.runtime.get(Opener)
        self._known: dict[tuple[str, int, int, bool], bool] = {}
        self.target = self._access.target(
            request.principal, agent_id=int(request.params.get("agent_id") or 0)
        )

    @contextmanager
    def open(self, filename: str, layer: str | None = None, *, writes: bool = False) -> Iterator[MemoryFile]:
        """One file; BadName for a name that is not exactly a memory file's.

        Unauthorized or Forbidden ``rest_forbidden`` for who may not read it (write it), :class:`ReadOnly` for
        a file that the caller does not edit.
        """
        with self._opened(filename, layer) as file:
            self._access.require(self._request.principal, file.scope, writes=writes)
            if writes:
                self._require_editable(file.registered)
            yield file

    def stored(self, file: MemoryFile) -> Stored:
        """The file as it is now; FileMissing."""
        found = file.read()
        if not found.exists:
            raise FileMissing(f"File {file.filename} does not exist.")
        return Stored(file.scope, found, self._editable(file))

    def layers(self) -> list[Scope]:
        """Those the caller may read: the agent's, which takes a role on it, and of the others what is not
        somebody else's. Unauthorized or Forbidden ``rest_forbidden``.
        """
        scopes = [Scope(layer, self.target.user_id, self.target.agent_id, "") for layer in _ORDER]
        self._access.require(self._request.principal, scopes[0], writes=False)
        return [each for each in scopes if self._may(each, writes=False)]

    def every(self, prefix: str = "") -> Iterator[Stored]:
        """All files of :meth:`layers`, those at their top, or below a folder of the agent's."""
        for name, layer in self._names(prefix):
            try:
                with self._opened(name, layer) as file:
                    if self._may(file.scope, writes=False):
                        yield self.stored(file)
            except (BadName, FileMissing):
                continue

    def removable(self, file: MemoryFile) -> None:
        """:class:`ReadOnly` for a file that has to be there."""
        if file.registered is not None and file.registered.protected:
            raise ReadOnly(
                f"File {file.filename} is protected and cannot be deleted.", code="memory_file_protected"
            )

    def fillable(self, file: MemoryFile, content: bytes) -> None:
        """InvalidInput ``memory_file_empty`` for a file that has to say something."""
        if file.registered is not None and file.registered.protected and not content.strip():
            raise InvalidInput(
                f"File {file.filename} is protected and cannot be empty.", code="memory_file_empty"
            )

    def _names(self, prefix: str) -> Iterator[tuple[str, str]]:
        for scope in self.layers()[: 1 if prefix else None]:
            with self._host() as host:
                opened = self._opener.open(host, scope.user_id, scope.agent_id, "MEMORY.md", scope.layer)
                if prefix:
                    listed = opened.store.list_subtree(opened.scope, prefix)
                else:
                    listed = opened.store.list_layer(opened.scope)
                found = {each.filename for each in listed}
                if not prefix:
                    # Those that other programs look for elsewhere are in no layer's folder.
                    registered = opened.facts.registry.of_layer(scope.layer)
                    found |= {each.filename for each in registered if each.convention_path}
            yield from ((name, scope.layer) for name in sorted(found))

    @contextmanager
    def _opened(self, filename: str, layer: str | None) -> Iterator[MemoryFile]:
        with self._service.open(
            user_id=self.target.user_id,
            agent_id=self.target.agent_id,
            filename=filename,
            layer=layer,
            blog_id=self._request.blog_id,
        ) as file:
            if file.filename != filename:
                # Cleaning a name gives the name of another file.
                raise BadName(f'"{filename}" is not a name for a memory file.')
            yield file

    def _editable(self, file: MemoryFile) -> bool:
        if not self._may(file.scope, writes=True):
            return False
        with self._host() as host, host_context.bind(host):
            return self._access.editable(self._request.principal, file.registered, host)

    def _may(self, scope: Scope, *, writes: bool) -> bool:
        """Asked once for all files of a layer: names do not matter."""
        key = (scope.layer, scope.user_id, scope.agent_id, writes)
        if key not in self._known:
            self._known[key] = self._access.may(self._request.principal, scope, writes=writes)
        return self._known[key]

    def _require_editable(self, registered: RegisteredFile | None) -> None:
        with self._host() as host, host_context.bind(host):
            self._access.require_editable(self._request.principal, registered, host)

    def _host(self) -> AbstractContextManager[WordPressHost]:
        return self._opener.host(self._request.blog_id)
