"""Running a tool: the one way in, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from sidecar import hooks
from sidecar.conversation import policy
from sidecar.host import context as hosts

#: A tool as it is offered: ``{class, method, description, parameters, handler?, handler_config?, modes,
#: ...}``.
Definition = Mapping[str, Any]
#: ``once(key, do, recover)``: see :meth:`sidecar.queue.effects.Effects.once`.
Once = Callable[[str, Callable[[], Any], Callable[[], Any] | None], Any]
#: Told about every call that succeeded: ``(call, result)``.
Observer = Callable[["ToolCall", Mapping[str, Any]], None]


class ToolCall(msgspec.Struct, frozen=True):
    """One call of one tool, as an implementation sees it."""

    name: str
    #: The payload of the conversation overlaid by the model's parameters: see :func:`merge`.
    parameters: Mapping[str, Any]
    definition: Definition
    mode: str
    agent_id: int
    #: The name of this call among all calls of the conversation, the same in every repetition; '' for none.
    key: str = ""


class Implementation(Protocol):
    """A tool written in Python."""

    def run(self, call: ToolCall) -> dict[str, Any]:
        """Do it; failures are answers with ``success: false``."""
        ...

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        """The answer of an earlier attempt at the same call that died; None when it certainly had no
        effect.
        """
        ...


#: ``stage(call, payload, client_context)``: see :meth:`sidecar.conversation.staging.Staging.stage`.
Stage = Callable[["ToolCall", Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
#: An agent's ``action_policy``, by the agent's id: see :func:`sidecar.conversation.policy.decide`.
Rules = Callable[[int], Mapping[str, Any]]
#: What runs a definition, None when the finder does not know it.
Finder = Callable[[Definition], Implementation | None]


class ToolExecutor:
    """Looks a tool up, checks its parameters and the action policy, and runs it."""

    def __init__(self, stage: Stage | None = None, rules: Rules = lambda _agent_id: {}) -> None:
        """``stage`` keeps a call that waits for approval (without it such a call is refused), ``rules`` reads
        what an agent's configuration says of its tools.
        """
        self._stage = stage
        self._rules = rules
        self._implementations: dict[str, Implementation] = {}
        self._finders: list[Finder] = []
        self._observers: list[Observer] = []

    def implement(self, class_name: str, implementation: Implementation) -> None:
        """Answer for the definitions that name this (PHP) class."""
        self._implementations[class_name] = implementation

    def look_in(self, finder: Finder) -> None:
        """Ask ``finder`` what runs a definition whose class nobody answers for."""
        self._finders.append(finder)

    def observe(self, observer: Observer) -> None:
        """Tell ``observer`` about calls that succeeded."""
        self._observers.append(observer)

    def execute(
        self,
        name: str,
        parameters: Mapping[str, Any],
        tools: Mapping[str, Definition],
        payload: Mapping[str, Any],
        *,
        mode: str,
        agent_id: int = 0,
        client_context: Mapping[str, Any] | None = None,
        once: Once | None = None,
        call_key: str = "",
    ) -> dict[str, Any]:
        """Run a tool. What goes wrong in looking up, checking and permitting is an answer, not an
        exception.
        """
        definition = tools.get(name)
        if not definition:
            return {"success": False, "error": f"Tool '{name}' not found", "tool_name": name}
        missing = missing_parameters(definition, parameters)
        if missing:
            error = (
                f"{display_name(name)} requires the following parameters: {', '.join(missing)}."
                " Please provide these parameters and try again."
            )
            return {"success": False, "error": error, "tool_name": name}
        client_context = client_context or {}
        decision = policy.decide(
            name,
            definition,
            mode=mode,
            agent_id=agent_id,
            client_context=client_context,
            rules=self._rules(agent_id) if agent_id else {},
        )
        call = ToolCall(name, merge(definition, payload, parameters), definition, mode, agent_id, call_key)
        if decision == "preview" and not definition.get("action_kind"):
            message = f'Tool "{name}" asks for a preview but names no kind of action: it runs directly'
            hooks.do_action("datamachine_log", "warning", message, {"tool_name": name, "mode": mode})
        elif decision == "preview" and self._stage is not None:
            return self._wait(self._stage, call, payload, client_context, once)
        elif decision != "direct":
            return policy.refusal(name, decision)
        result = self._run(call, once)
        if result.get("success"):
            for observer in self._observers:
                observer(call, result)
        return result

    @staticmethod
    def _wait(
        stage: Stage,
        call: ToolCall,
        payload: Mapping[str, Any],
        client_context: Mapping[str, Any],
        once: Once | None,
    ) -> dict[str, Any]:
        def do() -> dict[str, Any]:
            return stage(call, payload, client_context)

        # An action that may have been kept by an attempt that died is kept again: neither does anything
        # unless somebody accepts it.
        return do() if once is None else _result(once(call.key, do, lambda: None), call.name)

    def _run(self, call: ToolCall, once: Once | None) -> dict[str, Any]:
        known = self._implementation(call.definition)

        def do() -> dict[str, Any]:
            return known.run(call) if known is not None else _run_in_wordpress(call)

        if once is None:
            return do()
        recover = (lambda: known.recover(call)) if known is not None else None
        return _result(once(call.key, do, recover), call.name)

    def _implementation(self, definition: Definition) -> Implementation | None:
        known = self._implementations.get(str(definition.get("class", "")))
        if known is not None:
            return known
        return next((found for finder in self._finders if (found := finder(definition))), None)


def missing_parameters(definition: Definition, parameters: Mapping[str, Any]) -> list[str]:
    """Required parameters that are absent, null or empty."""
    asked = definition.get("parameters")
    if not isinstance(asked, Mapping):
        return []
    return [
        key
        for key, spec in asked.items()
        if isinstance(spec, Mapping) and spec.get("required") and parameters.get(key) in (None, "")
    ]


def merge(
    definition: Definition, payload: Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The payload overlaid by what the model gave, as far as the tool asks the model for it.

    A model reads strangers' texts. It must not say whose job or user a tool works for, as it can in Data
    Machine 0.102.8: what the tool does not declare never replaces what the conversation is about.
    """
    names = declared(definition)
    mine = {key: value for key, value in parameters.items() if key in names or key not in payload}
    return {**payload, **mine}


