"""``handlers``: what fetch, publish and upsert steps can use."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.automation.handlers.service import HandlersService
from sidecar.commands.events import Event, Line, Success
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import Assoc, Group, Positional, format_option
from sidecar.db import php_json

GROUP = Group("handlers", "List handlers, show their settings.", aliases=("handler",))

_FORMATS = ("table", "json", "csv", "yaml")


@GROUP.command(
    "list",
    "List handlers.",
    Assoc("step-type", "Only handlers of this type of step.", value="step_type"),
    Assoc("handler", "Only this handler.", value="slug"),
    format_option(),
)
def list_handlers(call: Invocation) -> Iterator[Event]:
    """One row a handler."""
    found = call.runtime.get(HandlersService).all(call.principal, call.option("step-type"))
    wanted = call.option("handler")
    rows: list[dict[str, object]] = [
        {"slug": slug, "label": entry.get("label", ""), "step_type": entry.get("type", "")}
        for slug, entry in found.items()
        if wanted in (None, slug)
    ]
    yield from listing(rows, ["slug", "label", "step_type"], call.format, "slug", "No handlers found.")


@GROUP.command(
    "fields",
    "Show the settings of a handler.",
    Positional("slug", "The handler."),
    format_option(*_FORMATS),
)
def fields(call: Invocation) -> Iterator[Event]:
    """One row a setting; json has the whole specifications."""
    slug = call.argument(0) or ""
    found = call.runtime.get(HandlersService).fields(call.principal, slug)
    if call.format == "json":
        yield Line(pretty({key: field.spec() for key, field in found.items()}))
        return
    rows: list[dict[str, object]] = [
        {
            "field": key,
            "type": field.type,
            "label": field.label,
            "required": "yes" if field.required else "no",
            "default": "" if field.default is None else _shown(field.default),
        }
        for key, field in found.items()
    ]
    columns = ["field", "type", "label", "required", "default"]
    yield from listing(rows, columns, call.format, "field", f"Handler '{slug}' has no settings.")


@GROUP.command(
    "defaults",
    "Show what this site uses for settings that a step does not have.",
    Positional("slug", "The handler; all of them without.", optional=True),
    format_option("table", "json"),
)
def defaults(call: Invocation) -> Iterator[Event]:
    """``handler``, ``field``, ``default``; json by slug."""
    slug = call.argument(0)
    found = call.runtime.get(HandlersService).site_defaults(call.principal, slug)
    if call.format == "json":
        yield Line(pretty(found))
        return
    by_slug = {slug: found} if slug else found
    rows: list[dict[str, object]] = [
        {"handler": name, "field": key, "default": _shown(value)}
        for name, values in by_slug.items()
        for key, value in (values.items() if isinstance(values, dict) else ())
    ]
    columns = ["handler", "field", "default"]
    yield from listing(rows, columns, call.format, "handler", "No handler defaults are set.")


@GROUP.command(
    "validate",
    "Check that a handler exists.",
    Positional("slug", "The handler."),
    Assoc("step-type", "It must be of this type of step.", value="step_type"),
)
def validate(call: Invocation) -> Iterator[Event]:
    """Ends with an error for an unknown one."""
    slug = call.argument(0) or ""
    call.runtime.get(HandlersService).get(call.principal, slug, call.option("step-type"))
    yield Success(f"Handler '{slug}' is valid.")


def _shown(value: object) -> str:
    return value if isinstance(value, str) else php_json.dumps(value)
