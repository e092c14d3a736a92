"""The tools a model uses its memory with: ``agent_memory`` and ``agent_daily_memory``.

They do what the abilities do, as whoever the conversation acts for. An acting agent means its own memory; in
Data Machine it was that of its owner's first agent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.errors import SidecarError
from sidecar.identity import Principal
from sidecar.memory import ability_declarations as names
from sidecar.memory.abilities import MemoryAbilities
from sidecar.memory.abilities_daily import DailyAbilities

MEMORY, DAILY = "agent_memory", "agent_daily_memory"

_TEXT = {"type": "string"}
_WHOSE = {
    "user_id": {"type": "integer", "description": "Whose own agent; leave it out for your own memory."},
    "agent_id": {"type": "integer", "description": "The agent; leave it out for your own memory."},
}

#: What a model is told, by name; ``parameters`` is a JSON schema.
DEFINITIONS: dict[str, dict[str, Any]] = {
    MEMORY: {
        "label": "Agent memory",
        "description": "Read and write sections of memory files: what should be known in every conversation.",
        "modes": ["chat"],
        "parameters": {
            "type": "object",
            "properties": {
                "action": {**_TEXT, "enum": ["get", "update", "list_sections"]},
                "file": {**_TEXT, "description": "MEMORY.md when left out."},
                "section": {**_TEXT, "description": "A heading; needed for update."},
                "content": {**_TEXT, "description": "What update writes."},
                "mode": {**_TEXT, "enum": ["set", "append"], "description": "set when left out."},
                **_WHOSE,
            },
            "required": ["action"],
        },
    },
    DAILY: {
        "label": "Daily memory",
        "description": "Read, write, list and search the notes of a day: what happened, and what comes next.",
        "modes": ["chat"],
        "parameters": {
            "type": "object",
            "properties": {
                "action": {**_TEXT, "enum": ["read", "write", "list", "search"]},
                "date": {**_TEXT, "description": "YYYY-MM-DD; today when left out."},
                "content": {**_TEXT, "description": "What write keeps."},
                "mode": {**_TEXT, "enum": ["append", "write"], "description": "append when left out."},
                "query": {**_TEXT, "description": "What search looks for."},
                "from": {**_TEXT, "description": "The first day of a search."},
                "to": {**_TEXT, "description": "The last day of a search."},
                **_WHOSE,
            },
            "required": ["action"],
        },
    },
}

_Run = Callable[[Principal, Mapping[str, Any]], dict[str, Any]]


class MemoryTools:
    """Runs them; registered with the tools of conversations by whoever has those."""

    def __init__(self, memory: MemoryAbilities, daily: DailyAbilities) -> None:
        callbacks = memory.callbacks() | daily.callbacks()
        self._actions: dict[str, dict[str, tuple[_Run, tuple[str, ...]]]] = {
            MEMORY: {
                "get": (callbacks[names.GET], ()),
                "update": (callbacks[names.UPDATE], ("section", "content")),
                "list_sections": (callbacks[names.SECTIONS], ()),
            },
            DAILY: {
                "read": (callbacks[names.DAILY_READ], ()),
                "write": (callbacks[names.DAILY_WRITE], ("content",)),
                "list": (callbacks[names.DAILY_LIST], ()),
                "search": (callbacks[names.DAILY_SEARCH], ("query",)),
            },
        }

    def run(self, name: str, principal: Principal, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """``{success: true, data, tool_name}``, or ``{success: false, error, error_type, tool_name}``.

        ``error_type`` is ``validation`` for a wrong call, ``not_found``, ``permission`` or ``system``.
        """
        action = str(parameters.get("action") or "")
        found = self._actions[name].get(action)
        if found is None:
            known = ", ".join(self._actions[name])
            return _failure(name, f'Unknown action "{action}". Use one of: {known}.', "validation")
        callback, required = found
        missing = [each for each in required if parameters.get(each) in (None, "")]
        if missing:
            return _failure(name, f"{action} requires: {', '.join(missing)}.", "validation")
        given = {key: value for key, value in parameters.items() if value is not None and key != "action"}
        if name == MEMORY and action == "update":
            given.setdefault("mode", "set")
        try:
            data = _readable(callback(principal, given))
        except SidecarError as error:
            return _failure(name, error.message, "permission" if error.status in {401, 403} else "system")
        if data.get("success") is False:
            message = str(data.get("message") or "That did not work.")
            answer = _failure(name, message, _kind(message))
            more = {key: value for key, value in data.items() if key == "available_sections"}
            return answer | more
        return {"success": True, "data": data, "tool_name": name}


def _readable(value: Any) -> Any:
    """What a model can be shown: a mark for what is no UTF-8."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: _readable(each) for key, each in value.items()}
    return [_readable(each) for each in value] if isinstance(value, list) else value


def _kind(message: str) -> str:
    said = message.lower()
    if "not found" in said or "does not exist" in said or said.startswith("no daily memory"):
        return "not_found"
    if "disabled" in said or "read-only" in said or "requires capability" in said:
        return "permission"
    return "system" if said.startswith("failed") else "validation"


def _failure(name: str, error: str, kind: str) -> dict[str, Any]:
    return {"success": False, "error": error, "error_type": kind, "tool_name": name}
