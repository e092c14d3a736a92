"""``pipelines memory-files`` and ``flows memory-files``: which memory files belong to their prompts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sidecar.automation.errors import FlowNotFound, PipelineNotFound
from sidecar.automation.files.memory_files import MemoryFiles
from sidecar.commands.events import Event, Line, Notice, Success
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.errors import InvalidInput, NotFound


def attached_files(call: Invocation, kind: Literal["pipeline", "flow"]) -> Iterator[Event]:
    """Adds, removes or lists, for the pipeline or flow whose id is the second word."""
    usage = f"{kind.capitalize()} ID is required. Usage: datamachine {kind}s memory-files <id>"
    number = required_id(call.argument(1), usage)
    add, remove = call.option("add"), call.option("remove")
    if add is not None and remove is not None:
        raise InvalidInput("Cannot use both --add and --remove. Pick one.")
    try:
        if add is not None:
            yield from _add(call, kind, number, add)
        elif remove is not None:
            yield from _remove(call, kind, number, remove)
        else:
            yield from _list(call, kind, number)
    except (PipelineNotFound, FlowNotFound) as error:
        raise NotFound(f"{kind.capitalize()} {number} not found", code=error.code) from None


def _add(call: Invocation, kind: Literal["pipeline", "flow"], number: int, name: str) -> Iterator[Event]:
    done = call.runtime.get(MemoryFiles).add(call.principal, kind, number, name)
    if done.changed:
        yield Success(f'Added "{done.name}" to {kind} {number}. Files: {", ".join(done.files)}')
    else:
        yield Notice(f'"{done.name}" is already attached to {kind} {number}.')


def _remove(call: Invocation, kind: Literal["pipeline", "flow"], number: int, name: str) -> Iterator[Event]:
    done = call.runtime.get(MemoryFiles).remove(call.principal, kind, number, name)
    if not done.changed:
        yield Notice(f'"{done.name}" is not attached to {kind} {number}.')
        return
    yield Success(f'Removed "{done.name}" from {kind} {number}.')
    yield Line(f"Remaining: {', '.join(done.files)}" if done.files else "No memory files attached.")


def _list(call: Invocation, kind: Literal["pipeline", "flow"], number: int) -> Iterator[Event]:
    files = call.runtime.get(MemoryFiles).attached(call.principal, kind, number)
    if call.format == "json":
        yield Line(pretty(files))
    elif files:
        yield from listing([{"filename": name} for name in files], ["filename"], call.format, "filename")
    else:
        yield Line(f"{kind.capitalize()} {number} has no memory files attached.")
