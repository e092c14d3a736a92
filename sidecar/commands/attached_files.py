"""``pipelines memory-files`` and ``flows memory-files``: which memory files belong to their prompts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sidecar.commands.events import Event, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.errors import InvalidInput


class Attached(Protocol):
    """The files of one pipeline or flow."""

    def list(self) -> Sequence[str]: ...

    def add(self, filename: str) -> tuple[bool, Sequence[str]]:
        """Whether it is new, and all of them."""
        ...

    def remove(self, filename: str) -> tuple[bool, Sequence[str]]:
        """Whether it was there, and what is left."""
        ...


def attached_files(call: Invocation, noun: str, number: int, files: Attached) -> Iterator[Event]:
    """Adds, removes or lists; ``noun`` is ``pipeline`` or ``flow``."""
    add, remove = call.option("add"), call.option("remove")
    if add is not None and remove is not None:
        raise InvalidInput("Cannot use both --add and --remove. Pick one.")
    if add is not None:
        new, left = files.add(add)
        if new:
            yield Success(f'Added "{add}" to {noun} {number}. Files: {", ".join(left)}')
        else:
            yield Notice(f'"{add}" is already attached to {noun} {number}.')
        return
    if remove is not None:
        was, left = files.remove(remove)
        if not was:
            yield Notice(f'"{remove}" is not attached to {noun} {number}.')
            return
        yield Success(f'Removed "{remove}" from {noun} {number}.')
        yield Line(f"Remaining: {', '.join(left)}" if left else "No memory files attached.")
        return
    names = list(files.list())
    if call.format == "json":
        yield Line(pretty(names))
    elif names:
        yield Table([{"filename": name} for name in names], ["filename"], call.format)
    else:
        yield Line(f"{noun.capitalize()} {number} has no memory files attached.")
