"""When a memory file is large for a prompt."""

from __future__ import annotations

#: Bytes. Larger files are still written and read; people are told that they cost prompt space.
MAX_FILE_SIZE = 8192


def warning(filename: str, size: int) -> str | None:
    """A sentence for people, None for a file of sensible size."""
    if size <= MAX_FILE_SIZE:
        return None
    return (
        f"{filename} has {_shown(size)}, more than the recommended {_shown(MAX_FILE_SIZE)}. "
        "It is part of every prompt: consider moving what is rarely needed to daily memory."
    )


def _shown(size: int) -> str:
    """A size as ``size_format()`` prints it for files of this magnitude."""
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.0f} MB"
