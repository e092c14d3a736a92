"""``step-types``: what a pipeline can be made of."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.automation.handlers.service import HandlersService
from sidecar.commands.events import Event, Line, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import Group, Positional, format_option
from sidecar.db import php_json

GROUP = Group("step-types", "List the types of steps, show one.", aliases=("step-type",))


@GROUP.command("list", "List step types.", format_option())
def list_step_types(call: Invocation) -> Iterator[Event]:
    """One row a type."""
    found = call.runtime.get(HandlersService).step_types(call.principal)
    rows: list[dict[str, object]] = [
        {
            "slug": slug,
            "label": entry.get("label", ""),
            "uses_handler": _yes(entry.get("uses_handler")),
            "multi_handler": _yes(entry.get("multi_handler")),
        }
        for slug, entry in found.items()
    ]
    yield from listing(rows, ["slug", "label", "uses_handler", "multi_handler"], call.format, "slug")


@GROUP.command(
    "get",
    "Show a step type.",
    Positional("slug", "The type."),
    format_option("table", "json", "yaml"),
)
def get(call: Invocation) -> Iterator[Event]:
    """One row a property; json has the definition."""
    definition, _config = call.runtime.get(HandlersService).step_type(call.principal, call.argument(0) or "")
    if call.format == "json":
        yield Line(pretty(definition))
        return
    rows: list[dict[str, object]] = [
        {"property": key, "value": _shown(value)} for key, value in definition.items()
    ]
    yield from listing(rows, ["property", "value"], call.format, "property")


@GROUP.command("validate", "Check that a step type exists.", Positional("slug", "The type."))
def validate(call: Invocation) -> Iterator[Event]:
    """Ends with an error for an unknown one."""
    slug = call.argument(0) or ""
    call.runtime.get(HandlersService).step_type(call.principal, slug)
    yield Success(f"Step type '{slug}' is valid.")


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _yes(value)
    return value if isinstance(value, str) else php_json.dumps(value)
