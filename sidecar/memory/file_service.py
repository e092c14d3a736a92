"""An agent's files as a person sees them: one list over its layers, and whole files by name."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec

from sidecar.errors import Forbidden, InvalidInput
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Principal
from sidecar.memory.access import MemoryAccess, Target
from sidecar.memory.daily import DailyMemory
from sidecar.memory.places import SiteFacts
from sidecar.memory.reach import checked
from sidecar.memory.registry import RegisteredFile, Registry
from sidecar.memory.service import ABSENT, FileMissing, MemoryFile, MemoryService
from sidecar.memory.values import AGENT, SHARED, USER, ReadResult, Scope, raw

WRITABLE_LAYERS = (SHARED, AGENT, USER)
EMPTY, PROTECTED = "agent_file_empty", "agent_file_protected"
#: Opens a layer for a listing, which ignores the name.
_ANY = "MEMORY.md"


class StoredFile(msgspec.Struct, frozen=True):
    """One file with its content."""

    filename: str
    layer: str
    content: bytes
    #: sha1 of the content: the ETag.
    hash: str
    size: int
    #: Unix time; None when the store does not know.
    updated_at: int | None

    @property
    def modified(self) -> str:
        """ISO 8601 in UTC, '' when unknown."""
        return moment(self.updated_at)


class SavedFile(msgspec.Struct, frozen=True):
    """A file as it was written."""

    filename: str
    layer: str
    hash: str
    size: int
    #: What :attr:`sidecar.memory.service.Written.warning` says.
    warning: str | None = None


class FilesService:
    """Files of an agent for every door; who may is asked here.

    ``user_id`` and ``agent_id`` say whose (:meth:`MemoryAccess.target`). Unauthorized or Forbidden
    ``rest_forbidden`` for those who may not, BadName for a name that leads elsewhere.
    """

    def __init__(
        self,
        memory: MemoryService,
        access: MemoryAccess,
        daily: DailyMemory,
        host: Callable[[int | None], AbstractContextManager[WordPressHost]],
        facts: Callable[[WordPressHost], SiteFacts],
    ) -> None:
        self._memory = memory
        self._access = access
        self._daily = daily
        self._host = host
        self._facts = facts

    def list(self, principal: Principal, *, user_id: int = 0, agent_id: int = 0) -> list[dict[str, Any]]:
        """Entries as ``GET /files/agent`` shows them.

        ``{filename, size, modified, type: "core", layer, protected, editable, modes, registered, label,
        description}``: registered files that exist in the registry's order, then the others of the layers
        shared, agent and user (the first layer wins a name), then, when there is any, one ``{filename:
        "daily", type: "daily_summary", month_count, day_count, months}``. Layers that are not the principal's
        to read are left out.
        """
        target = self._access.target(principal, user_id=user_id, agent_id=agent_id)
        self._access.require(principal, Scope(AGENT, target.user_id, target.agent_id, ""), writes=False)
        with self._wordpress() as host:
            registry = self._facts(host).registry
            entries = [
                *self._registered(principal, target, registry, host),
                *self._others(principal, target, registry),
            ]
            months = self._daily.list_all(principal, user_id=target.user_id, agent_id=target.agent_id)
        if months:
            entries.append(
                {
                    "filename": "daily",
                    "type": "daily_summary",
                    "month_count": len(months),
                    "day_count": sum(len(days) for days in months.values()),
                    "months": months,
                }
            )
        return entries

    def get(self, principal: Principal, filename: str, *, user_id: int = 0, agent_id: int = 0) -> StoredFile:
        """A file, looked for in the layer it is registered for, then agent, user, shared; FileMissing."""
        target = self._access.target(principal, user_id=user_id, agent_id=agent_id)
        with self._wordpress(), self._found(principal, target, filename, writes=False) as (file, found):
            return StoredFile(
                file.filename,
                file.scope.layer,
                found.content,
                found.hash,
                len(found.content),
                found.updated_at,
            )

    def put(
        self,
        principal: Principal,
        filename: str,
        content: str | bytes,
        *,
        layer: str | None = None,
        if_match: str | None = None,
        only_new: bool = False,
        user_id: int = 0,
        agent_id: int = 0,
    ) -> SavedFile:
        """Write a file in ``layer`` (shared, agent, user), else where it is registered, else the agent's.

        ``if_match`` is the hash the stored file must have, ``only_new`` says there must be none. ReadOnly;
        InvalidInput ``agent_file_empty`` for a protected file without content; MemoryWriteFailed.
        """
        if layer and layer not in WRITABLE_LAYERS:
            raise InvalidInput(f'There is no layer "{layer}" to write to.', code="invalid_memory_layer")
        data = raw(checked(content))
        target = self._access.target(principal, user_id=user_id, agent_id=agent_id)
        with self._wordpress() as host, self._open(target, filename, layer) as file:
            self._access.require(principal, file.scope, writes=True)
            self._access.require_editable(principal, file.registered, host)
            if file.registered is not None and file.registered.protected and not data.strip():
                raise InvalidInput(f"{file.filename} is protected and cannot be empty.", code=EMPTY)
            written = file.replace_all(data, if_match=ABSENT if only_new else if_match)
            return SavedFile(
                file.filename, file.scope.layer, written.hash, written.file_size, written.warning
            )

    def delete(
        self,
        principal: Principal,
        filename: str,
        *,
        if_match: str | None = None,
        user_id: int = 0,
        agent_id: int = 0,
    ) -> str:
        """Remove a file, found as :meth:`get` finds it; gives a sentence for people.

        Forbidden ``agent_file_protected``, ReadOnly, FileMissing, MemoryWriteFailed.
        """
        target = self._access.target(principal, user_id=user_id, agent_id=agent_id)
        with (
            self._wordpress() as host,
            self._found(principal, target, filename, writes=True) as (file, _),
        ):
            if file.registered is not None and file.registered.protected:
                raise Forbidden(f"Cannot delete protected file: {file.filename}", code=PROTECTED)
            self._access.require_editable(principal, file.registered, host, how="deleted")
            file.delete(if_match=if_match)
            return f"File {file.filename} deleted"

    def _registered(
        self, principal: Principal, target: Target, registry: Registry, host: WordPressHost
    ) -> Iterator[dict[str, Any]]:
        for entry in registry:
            with self._open(target, entry.filename, entry.layer) as file:
                if not self._access.may(principal, file.scope, writes=False):
                    continue
                found = file.read()
                if found.exists:
                    editable = self._access.editable(principal, entry, host)
                    editable = editable and self._access.may(principal, file.scope, writes=True)
                    yield _document(entry, len(found.content), found.updated_at, editable, True)

    def _others(self, principal: Principal, target: Target, registry: Registry) -> Iterator[dict[str, Any]]:
        seen = {entry.filename for entry in registry}
        for layer in WRITABLE_LAYERS:
            with self._open(target, _ANY, layer) as any_file:
                if not self._access.may(principal, any_file.scope, writes=False):
                    continue
                editable = self._access.may(principal, any_file.scope, writes=True)
                for each in sorted(any_file.list_layer(), key=lambda found: found.filename):
                    if each.filename not in seen:
                        seen.add(each.filename)
                        entry = RegisteredFile(each.filename, layer, modes=(), label=_label(each.filename))
                        yield _document(entry, each.size, each.updated_at, editable, False)

    @contextmanager
    def _found(
        self, principal: Principal, target: Target, filename: str, *, writes: bool
    ) -> Iterator[tuple[MemoryFile, ReadResult]]:
        """The file in the first layer that has it. Whoever may not look into its own layer is refused."""
        with self._open(target, filename, None) as file:
            home, name = file.scope.layer, file.filename
            self._access.require(principal, file.scope, writes=False)
        for layer in dict.fromkeys((home, AGENT, USER, SHARED)):
            with self._open(target, name, layer) as file:
                if not self._access.may(principal, file.scope, writes=False):
                    continue
                found = file.read()
                if found.exists:
                    if writes:
                        self._access.require(principal, file.scope, writes=True)
                    yield file, found
                    return
        raise FileMissing(f"File {name} not found")

    @contextmanager
    def _wordpress(self) -> Iterator[WordPressHost]:
        """One process for all that is asked inside the block."""
        with self._host(None) as host, host_context.bind(host):
            yield host

    def _open(self, target: Target, filename: str, layer: str | None) -> AbstractContextManager[MemoryFile]:
        return self._memory.open(
            user_id=target.user_id, agent_id=target.agent_id, filename=filename, layer=layer or None
        )


def moment(updated_at: int | None) -> str:
    """A Unix time in ISO 8601, UTC; '' for none."""
    return "" if updated_at is None else datetime.fromtimestamp(updated_at, UTC).isoformat()


def _document(
    entry: RegisteredFile, size: int, updated_at: int | None, editable: bool, registered: bool
) -> dict[str, Any]:
    return {
        "filename": entry.filename,
        "size": size,
        "modified": moment(updated_at),
        "type": "core",
        "layer": entry.layer,
        "protected": entry.protected,
        "editable": editable,
        "modes": builtins.list(entry.modes),
        "registered": registered,
        "label": entry.label,
        "description": entry.description,
    }


def _label(filename: str) -> str:
    """What the registry would call a file that nobody has named: ``site-notes.md`` is ``Site Notes``."""
    words = filename.rsplit(".", 1)[0].replace("-", " ").replace("_", " ").split(" ")
    return " ".join(word[:1].upper() + word[1:] for word in words)
