"""What a store answers, as PHP's stand-ins for stores read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sidecar.memory.host_store import wire
from sidecar.memory.values import ListEntry, ReadResult, WriteResult


def read(found: ReadResult) -> dict[str, Any]:
    """``{exists, content, hash, bytes, updated_at}``."""
    return {
        "exists": found.exists,
        "content": wire(found.content),
        "hash": found.hash,
        "bytes": found.size,
        "updated_at": found.updated_at,
    }


def written(result: WriteResult) -> dict[str, Any]:
    """``{success, hash, bytes, error}``."""
    return {"success": result.success, "hash": result.hash, "bytes": result.size, "error": result.error}


def entries(found: Iterable[ListEntry]) -> list[dict[str, Any]]:
    """``[{filename, layer, bytes, updated_at}, ...]``."""
    return [
        {"filename": each.filename, "layer": each.layer, "bytes": each.size, "updated_at": each.updated_at}
        for each in found
    ]
