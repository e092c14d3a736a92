"""``system``: what this WordPress and the product in it are like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sidecar.commands.events import Event, Line
from sidecar.commands.invocation import Invocation
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Group, format_option
from sidecar.db import php_json
from sidecar.errors import InvalidInput
from sidecar.host import context
from sidecar.identity import Permissions
from sidecar.runtime import Runtime

GROUP = Group("system", "Diagnose the product and its WordPress.")


@GROUP.command(
    "health",
    "Run health checks inside WordPress.",
    Assoc("types", "Check types, separated by commas; all default ones when absent."),
    format_option("table", "json"),
)
def health(call: Invocation) -> Iterator[Event]:
    """Each check's result; plugins add checks with the filter ``datamachine_system_health_checks``."""
    call.runtime.get(Permissions).require(call.principal, "manage_settings")
    wanted = [part.strip() for part in (call.option("types") or "").split(",") if part.strip()]
    report = _report(call.runtime, wanted, call.blog_id)
    available = [str(name) for name in report["available"]]
    unknown = [name for name in wanted if name not in available and name != "all"]
    if unknown:
        raise InvalidInput(f"Unknown check type: {', '.join(unknown)}. Available: {', '.join(available)}")
    results = dict(report["results"])
    summary = ", ".join(f"{check['label']}: completed" for check in results.values())
    if call.format == "json":
        whole = {"success": True, "results": results, "summary": summary, "available": available}
        yield Line(php_json.dumps(whole))
        return
    yield Line(summary)
    for name, check in results.items():
        yield Line()
        yield Line(f"--- {check['label']} ---")
        yield from _system(check["result"]) if name == "system" else [Line(pretty(check["result"]))]
    yield Line()
    yield Line(f"Available check types: {', '.join(available)}")


def _system(result: Mapping[str, Any]) -> Iterator[Event]:
    registered = bool(result["rest_status"]["namespace_registered"])
    yield Line(f"  Plugin version: {result['version']}")
    yield Line(f"  PHP version:    {result['php_version']}")
    yield Line(f"  WP version:     {result['wp_version']}")
    yield Line(f"  Abilities:      {len(result['abilities'])} registered")
    yield Line(f"  REST API:       {'registered' if registered else 'NOT registered'}")


def _report(runtime: Runtime, types: list[str], blog_id: int) -> Mapping[str, Any]:
    """What WordPress says: the waiting process where there is one, else a clean one."""
    host = context.current()
    if host is not None:
        answer: Mapping[str, Any] = host.call("system.report", {"types": types})
        return answer
    with runtime.hosts.unit("rest", blog_id=blog_id) as unit:
        report: Mapping[str, Any] = unit.call("system.report", {"types": types})
        return report