def declared(definition: Definition) -> Mapping[str, Any]:
    """The parameters a tool asks the model for, by name: a map, or the properties of an object's schema."""
    found = definition.get("parameters")
    if isinstance(found, Mapping) and found.get("type") == "object":
        found = found.get("properties", found)
    return found if isinstance(found, Mapping) else {}


def display_name(name: str) -> str:
    """``wordpress_publish`` is ``Wordpress Publish``."""
    return " ".join(word[:1].upper() + word[1:] for word in name.replace("-", "_").split("_"))


def is_handler_tool(definition: Definition | None) -> bool:
    """A tool of a handler carries the handler's slug."""
    return bool(definition) and "handler" in (definition or {})


def _run_in_wordpress(call: ToolCall) -> dict[str, Any]:
    """A tool that PHP registered runs in the WordPress this conversation belongs to."""
    host = hosts.current()
    if host is None:
        return {"success": False, "error": f"Tool '{call.name}' needs WordPress", "tool_name": call.name}
    ability = call.definition.get("ability")
    if ability and not call.definition.get("class") and not call.definition.get("method"):
        answer = host.execute_ability(str(ability), call.parameters)
        if isinstance(answer, Mapping):
            return dict(answer)
        return {"success": True, "tool_name": call.name, "ability": ability, "result": answer}
    return _result(host.run_tool(call.name, call.parameters, call.definition), call.name)


def _result(answer: Any, name: str) -> dict[str, Any]:
    if isinstance(answer, Mapping):
        return dict(answer)
    return {"success": False, "error": f"Tool '{name}' returned no result", "tool_name": name}


def registered() -> dict[str, Any]:
    """``datamachine_tools``: every tool and every handler's wrapper by name."""
    found = hooks.apply_filters("datamachine_tools", [])
    return dict(found) if isinstance(found, Mapping) else {}
