"""What can go wrong with a memory file, one error each: the doors translate nothing but codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidecar.errors import Internal, InvalidInput, NotFound
from sidecar.memory.values import CAPABILITY, CONFLICT, TOO_LARGE, WriteResult


class FileMissing(NotFound):
    """There is no such memory file."""

    code = "memory_file_not_found"


class SectionMissing(NotFound):
    """The file has no such section; ``data["available_sections"]`` names those it has."""

    code = "memory_section_not_found"


class BadSection(InvalidInput):
    """No section can have that name: it is empty, or longer than a line."""

    code = "memory_section_invalid"


class BadContent(InvalidInput):
    """Text that UTF-8 cannot hold: half of a surrogate pair."""

    code = "memory_content_invalid"


class MemoryWriteFailed(Internal):
    """The store did not take it; ``data["error"]`` is its reason: ``conflict``, ``io`` and so on."""

    code = "memory_write_failed"


class MemoryConflict(MemoryWriteFailed):
    """Somebody else changed the file; ``data["hash"]`` is that of what is stored, '' when nothing is."""

    code = "memory_conflict"
    status = 409


class MemoryRefused(MemoryWriteFailed):
    """A name or a kind of file that the store does not take."""

    code = "memory_write_refused"
    status = 403


class MemoryTooLarge(MemoryWriteFailed):
    """More bytes than a memory file may have."""

    code = "memory_too_large"
    status = 413


_BY_REASON: dict[str | None, type[MemoryWriteFailed]] = {
    CONFLICT: MemoryConflict,
    CAPABILITY: MemoryRefused,
    TOO_LARGE: MemoryTooLarge,
}


def write_failed(
    message: str, result: WriteResult, stored: Callable[[], str] | None = None
) -> MemoryWriteFailed:
    """The error for a refused write; ``stored`` answers the hash of what the store has, for conflicts."""
    data: dict[str, Any] = {"error": result.error}
    if result.error == CONFLICT and stored is not None:
        data["hash"] = stored()
    return _BY_REASON.get(result.error, MemoryWriteFailed)(f"{message} ({result.error}).", data=data)
