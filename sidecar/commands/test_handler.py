"""``test``: run a fetch handler once and look at what it brings; also ``fetch test``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from sidecar.automation.flows import step_config
from sidecar.automation.handlers.service import HandlersService
from sidecar.commands.events import Event, Line, Notice, Success
from sidecar.commands.handlers import fields as describe
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import Assoc, Command, Flag, Positional, format_option
from sidecar.db import php_json
from sidecar.errors import InvalidInput

__all__ = ["COMMAND"]

_BODY = 80  # characters of a packet's body that a table shows


def _test(call: Invocation) -> Iterator[Event]:
    """A packet a row. Nothing is claimed, marked or stored."""
    slug = call.argument(0) or call.option("handler")
    service = call.runtime.get(HandlersService)
    flow = call.option("flow")
    if call.flag("list") or (slug is None and flow is None and not call.flag("describe")):
        yield from _list(call)
        return
    if call.flag("describe"):
        yield from _describe(call, slug)
        return
    report = service.test(
        call.principal,
        slug,
        _config(call.option("config")),
        flow_id=None if flow is None else call.integer("flow", 0),
        limit=max(1, call.integer("limit", 5)),
    )
    if call.format == "json":
        yield Line(pretty({"success": True, **msgspec.structs.asdict(report)}))
        return
    for warning in report.warnings:
        yield Notice(warning)
    if report.packets or call.format != "table":
        rows: list[dict[str, object]] = [_row(packet) for packet in report.packets]
        yield from listing(rows, ["title", "body", "item_identifier", "source_url"], call.format, "title")
    if call.format == "table":
        said = (
            f"{report.handler_label}: {report.packet_count} packet(s) in {report.execution_time_ms:.0f} ms."
        )
        yield Success(said) if report.packets else Line(said)


def _list(call: Invocation) -> Iterator[Event]:
    service = call.runtime.get(HandlersService)
    rows: list[dict[str, object]] = [
        {"slug": slug, "label": entry.get("label", ""), "type": entry.get("type", "")}
        for slug, entry in service.all(call.principal).items()
        if entry.get("type") in step_config.FETCHING
    ]
    yield from listing(rows, ["slug", "label", "type"], call.format, "slug", "No fetch handlers registered.")
    if rows and call.format == "table":
        yield Line(f"Total: {len(rows)} fetch handler(s).")


def _describe(call: Invocation, slug: str | None) -> Iterator[Event]:
    """Its settings, a row each; json says of which handler they are."""
    if slug is None:
        raise InvalidInput("Name the handler to describe.")
    if call.format == "json":
        service = call.runtime.get(HandlersService)
        about, fields = service.get(call.principal, slug), service.fields(call.principal, slug)
        kind = {"handler_slug": slug, "label": about.get("label", ""), "type": about.get("type", "")}
        yield Line(pretty({**kind, "fields": {key: field.spec() for key, field in fields.items()}}))
        return
    yield from describe(
        Invocation(call.runtime, call.command, call.terminal, (slug,), call.assoc, call.principal)
    )


def _config(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return {}
    try:
        found = php_json.loads(text)
    except php_json.NotJson:
        raise InvalidInput("--config is no JSON.") from None
    if not isinstance(found, dict):
        raise InvalidInput("--config must be a JSON object.")
    return found


def _row(packet: Mapping[str, Any]) -> dict[str, object]:
    data, about = packet.get("data") or {}, packet.get("metadata") or {}
    body = " ".join(str(data.get("body") or "").split())
    return {
        "title": data.get("title") or "",
        "body": body if len(body) <= _BODY else f"{body[:_BODY]}...",
        "item_identifier": about.get("item_identifier") or "",
        "source_url": about.get("source_url") or about.get("permalink") or "",
    }


COMMAND = Command(
    ("test",),
    "Run a fetch handler once and show what it brings.",
    (
        Positional("handler", "The handler.", optional=True),
        Assoc("handler", "The handler, as an option.", value="slug"),
        Assoc("config", "Its settings.", value="json"),
        Assoc("flow", "Take handler and settings from this flow's fetch step.", value="id"),
        Assoc("limit", "How many packets to show.", value="number", default="5"),
        format_option("table", "json", "csv", "yaml"),
        Flag("list", "List the handlers that can be tried, as without any other word."),
        Flag("describe", "Show the handler's settings instead."),
    ),
    _test,
    "Items count as new, and stay so: nothing is claimed or marked as processed.",
    (("fetch", "test"),),
)
