"""The engine's hops, as WordPress is told about them."""

from __future__ import annotations

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation.categories import JOBS, PIPELINE
from sidecar.automation.engine.abilities import (
    EXECUTE_STEP,
    EXECUTE_WORKFLOW,
    GET_STEP_TYPES,
    RUN_FLOW,
    SCHEDULE_NEXT_STEP,
)

_ID = {"type": "integer"}
_STEP = {"job_id": _ID, "flow_step_id": {"type": "string"}}
_MANAGERS = Permission(manage=True)
_TEXT, _FLAG = {"type": "string"}, {"type": "boolean"}
_OUTCOME = {"success": _FLAG, "error": _TEXT, "error_code": _TEXT, "message": _TEXT}

DECLARATIONS = (
    Declaration(
        RUN_FLOW,
        JOBS,
        "Run a flow",
        "Creates a job of a flow and queues its first step.",
        _MANAGERS,
        object_schema(
            {
                "flow_id": _ID,
                "job_id": {"type": ["integer", "null"]},
                "initial_data": {"type": ["object", "array", "null"]},
            },
            required=("flow_id",),
        ),
        object_schema({**_OUTCOME, "flow_id": _ID, "job_id": _ID, "first_step": _TEXT}),
    ),
    Declaration(
        SCHEDULE_NEXT_STEP,
        JOBS,
        "Schedule the next step",
        "Stores the packets of a job and queues one of its steps.",
        _MANAGERS,
        object_schema({**_STEP, "data_packets": {"type": "array"}}, required=("job_id", "flow_step_id")),
        object_schema({**_OUTCOME, "action_id": _ID}),
    ),
    Declaration(
        EXECUTE_STEP,
        JOBS,
        "Execute a step",
        "Runs one step of a job at once.",
        _MANAGERS,
        object_schema(_STEP, required=("job_id", "flow_step_id")),
        object_schema(
            {
                **_OUTCOME,
                "step_success": _FLAG,
                "outcome": _TEXT,
                "batch": {"type": "object"},
                "retry_in": {"type": "number"}
                | {"description": "Seconds until a step that failed is tried again."},
            }
        ),
    ),
    Declaration(
        EXECUTE_WORKFLOW,
        JOBS,
        "Execute a workflow",
        "Runs steps that are stored nowhere, now or later.",
        _MANAGERS,
        object_schema(
            {
                "workflow": {"type": "object"},
                "timestamp": {"type": ["integer", "null"]},
                "initial_data": {"type": ["object", "array", "null"]},
                "dry_run": {"type": "boolean", "default": False},
                "agent_id": {"type": ["integer", "null"]},
            },
            required=("workflow",),
        ),
        object_schema(
            {
                **_OUTCOME,
                "execution_type": {"type": "string", "enum": ["immediate", "delayed"]},
                "execution_mode": _TEXT,
                "job_id": _ID,
                "step_count": _ID,
                "timestamp": _ID,
                "scheduled_time": _TEXT,
                "dry_run": _FLAG,
            }
        ),
    ),
    Declaration(
        GET_STEP_TYPES,
        PIPELINE,
        "List step types",
        "The types of steps a pipeline may have.",
        _MANAGERS,
        # A list is an input too: callers from PHP pass an empty array.
        {"type": ["object", "array"], "default": []},
        object_schema({**_OUTCOME, "step_types": {"type": ["object", "array"]}, "count": _ID}),
    ),
)
