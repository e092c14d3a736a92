"""Offers the tool executor, the tool sources and pending actions, and answers what PHP asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.abilities import Registry
from sidecar.conversation import abilities, request
from sidecar.conversation.abilities import PendingActionAbilities
from sidecar.conversation.pending_actions import PendingActions
from sidecar.conversation.sources import ToolSources
from sidecar.conversation.staging import Staging
from sidecar.conversation.tools import ToolExecutor
from sidecar.errors import InvalidInput
from sidecar.identity import AgentsRepository, Permissions
from sidecar.identity.wire import principal_of
from sidecar.memory.self_memory import KIND as SELF_MEMORY
from sidecar.memory.self_memory import SelfMemory

if TYPE_CHECKING:
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Register services and handlers."""
    pending = PendingActions(runtime.hosts, lambda: runtime.get(Permissions), runtime.clock)
    runtime.provide(PendingActions, pending)
    agents = runtime.get(AgentsRepository)

    def rules(agent_id: int) -> dict[str, Any]:
        agent = agents.get(agent_id)
        return {} if agent is None else _map(agent.agent_config.get("action_policy"))

    executor, sources = ToolExecutor(Staging(pending).stage, rules), ToolSources()
    sources.order("pipeline", ["adjacent_handlers", "static_registry"])
    runtime.provide(ToolExecutor, executor)
    runtime.provide(ToolSources, sources)
    runtime.get(Registry).add(abilities.RESOLVE, PendingActionAbilities(pending).resolve)
    self_memory = runtime.get(SelfMemory)
    pending.handle(SELF_MEMORY, self_memory.accept, self_memory.may_resolve)

    def apply_pending(call: Call) -> Any:
        """``pending.apply {kind, payload, principal}``: PHP code accepts an action of one of our kinds."""
        principal = principal_of(call, agents)
        return pending.apply(principal, str(call.params.get("kind", "")), _map(call.params.get("payload")))

    def stage_pending(call: Call) -> dict[str, Any]:
        """``pending.stage``: ``PendingActionHelper::stage`` of PHP, with the array it takes."""
        given = call.params
        return pending.stage(
            str(given.get("kind") or ""),
            str(given.get("summary") or ""),
            _map(given.get("apply_input")),
            preview=_map(given.get("preview_data")),
            agent_id=_id(given.get("agent_id")),
            user_id=_id(given.get("user_id")),
            context=_map(given.get("context")),
            action_id=str(given.get("action_id") or ""),
        )

    runtime.handlers["pending.apply"] = apply_pending
    runtime.handlers["pending.stage"] = stage_pending

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


def _id(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
