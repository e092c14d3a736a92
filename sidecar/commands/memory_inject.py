"""``memory inject``: what a prompt of an agent begins with."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sidecar.commands.events import Event, Line, Notice, Table
from sidecar.commands.invocation import Invocation
from sidecar.commands.memory import GROUP
from sidecar.commands.memory_access import AGENT, enter, target
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, format_option
from sidecar.memory import Injection

FIELDS = ["file", "layer", "source", "priority", "bytes"]


@GROUP.command(
    "inject",
    "Print an agent's memory as a prompt of a mode begins with it.",
    AGENT,
    Assoc("mode", "chat, pipeline, system, or a mode of a plugin.", default="chat"),
    Assoc("pipeline", "With the files attached to this pipeline.", value="id"),
    Assoc("flow", "With the files attached to this flow.", value="id"),
    format_option("text", "json", "table", "csv", "yaml", default="text"),
)
def inject(call: Invocation) -> Iterator[Event]:
    """The texts in their order, or what they are; nothing is made or composed for it."""
    enter(call)
    named = {"pipeline_id": call.integer("pipeline", 0), "flow_id": call.integer("flow", 0)}
    parts = call.runtime.get(Injection).assemble(
        call.principal,
        target(call),
        call.option("mode", "chat") or "chat",
        context={name: number for name, number in named.items() if number > 0},
    )
    if call.format == "json":
        yield Line(pretty(msgspec.to_builtins(parts)))
        return
    if call.format == "text":
        for number, part in enumerate(parts):
            if number:
                yield Line()
            yield Line(part.content)
    else:
        rows = [
            {
                "file": part.filename,
                "layer": part.layer,
                "source": part.source,
                "priority": part.priority,
                "bytes": part.bytes,
            }
            for part in parts
        ]
        yield Table(rows, FIELDS, call.format)
    for part in parts:
        if part.warning is not None:
            yield Notice(part.warning)
