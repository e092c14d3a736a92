"""Whether a tool may act: ``direct``, ``preview`` or ``forbidden``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from sidecar import hooks
from sidecar.host import context as hosts

Decision = Literal["direct", "preview", "forbidden"]
DECISIONS = ("direct", "preview", "forbidden")


def decide(
    name: str,
    definition: Mapping[str, Any],
    *,
    mode: str,
    agent_id: int,
    client_context: Mapping[str, Any],
    rules: Mapping[str, Any] | None = None,
    deny: tuple[str, ...] = (),
) -> Decision:
    """The policy of a call, after the filter ``datamachine_tool_action_policy``; invalid answers are
    ignored.

    ``rules`` are the agent's own, ``{tools: {name: policy}, categories: {category: policy}}``, and go before
    what the tool says of itself; the categories are those of the abilities that the tool names, the strictest
    counts.
    """
    own = _read(definition.get("action_policy"))
    for_mode = _read(definition.get(f"action_policy_{mode}"))
    if name in deny:
        start: Decision = "forbidden"
    elif (configured := _configured(name, definition, rules or {})) is not None:
        start = configured
    elif own is not None and not (own == "direct" and for_mode == "preview"):
        start = own
    else:
        start = for_mode or "direct"
    context = {
        "tool_name": name,
        "tool_def": dict(definition),
        "mode": mode,
        "agent_id": agent_id,
        "client_context": dict(client_context),
    }
    answer = hooks.apply_filters("datamachine_tool_action_policy", start, name, mode, context)
    return _read(answer) or start


def refusal(name: str, decision: Decision) -> dict[str, Any]:
    """What the model is told."""
    if decision == "preview":
        error = f'Tool "{name}" needs an approval, and nobody can give it here (action_policy=preview).'
    else:
        error = f'Tool "{name}" is not permitted in the current context (action_policy=forbidden).'
    return {"success": False, "error": error, "tool_name": name, "action_policy": decision}


def _configured(name: str, definition: Mapping[str, Any], rules: Mapping[str, Any]) -> Decision | None:
    own = _read(_mapping(rules.get("tools")).get(name))
    categories = _mapping(rules.get("categories"))
    if own is not None or not categories:
        return own
    named = [_read(categories.get(category)) for category in _categories(definition, categories)]
    return max((one for one in named if one is not None), key=DECISIONS.index, default=None)


def _categories(definition: Mapping[str, Any], rules: Mapping[str, Any]) -> list[str]:
    """Categories of the abilities a tool names, as WordPress knows them; where nobody can be asked, every
    category with a rule: a rule that forbids must not be lost.
    """
    several = definition.get("abilities")
    linked = [definition.get("ability"), *(several if isinstance(several, list) else [])]
    names = [name for name in linked if isinstance(name, str) and name]
    host = hosts.current()
    if not names or host is None:
        return list(rules) if names else []
    return list(host.call("ability.category", {"names": names}))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _read(value: Any) -> Decision | None:
    word = value.strip().lower() if isinstance(value, str) else ""
    return cast(Decision, word) if word in DECISIONS else None
