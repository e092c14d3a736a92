"""Data packets: what steps hand to each other, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sidecar.automation.values import Packet
from sidecar.clock import Clock


def packet(kind: str, data: Mapping[str, Any], metadata: Mapping[str, Any], clock: Clock) -> Packet:
    """A packet of the given type, stamped with the current second."""
    return {
        "type": kind,
        "timestamp": int(clock.now().timestamp()),
        "data": dict(data),
        "metadata": dict(metadata),
    }


def succeeded(packets: Sequence[Packet]) -> bool:
    """A step succeeded when it left packets and none of them says otherwise."""
    return bool(packets) and not any(metadata(one).get("success") is False for one in packets)


def failure_reason(packets: Sequence[Packet]) -> str | None:
    """Why a step failed, as far as its packets say."""
    for one in packets:
        reason = metadata(one).get("failure_reason")
        if isinstance(reason, str) and reason:
            return reason
    return None


def failure_message(packets: Sequence[Packet]) -> str:
    """What the packet says that tells why a step failed."""
    for one in packets:
        data = one.get("data")
        if metadata(one).get("failure_reason") and isinstance(data, Mapping) and data.get("body"):
            return str(data["body"])
    return ""


def metadata(one: Packet) -> Mapping[str, Any]:
    found = one.get("metadata")
    return found if isinstance(found, Mapping) else {}


def source_type(packets: Sequence[Packet]) -> str:
    """Where the first packet comes from, or ``unknown``."""
    found = metadata(packets[0]).get("source_type") if packets else None
    return found if isinstance(found, str) and found else "unknown"


def tool_packets(packets: Sequence[Packet], slugs: Sequence[str]) -> list[Packet]:
    """The packets that show an AI step used one of these handlers, in the order of the handlers."""
    found = []
    for slug in slugs:
        for one in packets:
            about = metadata(one)
            complete = one.get("type") == "ai_handler_complete"
            result = one.get("type") == "tool_result" and bool(about.get("tool_success"))
            if about.get("handler_tool") == slug and (complete or result):
                found.append(one)
    return found
