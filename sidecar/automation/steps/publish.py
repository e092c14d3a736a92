"""The publish step: makes sure that the AI step used its handlers' tools. It calls no handler itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import log, registry
from sidecar.automation.engine import packets
from sidecar.automation.flows import step_config
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Packet
from sidecar.clock import Clock
from sidecar.db import php_json


class PublishStep:
    """A pipeline without an AI step before it can never succeed: Data Machine's rule."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def execute(self, run: StepRun) -> list[Packet]:
        slugs = registry.handler_slugs(run.config)
        if not slugs:
            log.error("publish: Step requires handler configuration", run.about())
            return run.packets
        found = packets.tool_packets(run.packets, slugs)
        if not found:
            log.error(
                "AI did not execute handler tool",
                {"handler": ", ".join(slugs), "flow_step_id": run.flow_step_id},
            )
            return []
        result = found[0]
        about = packets.metadata(result)
        slug = str(about.get("handler_tool"))
        log.info(
            "AI successfully used handler tool", run.about(handler=slug, tool_result=about.get("tool_name"))
        )
        return [self._packet(run, slug, result, about), *run.packets]

    def _packet(self, run: StepRun, slug: str, result: Packet, about: Mapping[str, Any]) -> Packet:
        conversation = result.get("type") == "ai_handler_complete"
        outcome = about.get("tool_result")
        title = "Publish Complete (via AI Conversation)" if conversation else "Publish Complete (via AI Tool)"
        return packets.packet(
            "publish",
            {"title": title, "body": php_json.dumps(outcome, pretty=True)},
            {
                "handler_used": slug,
                "publish_success": True,
                "executed_via": "ai_conversation_tool" if conversation else "ai_tool_call",
                "flow_step_id": run.flow_step_id,
                "source_type": about.get("source_type", "unknown"),
                "tool_execution_data": {
                    "tool_name": about.get("tool_name"),
                    "tool_parameters": about.get("tool_parameters"),
                    "handler_config": step_config.handler_config(run.config, slug),
                },
                "original_entry_type": result.get("type"),
                "result": outcome,
            },
            self._clock,
        )
