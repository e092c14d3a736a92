"""Between packets and a conversation: the messages it begins with, and the packets that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.engine import packets
from sidecar.automation.flows.masking import masked_settings
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Document, Packet
from sidecar.clock import Clock
from sidecar.conversation import runner
from sidecar.conversation.tools import display_name, is_handler_tool
from sidecar.db import php_json

#: A first line longer than this (in bytes) is no title.
TITLE = 100


def messages(run: StepRun, prompt: str, picture: Document | None = None) -> list[Document]:
    """User messages: the packets as pretty JSON, the picture if there is one, the prompt.

    What a handler's tool returned brings the handler's settings along; a model is not told their secrets.
    """
    found: list[Document] = []
    if run.packets:
        shown = [masked_settings(_without_paths(one)) for one in run.packets]
        text = php_json.dumps({"data_packets": shown}, unicode=True, pretty=True)
        found.append({"role": "user", "content": text})
    if picture is not None:
        found.append(picture)
    if prompt:
        found.append({"role": "user", "content": prompt})
    return found


def results(run: StepRun, result: Mapping[str, Any], tools: Mapping[str, Any], clock: Clock) -> list[Packet]:
    """One packet for each tool call, newest first; without any, the last words of the model."""
    source = packets.source_type(run.packets)
    found: list[Packet] = []
    for one in _values(result.get("tool_execution_results")):
        found.insert(0, _tool_packet(run, one, tools.get(one["tool_name"]), source, clock))
    if found:
        return found
    text = runner.last_assistant_text(result) or str(result.get("final_content") or "")
    if not text.strip():
        return []
    first = text.split("\n", 1)[0].strip()
    title = first if first and len(first.encode()) <= TITLE else "AI Response"
    return [
        packets.packet(
            "ai_response",
            {"title": title, "body": text},
            {
                "source_type": "ai_response",
                "flow_step_id": run.flow_step_id,
                "conversation_turn": int(result.get("turn_count") or 0),
            },
            clock,
        )
    ]


def _tool_packet(run: StepRun, one: Mapping[str, Any], definition: Any, source: str, clock: Clock) -> Packet:
    name, turn = str(one["tool_name"]), int(one["turn_count"])
    answer = one["result"] if isinstance(one["result"], Mapping) else {}
    handler = definition.get("handler") if isinstance(definition, Mapping) else None
    parameters = dict(one["parameters"]) if isinstance(one["parameters"], Mapping) else {}
    success = bool(answer.get("success"))
    if success and is_handler_tool(definition):
        parameters.pop(str(handler), None)
        return packets.packet(
            "ai_handler_complete",
            {
                "title": f"Handler Tool Executed: {name}",
                "body": f"Tool executed successfully by AI agent in {turn} conversation turns",
            },
            {
                "tool_name": name,
                "handler_tool": handler,
                "tool_parameters": parameters,
                "handler_config": dict(definition.get("handler_config") or {}),
                "source_type": source,
                "flow_step_id": run.flow_step_id,
                "conversation_turn": turn,
                "tool_result": dict(answer),
            },
            clock,
        )
    title = display_name(name)
    body = f"{title} succeeded." if success else f"{title} failed: {answer.get('error') or 'unknown error'}"
    return packets.packet(
        "tool_result",
        {"title": f"{title} Result", "body": body},
        {
            "tool_name": name,
            "handler_tool": handler,
            "tool_parameters": parameters,
            "tool_success": success,
            "tool_result": answer.get("data") or [],
            "source_type": source,
        },
        clock,
    )


#: Of an item's metadata, what is meant for the engine, and may say where files are.
_NOT_SHOWN = ("_engine_data", "image_file_path", "video_file_path")


def _without_paths(one: Packet) -> Packet:
    """A model is not shown where files are on this machine."""
    about = one.get("metadata")
    if isinstance(about, Mapping) and any(key in about for key in _NOT_SHOWN):
        one = {**one, "metadata": {key: value for key, value in about.items() if key not in _NOT_SHOWN}}
    data = one.get("data")
    info = data.get("file_info") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(info, Mapping):
        return one
    shown = {key: value for key, value in info.items() if key != "file_path"}
    rest = {key: value for key, value in data.items() if key != "file_info"}
    return {**one, "data": {**rest, "file_info": shown} if shown else rest}


def _values(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
