"""Scopes and results: the memory contracts as Python sees them."""

from __future__ import annotations

from hashlib import sha1
from typing import Any

import msgspec

SHARED, AGENT, USER, NETWORK = LAYERS = ("shared", "agent", "user", "network")

#: Why a store did not do what it was asked.
CONFLICT, CAPABILITY, IO, MISSING = "conflict", "capability", "io", "not_found"
#: The file would be larger than any store is given.
TOO_LARGE = "too_large"

#: Largest file, bytes: refused with :data:`TOO_LARGE` before anything is written.
MAX_BYTES = 10 * 1024 * 1024


class Scope(msgspec.Struct, frozen=True):
    """Address of one memory file.

    ``agent_id`` 0 means the agent of the user, ``user_id`` 0 no user. Nothing is checked here.
    """

    layer: str
    user_id: int
    agent_id: int
    filename: str

    @property
    def key(self) -> str:
        """For example ``agent:7:42:MEMORY.md``."""
        return f"{self.layer}:{self.user_id}:{self.agent_id}:{self.filename}"

    def params(self) -> dict[str, Any]:
        """The scope as parameters of a bridge call."""
        return {
            "layer": self.layer,
            "user_id": self.user_id,
            "agent_id": self.agent_id,
            "filename": self.filename,
        }


class ReadResult(msgspec.Struct, frozen=True):
    """A file's content and its size in bytes; ``hash`` is its sha1, ``updated_at`` a Unix time."""

    exists: bool
    content: bytes = b""
    hash: str = ""
    size: int = 0
    updated_at: int | None = None

    @classmethod
    def of(cls, content: bytes, updated_at: int | None = None) -> ReadResult:
        """The result for a file that exists."""
        return cls(True, content, digest(content), len(content), updated_at)


class WriteResult(msgspec.Struct, frozen=True):
    """``error`` is None on success, else one of the reasons above."""

    success: bool
    hash: str = ""
    size: int = 0
    error: str | None = None

    @classmethod
    def ok(cls, hash: str, size: int) -> WriteResult:
        return cls(True, hash, size)

    @classmethod
    def failure(cls, error: str) -> WriteResult:
        return cls(False, error=error)


class ListEntry(msgspec.Struct, frozen=True):
    """One file of a layer, named relative to the layer's root."""

    filename: str
    layer: str
    size: int
    updated_at: int | None


NOT_FOUND = ReadResult(False)


def digest(content: bytes) -> str:
    """The hash compare-and-swap goes by."""
    return sha1(content).hexdigest()


def text(content: bytes) -> str:
    """Content as text; bytes that are no UTF-8 survive a round trip through :func:`raw`."""
    return content.decode("utf-8", "surrogateescape")


def raw(content: str | bytes) -> bytes:
    """Text as content."""
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
