"""``memory compose``: writing the files that are put together from sections."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.commands.events import Event, Failure, Line, Success, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory import GROUP
from sidecar.commands.memory_access import AGENT, enter, target
from sidecar.commands.synopsis import Flag, Positional, format_option
from sidecar.memory.composition import CompositionService

FIELDS = ["file", "slug", "priority", "label"]


@GROUP.command(
    "compose",
    "Write files that are composed from sections, such as AGENTS.md.",
    Positional("filename", "Only this file.", optional=True),
    AGENT,
    format_option("table", "json", "csv", "yaml"),
    Flag("list", "List the sections instead."),
    Flag("quiet", "Say nothing but errors."),
)
def compose(call: Invocation) -> Iterator[Event]:
    """What was written; a single file that could not be is an error, one of several is not."""
    enter(call, writes=not call.flag("list"))
    service = call.runtime.get(CompositionService)
    filename = call.argument(0) or None
    if call.flag("list"):
        yield from _list(call, service, filename)
        return
    whose = target(call)
    context = {"agent_id": whose.agent_id} if whose.agent_id else {"user_id": whose.user_id}
    results = service.compose(call.principal, filename, blog_id=call.blog_id, context=context)
    quiet = call.flag("quiet")
    if filename is not None:
        for result in results:
            if not result.success:
                yield Failure(result.message)
            elif not quiet:
                yield Success(result.message)
        return
    if quiet:
        return
    for result in results:
        yield Line(f"  [{'OK' if result.success else 'FAIL'}] {result.filename} — {result.message}")
    done = sum(result.success for result in results)
    yield Success(f"Regenerated {done} of {len(results)} composable file(s).")


def _list(call: Invocation, service: CompositionService, filename: str | None) -> Iterator[Event]:
    found = service.sections(filename, blog_id=call.blog_id)
    if found:
        rows = [
            {"file": each.file, "slug": each.slug, "priority": each.priority, "label": each.label}
            for each in found
        ]
        yield Table(rows, FIELDS, call.format)
    elif filename is not None:
        yield Line(f'No sections registered for "{filename}".')
    else:
        yield Line("No composable files registered.")
