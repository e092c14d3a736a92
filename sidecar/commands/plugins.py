"""``plugins``: the Python plugins of this sidecar."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from sidecar.commands.events import Event
from sidecar.commands.invocation import Invocation
from sidecar.commands.run import listing
from sidecar.commands.synopsis import FIELDS, Group, format_option
from sidecar.hooks.plugins import Plugins

GROUP = Group("plugins", "List the Python plugins of the sidecar.")

COLUMNS = ["name", "source", "version", "status", "hooks", "registrations", "error"]


@GROUP.command(
    "list",
    "List Python plugins in the order they loaded, with what went wrong.",
    format_option(),
    FIELDS,
    details="Fields: name, source, location, version, status, hooks, registrations, error.",
)
def list_plugins(call: Invocation) -> Iterator[Event]:
    """One row a plugin; a failed one says why and has no effect on the others."""
    found = call.runtime.get(Plugins).found
    rows = [msgspec.structs.asdict(info) for info in found]
    yield from listing(rows, call.fields(COLUMNS), call.format, "name", "No plugins found.")
