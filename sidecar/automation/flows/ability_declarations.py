"""The abilities on flows and their schedules, as WordPress is told about them."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Category, Declaration, Permission, object_schema
from sidecar.automation.categories import FLOW, JOBS

GET = "datamachine/get-flows"
CREATE = "datamachine/create-flow"
UPDATE = "datamachine/update-flow"
DELETE = "datamachine/delete-flow"
DUPLICATE = "datamachine/duplicate-flow"
PAUSE = "datamachine/pause-flow"
RESUME = "datamachine/resume-flow"
SCHEDULE = "datamachine/schedule-flow"
RECONCILE = "datamachine/reconcile-flow-schedules"
INTERVALS = "datamachine/get-scheduling-intervals"

SETTINGS = Category("datamachine-settings", "Settings", "What the site's owner has set.")

_MANAGERS = Permission(manage=True)
_TEXT, _ID, _FLAG = ({"type": kind} for kind in ("string", "integer", "boolean"))
_NUMBER = {"type": ["integer", "null"]}
_WORDS = {"type": ["string", "null"]}
#: PHP's empty array is a list; texts are JSON.
_MAP = {"type": ["object", "array", "string", "null"]}
_LIST = {"type": "array"}
_SCHEDULING = _MAP | {
    "description": "{interval, cron_expression?, timestamp?, enabled?, retry_policy?, cycle_policy?}"
}
_RETRY = _MAP | {"description": "{max_attempts, backoff?, factor?} of a step that fails; null for none."}
_STEPS = _MAP | {
    "description": "By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}"
}
_SCOPE = {"flow_id": _NUMBER, "pipeline_id": _NUMBER, "agent_id": _NUMBER}

_OBJECT = {"type": ["object", "array"]}
_ROWS = {"type": "array", "items": {"type": "object"}}
_OUTCOME = {"success": _FLAG, "error": _TEXT, "error_code": _TEXT, "message": _TEXT}
_MADE: dict[str, Any] = {
    "flow_id": _ID,
    "flow_name": _TEXT,
    "flow_data": {"type": "object"},
    "flow_step_ids": {"type": "array", "items": _TEXT},
}

DECLARATIONS = (
    Declaration(
        GET,
        FLOW,
        "List flows",
        "Flows with their steps, schedules and last runs; one, a pipeline's, or a page of them.",
        _MANAGERS,
        object_schema(
            {
                "flow_id": _NUMBER,
                "user_id": _NUMBER,
                "agent_id": _NUMBER,
                "pipeline_id": _NUMBER,
                "handler_slug": _WORDS,
                "per_page": {"type": "integer", "default": 20, "minimum": 1, "maximum": 100},
                "offset": {"type": "integer", "default": 0, "minimum": 0},
                "output_mode": {
                    "type": "string",
                    "enum": ["full", "list", "summary", "ids"],
                    "default": "full",
                },
            },
            optional=True,
        ),
        object_schema(
            {
                **_OUTCOME,
                # Numbers where the output mode is ids.
                "flows": {"type": "array", "items": {"type": ["object", "integer"]}},
                "total": _ID,
                "per_page": _ID,
                "offset": _ID,
                "output_mode": _TEXT,
                "filters_applied": _OBJECT,
            }
        ),
    ),
    Declaration(
        CREATE,
        FLOW,
        "Create flows",
        "Makes a flow of a pipeline, or with `flows` several at once; `validate_only` makes none.",
        _MANAGERS,
        object_schema(
            {
                "pipeline_id": _NUMBER,
                "agent_id": _NUMBER,
                "flow_name": {"type": "string", "default": "Flow"},
                "scheduling_config": _SCHEDULING,
                "retry_policy": _RETRY,
                "flow_config": _STEPS,
                "step_configs": _STEPS,
                "flows": _LIST | {"items": {"type": "object"}},
                "shared_step_config": _STEPS,
                "validate_only": _FLAG,
            },
        ),
        object_schema(
            {
                **_OUTCOME,
                **_MADE,
                "pipeline_id": _ID,
                "synced_steps": _ID,
                "creation_mode": {"type": "string", "enum": ["single", "bulk"]},
                "created_count": _ID,
                "failed_count": _ID,
                "created": _ROWS,
                "errors": _ROWS,
                "partial": _FLAG,
                "valid": _FLAG,
                "mode": {"type": "string", "enum": ["single", "bulk"]},
                "would_create": _ROWS,
            }
        ),
    ),
    Declaration(
        UPDATE,
        FLOW,
        "Update a flow",
        "Changes a flow's name or schedule; what is not named stays.",
        _MANAGERS,
        object_schema(
            {
                "flow_id": _ID,
                "flow_name": _WORDS,
                "scheduling_config": _SCHEDULING,
                "retry_policy": _RETRY,
            },
            required=("flow_id",),
        ),
        object_schema({**_OUTCOME, "flow_id": _ID, "flow_name": _TEXT, "flow_data": {"type": "object"}}),
    ),
    Declaration(
        DELETE,
        FLOW,
        "Delete a flow",
        "Deletes a flow; its unfinished jobs are cancelled, finished ones stay.",
        _MANAGERS,
        object_schema({"flow_id": _ID}, required=("flow_id",)),
        object_schema({**_OUTCOME, "flow_id": _ID, "pipeline_id": _ID}),
    ),
    Declaration(
        DUPLICATE,
        FLOW,
        "Duplicate a flow",
        "Copies a flow with its steps' configuration, into its own pipeline or another one of like steps.",
        _MANAGERS,
        object_schema(
            {
                "source_flow_id": _ID,
                "target_pipeline_id": _NUMBER,
                "flow_name": _WORDS,
                "scheduling_config": _SCHEDULING,
                "step_config_overrides": _STEPS,
            },
            required=("source_flow_id",),
        ),
        object_schema(
            {
                **_OUTCOME,
                **_MADE,
                "source_flow_id": _ID,
                "source_pipeline_id": _ID,
                "target_pipeline_id": _ID,
                "scheduling": _TEXT,
            }
        ),
    ),
    Declaration(
        PAUSE,
        FLOW,
        "Pause flows",
        "Stops a flow, or all of a pipeline or agent, from starting. Their schedules are kept.",
        _MANAGERS,
        object_schema(_SCOPE),
        object_schema({**_OUTCOME, "paused": _ID, "skipped": _ID, "flows": _ROWS}),
    ),
    Declaration(
        RESUME,
        FLOW,
        "Resume flows",
        "Lets a paused flow, or all of a pipeline or agent, start again by their schedules.",
        _MANAGERS,
        object_schema(_SCOPE),
        object_schema({**_OUTCOME, "resumed": _ID, "skipped": _ID, "errors": _ID, "flows": _ROWS}),
    ),
    Declaration(
        SCHEDULE,
        JOBS,
        "Schedule a flow",
        "Starts a flow regularly (an interval or cron expression), once (a Unix time) or never (manual).",
        _MANAGERS,
        object_schema(
            {"flow_id": _ID, "interval_or_timestamp": {"type": ["string", "integer"]}},
            required=("flow_id", "interval_or_timestamp"),
        ),
        object_schema({**_OUTCOME, "flow_id": _ID, "scheduling_config": {"type": "object"}}),
    ),
    Declaration(
        RECONCILE,
        FLOW,
        "Restore schedules",
        "Rings again for flows whose next run vanished from the queue. Workers do so by themselves.",
        _MANAGERS,
        object_schema({"dry_run": _FLAG}, optional=True),
        object_schema({**_OUTCOME, "dry_run": _FLAG, "restored": _ID, "failed": _ID, "flows": _ROWS}),
    ),
    Declaration(
        INTERVALS,
        SETTINGS,
        "List intervals",
        "The intervals a flow may be scheduled with.",
        _MANAGERS,
        # A list is an input too: callers from PHP pass an empty array.
        {"type": ["object", "array"], "default": []},
        object_schema({**_OUTCOME, "intervals": _ROWS}),
    ),
)
