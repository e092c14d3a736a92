"""The tool ``skip_item``: the model finds an item not worth publishing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import catalogue, log
from sidecar.automation.engine import held_items, relay
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.jobs import status as statuses
from sidecar.automation.values import Document
from sidecar.conversation import ToolCall

NAME = "skip_item"


def definition(handler_slug: str, config: Mapping[str, Any]) -> Document:
    """The tool as a model is offered it, beside the fetch handler that brought the item."""
    return {
        "class": catalogue.SKIP_TOOL,
        "method": "handle_tool_call",
        "handler": handler_slug,
        "description": (
            "Passes over the item at hand: it counts as processed, and the run ends without publishing it."
        ),
        "parameters": {"reason": {"type": "string", "required": True, "description": "Why, in a few words."}},
        "handler_config": dict(config),
        "modes": ["pipeline"],
        "access_level": "admin",
    }


class SkipItem:
    """Marks the item and sets the job's status, which the engine takes over after the step."""

    def __init__(self, store: EngineStore) -> None:
        self._store = store

    def run(self, call: ToolCall) -> dict[str, Any]:
        job_id = call.parameters.get("job_id")
        if not isinstance(job_id, int) or call.parameters.get("engine") is None:
            return {"success": False, "error": "Engine context not available", "tool_name": NAME}
        reason = str(call.parameters["reason"])
        engine = self._store.load(job_id)
        identifier, source = engine.get("item_identifier"), engine.get("source_type")
        status = f"{statuses.AGENT_SKIPPED} - {reason}"
        for item in held_items.of(engine)[:1]:
            # The step that fetched it: Data Machine 0.102.8 names the one that skips it, and marks nothing.
            step = item.flow_step_id
            relay.fire("datamachine_mark_item_processed", step, source, identifier, job_id)
            log.info(
                "SkipItemTool: Item marked as processed (skipped)",
                {
                    "job_id": job_id,
                    "flow_step_id": step,
                    "item_identifier": identifier,
                    "source_type": source,
                    "reason": reason,
                },
            )
        self._store.merge(job_id, {"job_status": status})
        log.info(
            "SkipItemTool: Job status set to agent_skipped",
            {"job_id": job_id, "status": status, "reason": reason},
        )
        return {
            "success": True,
            "message": f"Item skipped: {reason}",
            "status": status,
            "item_identifier": identifier,
            "tool_name": NAME,
        }

    def recover(self, call: ToolCall) -> dict[str, Any] | None:
        """Skipping an item again changes nothing."""
        return None
