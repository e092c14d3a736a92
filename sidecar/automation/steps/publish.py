"""The publish step: makes sure that the AI step used its handlers' tools. It calls no handler itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import log, registry
from sidecar.automation.engine import packets
from sidecar.automation.flows import step_config
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Packet, ordered
from sidecar.clock import Clock
from sidecar.db import php_json

#: Types of steps that certainly call no handler's tool.
OWN_WITHOUT_TOOLS = (*step_config.FETCHING, "publish", "upsert", "webhook_gate", "system_task")
#: With the type of the step the reason of a job whose pipeline can never succeed.
NO_AI_STEP = "no_ai_step_before_"


class PublishStep:
    """A pipeline without an AI step before it fails, with a reason that says so."""

    #: The type of step and of its packet, what the packet is called, and what says in it that all is well.
    kind = "publish"
    title = "Publish Complete"
    success = "publish_success"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def execute(self, run: StepRun) -> list[Packet]:
        slugs = registry.handler_slugs(run.config)
        if not slugs:
            log.error(f"{self.kind}: Step requires handler configuration", run.about())
            return run.packets
        found = packets.tool_packets(run.packets, slugs)
        if not found:
            log.error(
                "AI did not execute handler tool",
                {"handler": ", ".join(slugs), "flow_step_id": run.flow_step_id},
            )
            return [] if _follows_ai(run) else [self._hopeless(run)]
        result = found[0]
        about = packets.metadata(result)
        slug = str(about.get("handler_tool"))
        log.info(
            "AI successfully used handler tool", run.about(handler=slug, tool_result=about.get("tool_name"))
        )
        return [self._packet(run, slug, result, about), *run.packets]

    def _hopeless(self, run: StepRun) -> Packet:
        """What the step is given is of no use to it: only a handler's tool makes something."""
        return packets.packet(
            "step_error",
            {"body": f"No AI step runs before this {self.kind} step: nothing uses its handler's tool."},
            {
                "step_type": run.step_type,
                "flow_step_id": run.flow_step_id,
                "success": False,
                "failure_reason": f"{NO_AI_STEP}{self.kind}",
            },
            self._clock,
        )

    def _packet(self, run: StepRun, slug: str, result: Packet, about: Mapping[str, Any]) -> Packet:
        conversation = result.get("type") == "ai_handler_complete"
        outcome = about.get("tool_result")
        way = "via AI Conversation" if conversation else "via AI Tool"
        return packets.packet(
            self.kind,
            {"title": f"{self.title} ({way})", "body": php_json.dumps(outcome, pretty=True)},
            {
                "handler_used": slug,
                self.success: True,
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


def _follows_ai(run: StepRun) -> bool:
    """Whether an AI step lies before this one; also where somebody else's step may do its work."""
    for step in ordered(run.engine.flow_config):
        if step.get("flow_step_id") == run.flow_step_id:
            return False
        if step.get("step_type") not in OWN_WITHOUT_TOOLS:
            return True
    return True
