"""Whether a tool may act: ``direct``, ``preview`` or ``forbidden``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from sidecar import hooks

Decision = Literal["direct", "preview", "forbidden"]
DECISIONS = ("direct", "preview", "forbidden")


def decide(
    name: str,
    definition: Mapping[str, Any],
    *,
    mode: str,
    agent_id: int,
    client_context: Mapping[str, Any],
    deny: tuple[str, ...] = (),
) -> Decision:
    """The policy of a call, after the filter ``datamachine_tool_action_policy``; invalid answers are
    ignored.
    """
    own = _read(definition.get("action_policy"))
    for_mode = _read(definition.get(f"action_policy_{mode}"))
    if name in deny:
        start: Decision = "forbidden"
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
    """What the model is told. Staging a preview waits for pending actions; until then it does not run."""
    if decision == "preview":
        error = f'Tool "{name}" needs an approval, which this version cannot stage (action_policy=preview).'
    else:
        error = f'Tool "{name}" is not permitted in the current context (action_policy=forbidden).'
    return {"success": False, "error": error, "tool_name": name, "action_policy": decision}


def _read(value: Any) -> Decision | None:
    word = value.strip().lower() if isinstance(value, str) else ""
    return cast(Decision, word) if word in DECISIONS else None
