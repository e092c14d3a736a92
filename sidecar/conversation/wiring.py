"""Offers the tool executor and the tool sources, and answers PHP's ``ToolExecutor::executeTool``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.conversation import request
from sidecar.conversation.sources import ToolSources
from sidecar.conversation.tools import ToolExecutor
from sidecar.errors import InvalidInput

if TYPE_CHECKING:
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Register services and handlers."""
    executor, sources = ToolExecutor(), ToolSources()
    sources.order("pipeline", ["adjacent_handlers", "static_registry"])
    runtime.provide(ToolExecutor, executor)
    runtime.provide(ToolSources, sources)

    def run_tool(call: Call) -> dict[str, Any]:
        """``tool.run {name, parameters, tools?, payload?, mode?, agent_id?, client_context?}``."""
        name, parameters = call.params.get("name"), _map(call.params.get("parameters"))
        if not isinstance(name, str) or not name:
            raise InvalidInput("tool.run needs the name of a tool.", code="tool_name_missing")
        running = request.current()
        if running is not None:
            return running.execute_tool(name, parameters)
        return executor.execute(
            name,
            parameters,
            _map(call.params.get("tools")),
            _map(call.params.get("payload")),
            mode=str(call.params.get("mode") or "chat"),
            agent_id=int(call.params.get("agent_id") or 0),
            client_context=_map(call.params.get("client_context")),
        )

    def run_source(call: Call) -> dict[str, Any]:
        """``tool.source {slug, mode, args}``: PHP asks one of our tool sources."""
        return sources.call(
            str(call.params.get("slug", "")), str(call.params.get("mode", "")), _map(call.params.get("args"))
        )

    runtime.handlers["tool.run"] = run_tool
    runtime.handlers["tool.source"] = run_source


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
