"""The abilities on processed items: what WordPress is told about them."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation.categories import PIPELINE

CLEAR = "datamachine/clear-processed-items"
CHECK = "datamachine/check-processed-item"
HISTORY = "datamachine/has-processed-history"
PROCESSED_AT = "datamachine/processed-items-get-processed-at"
STALE = "datamachine/processed-items-find-stale"
NEVER = "datamachine/processed-items-find-never-processed"

_TEXT, _ID, _FLAG = ({"type": kind} for kind in ("string", "integer", "boolean"))
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_OUTCOME = {"success": _FLAG, "error": _TEXT, "error_code": _TEXT}
_MANAGERS = Permission(any_of=("manage_flows",))
_STEP = {"flow_step_id": _TEXT | {"description": "A step of a flow, as {pipeline step}_{flow}."}}
_SOURCE = {**_STEP, "source_type": _TEXT | {"description": "For example rss or wordpress_local."}}
_ITEM = {**_SOURCE, "item_identifier": _TEXT | {"description": "A guid, an address, a post's id."}}
_CANDIDATES: dict[str, Any] = {
    **_SOURCE,
    "candidate_identifiers": _TEXTS,
    "limit": _ID | {"minimum": 1, "default": 100, "description": "How many to give at most."},
}

DECLARATIONS = (
    Declaration(
        CLEAR,
        PIPELINE,
        "Clear processed items",
        "Forgets what a flow, or every flow of a pipeline, has taken in: it is taken in again.",
        _MANAGERS,
        object_schema(
            {"clear_type": _TEXT | {"enum": ["pipeline", "flow"]}, "target_id": _ID},
            required=("clear_type", "target_id"),
        ),
        object_schema({**_OUTCOME, "deleted_count": _ID, "message": _TEXT}),
    ),
    Declaration(
        CHECK,
        PIPELINE,
        "Check an item",
        "Whether a flow's step has taken in an item.",
        _MANAGERS,
        object_schema(_ITEM, required=("flow_step_id", "source_type", "item_identifier")),
        object_schema({**_OUTCOME, "is_processed": _FLAG}),
    ),
    Declaration(
        HISTORY,
        PIPELINE,
        "Check for history",
        "Whether a flow's step has ever taken in anything.",
        _MANAGERS,
        object_schema(_STEP, required=("flow_step_id",)),
        object_schema({**_OUTCOME, "has_history": _FLAG}),
    ),
    Declaration(
        PROCESSED_AT,
        PIPELINE,
        "Say when an item was processed",
        "When a flow's step took in an item, as a Unix time; null when it never did.",
        _MANAGERS,
        object_schema(_ITEM, required=("flow_step_id", "source_type", "item_identifier")),
        object_schema({**_OUTCOME, "processed_at": {"type": ["integer", "null"]}}),
    ),
    Declaration(
        STALE,
        PIPELINE,
        "Find stale items",
        "Those of the given items that were taken in longer ago than max_age_days.",
        _MANAGERS,
        object_schema(
            {**_CANDIDATES, "max_age_days": _ID | {"minimum": 1}},
            required=("flow_step_id", "source_type", "candidate_identifiers", "max_age_days"),
        ),
        object_schema({**_OUTCOME, "stale_ids": _TEXTS, "count": _ID}),
    ),
    Declaration(
        NEVER,
        PIPELINE,
        "Find items never processed",
        "Those of the given items that were never taken in.",
        _MANAGERS,
        object_schema(
            _CANDIDATES,
            required=("flow_step_id", "source_type", "candidate_identifiers"),
        ),
        object_schema({**_OUTCOME, "never_processed": _TEXTS, "count": _ID}),
    ),
)
