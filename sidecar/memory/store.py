"""What a memory store is, wherever it keeps things."""

from __future__ import annotations

from typing import Protocol

from sidecar.memory.values import ListEntry, ReadResult, Scope, WriteResult


class Store(Protocol):
    """Whole files by scope. Sections, permissions and scaffolding are the caller's business."""

    @property
    def absent(self) -> str | None:
        """The ``if_match`` that means "only when there is no such file"; None when the store knows none."""
        ...

    def read(self, scope: Scope) -> ReadResult:
        """The file, or a result that does not exist."""
        ...

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        """Replace the file; ``conflict`` when ``if_match`` is not the hash of what is stored."""
        ...

    def exists(self, scope: Scope) -> bool: ...

    def delete(self, scope: Scope) -> WriteResult:
        """Remove the file; succeeds when there is none."""
        ...

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        """Files at the top of the layer; the scope's file name is ignored."""
        ...

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        """Files below a folder, at any depth, named relative to the layer's root."""
        ...
