"""Content that PHP gives piece by piece, so that neither side holds a message many times its size."""

from __future__ import annotations

from typing import Any

from sidecar.bridge import Handle
from sidecar.errors import InvalidInput
from sidecar.memory.failures import MemoryTooLarge
from sidecar.memory.values import MAX_BYTES, TOO_LARGE, raw

#: Bytes of one piece.
PIECE = 256 * 1024


def content_of(value: Any) -> bytes:
    """The content of a call's parameter: text, bytes, or what PHP's ``StoreProxy::pieces()`` sent for them.

    InvalidInput for anything else; MemoryTooLarge when PHP offers more than a file may have.
    """
    if isinstance(value, str | bytes):
        return raw(value)
    if not isinstance(value, Handle):
        raise InvalidInput("Content is text.")
    parts: list[bytes] = []
    size = 0
    while True:
        part = value(size, PIECE)
        if not isinstance(part, str | bytes):
            raise InvalidInput("A piece of content is text.")
        data = raw(part)
        parts.append(data)
        size += len(data)
        if size > MAX_BYTES:
            raise MemoryTooLarge("A memory file has ten megabytes at most.", data={"error": TOO_LARGE})
        if len(data) < PIECE:
            return b"".join(parts)
