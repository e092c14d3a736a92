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
    ),
    Declaration(
        SCHEDULE_NEXT_STEP,
        JOBS,
        "Schedule the next step",
        "Stores the packets of a job and queues one of its steps.",
        _MANAGERS,
        object_schema({**_STEP, "data_packets": {"type": "array"}}, required=("job_id", "flow_step_id")),
    ),
    Declaration(
        EXECUTE_STEP,
        JOBS,
        "Execute a step",
        "Runs one step of a job at once.",
        _MANAGERS,
        object_schema(_STEP, required=("job_id", "flow_step_id")),
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
    ),
    Declaration(
        GET_STEP_TYPES,
        PIPELINE,
        "List step types",
        "The types of steps a pipeline may have.",
        _MANAGERS,
        # A list is an input too: callers from PHP pass an empty array.
        {"type": ["object", "array"], "default": []},
    ),
)
