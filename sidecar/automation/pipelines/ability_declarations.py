"""The abilities on pipelines and their steps: what WordPress is told about them."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation.categories import PIPELINE

LIST = "datamachine/get-pipelines"
CREATE = "datamachine/create-pipeline"
UPDATE = "datamachine/update-pipeline"
DELETE = "datamachine/delete-pipeline"
DUPLICATE = "datamachine/duplicate-pipeline"
IMPORT = "datamachine/import-pipelines"
EXPORT = "datamachine/export-pipelines"
STEPS = "datamachine/get-pipeline-steps"
ADD_STEP = "datamachine/add-pipeline-step"
UPDATE_STEP = "datamachine/update-pipeline-step"
DELETE_STEP = "datamachine/delete-pipeline-step"
REORDER = "datamachine/reorder-pipeline-steps"

_TEXT, _ID, _FLAG, _OBJECT, _LIST = (
    {"type": kind} for kind in ("string", "integer", "boolean", "object", "array")
)
_MAYBE_ID = {"type": ["integer", "null"]}
_MAYBE_TEXT = {"type": ["string", "null"]}
_OUTCOME = {"success": _FLAG, "error": _TEXT, "error_code": _TEXT, "message": _TEXT}
_MANAGERS = Permission(any_of=("manage_flows",))
_PIPELINE_ID = {"pipeline_id": _ID}
_STEP_ID = {"pipeline_step_id": _TEXT | {"description": "As {pipeline}_{uuid}."}}


def _answer(**properties: dict[str, Any]) -> dict[str, Any]:
    return object_schema({**_OUTCOME, **properties})


DECLARATIONS = (
    Declaration(
        LIST,
        PIPELINE,
        "List pipelines",
        "Pipelines with their flows, last changed first, or one of them.",
        _MANAGERS,
        object_schema(
            {
                "pipeline_id": _MAYBE_ID | {"description": "Only this one."},
                "user_id": _MAYBE_ID | {"description": "Only those this user made; 0 and null: anybody."},
                "agent_id": _MAYBE_ID | {"description": "Only those of this agent; beats user_id."},
                "per_page": _ID | {"default": 20, "minimum": 1, "maximum": 100},
                "offset": _ID | {"default": 0, "minimum": 0},
                "search": _TEXT | {"description": "Only those whose name holds this."},
                "output_mode": _TEXT | {"enum": ["full", "summary", "ids"], "default": "full"},
                "include_flows": _FLAG | {"default": True},
            },
            optional=True,
        ),
        _answer(
            pipelines=_LIST,
            total=_ID,
            per_page=_ID,
            offset=_ID,
            output_mode=_TEXT,
        ),
    ),
    Declaration(
        CREATE,
        PIPELINE,
        "Create a pipeline",
        "Makes a pipeline, with steps if there are any, and a flow if flow_config says what it is like. "
        "With pipelines makes several; what they share stands in template.",
        _MANAGERS,
        object_schema(
            {
                "pipeline_name": _TEXT,
                "agent_id": _MAYBE_ID | {"description": "The agent it belongs to."},
                "steps": _LIST | {"description": "Each with step_type, and maybe label and system_prompt."},
                "workflow": _OBJECT | {"description": "Steps as a workflow has them: {steps: [...]}."},
                "flow_config": _OBJECT | {"description": "flow_name and scheduling_config of a first flow."},
                "pipelines": _LIST
                | {"description": "Each with name, maybe steps, flow_name, scheduling_config."},
                "template": _OBJECT | {"description": "steps and scheduling_config of all of them."},
                "validate_only": _FLAG | {"description": "Only say what would be made."},
            }
        ),
        _answer(
            pipeline_id=_MAYBE_ID,
            pipeline_name=_MAYBE_TEXT,
            flow_id=_MAYBE_ID,
            flow_name=_MAYBE_TEXT,
            steps_created=_MAYBE_ID,
            flow_step_ids={"type": ["array", "null"]},
            creation_mode=_MAYBE_TEXT,
            created_count=_MAYBE_ID,
            failed_count=_MAYBE_ID,
            created={"type": ["array", "null"]},
            errors={"type": ["array", "null"]},
            partial={"type": ["boolean", "null"]},
            valid=_FLAG,
            mode=_TEXT,
            would_create=_LIST,
        ),
    ),
    Declaration(
        UPDATE,
        PIPELINE,
        "Rename a pipeline",
        "Changes a pipeline's name.",
        _MANAGERS,
        object_schema({**_PIPELINE_ID, "pipeline_name": _TEXT}, required=("pipeline_id",)),
        _answer(pipeline_id=_ID, pipeline_name=_TEXT),
    ),
    Declaration(
        DELETE,
        PIPELINE,
        "Delete a pipeline",
        "Removes a pipeline with its flows, their schedules, files and processed items, and cancels their "
        "unfinished jobs.",
        _MANAGERS,
        object_schema(_PIPELINE_ID, required=("pipeline_id",)),
        _answer(pipeline_id=_ID, pipeline_name=_TEXT, deleted_flows=_ID),
    ),
    Declaration(
        DUPLICATE,
        PIPELINE,
        "Copy a pipeline",
        "Copies a pipeline with its flows. Of their schedules only the interval is copied.",
        _MANAGERS,
        object_schema(
            {**_PIPELINE_ID, "new_name": _TEXT, "agent_id": _MAYBE_ID},
            required=("pipeline_id",),
        ),
        _answer(
            pipeline_id=_ID,
            pipeline_name=_TEXT,
            source_pipeline_id=_ID,
            source_pipeline_name=_TEXT,
            flows_created=_ID,
        ),
    ),
    Declaration(
        STEPS,
        PIPELINE,
        "List a pipeline's steps",
        "The steps of a pipeline in their order, or one step by its id.",
        _MANAGERS,
        object_schema({**_PIPELINE_ID, "pipeline_step_id": _MAYBE_TEXT}),
        _answer(steps=_LIST, pipeline_id=_MAYBE_ID, step_count=_ID),
    ),
    Declaration(
        ADD_STEP,
        PIPELINE,
        "Add a step",
        "Adds a step at the end of a pipeline and of each of its flows.",
        _MANAGERS,
        object_schema(
            {
                **_PIPELINE_ID,
                "step_type": _TEXT,
                "step_config": _OBJECT | {"description": "label, system_prompt and the like."},
            },
            required=("pipeline_id", "step_type"),
        ),
        _answer(
            pipeline_id=_ID,
            pipeline_step_id=_TEXT,
            step_type=_TEXT,
            flows_updated=_ID,
            flow_step_ids=_LIST,
        ),
    ),
    Declaration(
        UPDATE_STEP,
        PIPELINE,
        "Change a step",
        "Changes system prompt, disabled tools or tool categories of a step; what is not named stays.",
        _MANAGERS,
        object_schema(
            {
                **_STEP_ID,
                "system_prompt": _TEXT,
                "disabled_tools": _LIST,
                "tool_categories": _LIST,
            },
            required=("pipeline_step_id",),
        ),
        _answer(
            pipeline_step_id=_TEXT,
            pipeline_id=_ID,
            updated_fields={"type": "array", "items": _TEXT},
        ),
    ),
    Declaration(
        DELETE_STEP,
        PIPELINE,
        "Delete a step",
        "Removes a step from a pipeline and from each of its flows, with their processed items.",
        _MANAGERS,
        object_schema({**_PIPELINE_ID, **_STEP_ID}, required=("pipeline_id", "pipeline_step_id")),
        _answer(pipeline_id=_ID, pipeline_step_id=_TEXT, affected_flows=_ID),
    ),
    Declaration(
        REORDER,
        PIPELINE,
        "Reorder steps",
        "Puts the steps of a pipeline, and of its flows, into another order.",
        _MANAGERS,
        object_schema(
            {
                **_PIPELINE_ID,
                "step_order": _LIST
                | {"description": "Every step once, as {pipeline_step_id}, in the new order."},
            },
            required=("pipeline_id", "step_order"),
        ),
        _answer(pipeline_id=_ID, step_count=_ID),
    ),
    Declaration(
        IMPORT,
        PIPELINE,
        "Import pipelines",
        "Makes pipelines and flows as a file describes them; those that exist already are changed.",
        _MANAGERS,
        object_schema(
            {
                "data": _TEXT | {"description": "The file's text."},
                "format": _TEXT | {"enum": ["csv"], "default": "csv"},
                "agent_id": _MAYBE_ID | {"description": "The agent they belong to."},
            },
            required=("data",),
        ),
        _answer(imported={"type": "array", "items": _ID}, count=_ID),
    ),
    Declaration(
        EXPORT,
        PIPELINE,
        "Export pipelines",
        "Pipelines and their flows as a file, without secrets.",
        _MANAGERS,
        object_schema(
            {
                "pipeline_ids": _LIST | {"description": "None named: all that you may see."},
                "format": _TEXT | {"enum": ["csv"], "default": "csv"},
            },
            optional=True,
        ),
        _answer(data=_TEXT, count=_ID),
    ),
)
