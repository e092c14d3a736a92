"""What a pipeline and a flow of the matrix consist of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any


def pipeline(pipeline_id: int) -> dict[str, Any]:
    """One that fetches and one that writes, as ``pipeline_config``."""
    steps: dict[str, Any] = {}
    for order, (kind, label) in enumerate((("fetch", "Fetch"), ("ai", "AI Agent"))):
        step = f"{pipeline_id}_{uuid.uuid4()}"
        steps[step] = {
            "pipeline_step_id": step,
            "step_type": kind,
            "execution_order": order,
            "label": label,
        }
    return steps


def flow(document: Mapping[str, Any], flow_id: int, secret: str) -> dict[str, Any]:
    """The same in a flow, as ``flow_config``: both with something in their queue."""
    at = "2026-11-23T00:00:00+00:00"
    own: dict[str, dict[str, Any]] = {
        "fetch": {
            "config_patch_queue": [
                {"patch": {"search": word}, "added_at": at} for word in (secret, "another")
            ],
            "handler_slug": "rss",
            "handler_config": {"feed_url": "http://127.0.0.1/feed", "max_items": 1, "search": secret},
            "enabled": True,
        },
        "ai": {"prompt_queue": [{"prompt": f"{number} {secret}", "added_at": at} for number in range(2)]},
    }
    return {
        f"{step}_{flow_id}": {
            "flow_step_id": f"{step}_{flow_id}",
            "step_type": each["step_type"],
            "pipeline_step_id": step,
            "pipeline_id": int(step.partition("_")[0]),
            "flow_id": flow_id,
            "execution_order": each["execution_order"],
            "disabled_tools": [],
            "queue_mode": "static",
            **own[each["step_type"]],
        }
        for step, each in document.items()
    }
