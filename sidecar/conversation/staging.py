"""A tool's call as an action that waits for approval."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sidecar.conversation.tools import ToolCall, declared, display_name
from sidecar.host import context as hosts

if TYPE_CHECKING:
    from sidecar.conversation.pending_actions import PendingActions

#: Words of a summary that nobody wrote.
WORDS = 12
_TAG = re.compile(r"<[^>]*>")
#: What the client of a chat said of itself, and what the conversation is about, as far as the one who decides
#: may want to know it.
_FROM_CLIENT = ("session_id", "bridge_app")


class Staging:
    """Keeps calls of tools with an ``action_kind`` until somebody decides."""

    def __init__(self, pending: PendingActions) -> None:
        self._pending = pending

    def stage(
        self, call: ToolCall, payload: Mapping[str, Any], client_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        """``{success: true, tool_name, action_policy: "preview"}`` and what :meth:`PendingActions.stage`
        says.

        ``success`` means that the model's turn may go on, also when the action could not be kept: ``staged``
        is false then, with ``error``.
        """
        summary, preview = _described(call)
        context = {"mode": call.mode, "tool_name": call.name}
        context |= {"job_id": payload["job_id"]} if payload.get("job_id") else {}
        context |= {name: client_context[name] for name in _FROM_CLIENT if client_context.get(name)}
        staged = self._pending.stage(
            str(call.definition.get("action_kind") or ""),
            summary or _summary(call),
            call.parameters,
            preview=_preview(call) if preview is None else preview,
            agent_id=call.agent_id,
            user_id=_id(payload.get("user_id")),
            context=context,
        )
        return {"success": True, "tool_name": call.name, "action_policy": "preview", **staged}


def _described(call: ToolCall) -> tuple[str, Mapping[str, Any] | None]:
    """What the tool itself says of the action: ``build_action_summary`` and ``build_action_preview`` of its
    definition, each a callable of ``(parameters, definition)``; PHP's may be the name of one.
    """
    said: dict[str, Any] = {}
    names = [name for name in ("build_action_summary", "build_action_preview") if call.definition.get(name)]
    for name in names:
        if callable(call.definition[name]):
            said[name] = call.definition[name](dict(call.parameters), dict(call.definition))
    host = hosts.current()
    if host is not None and len(said) < len(names):
        answer = host.call(
            "tool.describe",
            {
                "tool": call.name,
                "parameters": dict(call.parameters),
                "definition": dict(call.definition),
                "builders": [name for name in names if name not in said],
            },
        )
        said |= answer if isinstance(answer, Mapping) else {}
    summary, preview = said.get("build_action_summary"), said.get("build_action_preview")
    return (
        summary.strip() if isinstance(summary, str) else "",
        preview if isinstance(preview, Mapping) else None,
    )


def _summary(call: ToolCall) -> str:
    """The tool's name and its first text."""
    title = display_name(call.name)
    for name in declared(call.definition):
        value = call.parameters.get(name)
        words = _TAG.sub(" ", value).split() if isinstance(value, str) else []
        if words:
            return f"{title}: {' '.join(words[:WORDS])}{'…' if len(words) > WORDS else ''}"
    return title


def _preview(call: ToolCall) -> dict[str, Any]:
    """The parameters without what the definition's ``action_preview_redact`` names."""
    hidden = call.definition.get("action_preview_redact")
    hidden = set(hidden) if isinstance(hidden, list) else set()
    return {name: value for name, value in call.parameters.items() if name not in hidden}


def _id(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
