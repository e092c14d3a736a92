"""Keys of the engine data that only the engine writes: what comes from outside may not name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation import log
from sidecar.automation.values import Document

#: What the job is and what it runs.
IDENTITY = frozenset({"job", "flow", "pipeline", "flow_config", "pipeline_config"})
#: State of the engine, of a batch, a queue, a retry or an end. A forged one would reach into other jobs and
#: flows, or be believed by an undo.
STATE = frozenset({
    "agent_id",
    "cancelled",
    "earlier_items",
    "effects",
    "error_message",
    "error_reason",
    "error_step_id",
    "error_trace",
    "item_flow_step_id",
    "job_status",
    "job_status_reason",
    "next_flow_step_id",
    "parent_job_id",
    "queued_patch_backup",
    "queued_prompt_backup",
    "retried_as",
    "retry",
    "retry_of",
    "token_usage",
    "transcript_session_id",
    "user_id",
    "webhook_gate",
})  # fmt: skip
#: The workspace of a job is its starter's choice: no packet overrides it.
WORKSPACE = "active_workspace"
BATCH = "batch"
BRIDGE = "bridge_"


def is_reserved(key: str) -> bool:
    """Whether only the engine writes this key."""
    return key in IDENTITY or key in STATE or key == BATCH or key.startswith((f"{BATCH}_", BRIDGE))


def initial(data: Mapping[str, Any] | None) -> Document:
    """What whoever starts a run may put into its engine data."""
    return _without(data or {}, "initial_data", workspace=True)


def of_packet(data: Any) -> Document:
    """What a packet's metadata ``_engine_data`` may add."""
    return _without(data, "_engine_data", workspace=False) if isinstance(data, Mapping) else {}


def _without(data: Mapping[str, Any], where: str, *, workspace: bool) -> Document:
    kept = {
        str(key): value
        for key, value in data.items()
        if not is_reserved(str(key)) and (workspace or key != WORKSPACE)
    }
    left_out = [str(key) for key in data if str(key) not in kept]
    if left_out:
        log.warning("Reserved keys of the engine data were left out", {"source": where, "keys": left_out})
    return kept
