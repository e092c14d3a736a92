"""An agent's files as a person sees them: one list over its layers, and whole files by name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import msgspec

from sidecar.host.context import WordPressHost
from sidecar.identity import Principal
from sidecar.memory.access import MemoryAccess
from sidecar.memory.daily import DailyMemory
from sidecar.memory.service import MemoryService


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
    ) -> None:
        self._memory = memory
        self._access = access
        self._daily = daily
        self._host = host

    def list(self, principal: Principal, *, user_id: int = 0, agent_id: int = 0) -> list[dict[str, Any]]:
        """Entries as ``GET /files/agent`` shows them.

        ``{filename, size, modified, type: "core", layer, protected, editable, modes, registered, label,
        description}``: registered files that exist in the registry's order, then the others of the layers
        shared, agent and user (the first layer wins a name), then, when there is any, one ``{filename:
        "daily", type: "daily_summary", month_count, day_count, months}``.
        """
        raise NotImplementedError

    def get(
        self, principal: Principal, filename: str, *, user_id: int = 0, agent_id: int = 0
    ) -> StoredFile:
        """A file, looked for in the layer it is registered for, then agent, user, shared; FileMissing."""
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError


def moment(updated_at: int | None) -> str:
    """A Unix time in ISO 8601, UTC; '' for none."""
    return "" if updated_at is None else datetime.fromtimestamp(updated_at, UTC).isoformat()
