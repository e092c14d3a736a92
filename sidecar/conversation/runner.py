"""Running a conversation: the filter ``agents_api_conversation_runner`` and the shape of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sidecar import hooks
from sidecar.conversation.request import ConversationRequest, running

Message = Mapping[str, Any]


def run(
    request: ConversationRequest,
    messages: Sequence[Message],
    *,
    provider: str,
    model: str,
    max_turns: int,
    single_turn: bool = False,
) -> dict[str, Any]:
    """Ask whoever runs conversations, and check the answer.

    The answer has ``messages`` and ``tool_execution_results``, and ``error`` when the conversation failed.
    There is no built-in loop yet: without a runner that is the error.
    """
    given = [dict(message) for message in messages]
    with running(request):
        answer = hooks.apply_filters(
            "agents_api_conversation_runner",
            None,
            given,
            dict(request.tools),
            provider,
            model,
            request.mode,
            dict(request.payload),
            max_turns,
            single_turn,
        )
    if not isinstance(answer, Mapping):
        return failure(
            given, "No conversation runner answered: a plugin must provide agents_api_conversation_runner."
        )
    result = dict(answer)
    problem = _problem(result)
    if problem is not None:
        return failure(given, f"invalid_agent_conversation_result: {problem}")
    result.setdefault("tool_execution_results", [])
    return result


def failure(messages: Sequence[Message], error: str) -> dict[str, Any]:
    """The answer of a conversation that could not run."""
    return {
        "messages": list(messages),
        "final_content": "",
        "turn_count": 0,
        "completed": False,
        "last_tool_calls": [],
        "tool_execution_results": [],
        "usage": [],
        "error": error,
    }


def last_assistant_text(result: Mapping[str, Any]) -> str:
    """The content of the last message of the assistant, '' when it said nothing in words."""
    for message in reversed(list(_sequence(result.get("messages")))):
        if isinstance(message, Mapping) and message.get("role") == "assistant":
            content = message.get("content")
            if isinstance(content, str) and content.strip():
                return content
    return ""


def _problem(result: Mapping[str, Any]) -> str | None:
    """What is wrong with an answer, as path and reason."""
    messages = result.get("messages")
    if not isinstance(messages, list | Mapping):
        return "messages must be an array"
    for key, message in _items(messages):
        if not isinstance(message, Mapping):
            return f"messages[{key}] must be an array"
        if "role" in message and not isinstance(message["role"], str):
            return f"messages[{key}].role must be a string when present"
    results = result.get("tool_execution_results", [])
    if not isinstance(results, list | Mapping):
        return "tool_execution_results must be an array"
    for key, one in _items(results):
        problem = _tool_problem(one)
        if problem is not None:
            return f"tool_execution_results[{key}]{problem}"
    return None


def _tool_problem(one: Any) -> str | None:
    if not isinstance(one, Mapping):
        return " must be an array"
    if not isinstance(one.get("tool_name"), str) or not one["tool_name"]:
        return ".tool_name must be a non-empty string"
    for name in ("result", "parameters"):
        if not isinstance(one.get(name), Mapping | list):
            return f".{name} must be an array"
    if not isinstance(one.get("is_handler_tool", False), bool):
        return ".is_handler_tool must be a boolean when present"
    if not isinstance(one.get("turn_count"), int) or isinstance(one["turn_count"], bool):
        return ".turn_count must be an integer"
    return None


def _items(value: Sequence[Any] | Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else list(enumerate(value))


def _sequence(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
