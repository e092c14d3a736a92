"""The abilities on flows' steps, as WordPress is told about them."""

from __future__ import annotations

from typing import Any

from sidecar.abilities import Declaration, Permission, object_schema
from sidecar.automation.categories import FLOW

GET = "datamachine/get-flow-steps"
UPDATE = "datamachine/update-flow-step"
CONFIGURE = "datamachine/configure-flow-steps"
VALIDATE = "datamachine/validate-flow-steps-config"

_TEXT, _ID, _FLAG = (dict[str, Any](type=kind) for kind in ("string", "integer", "boolean"))
_MAP: dict[str, Any] = {"type": ["object", "array"]}
_LIST: dict[str, Any] = {"type": "array", "items": {"type": ["object", "array"]}}
_MANAGERS = Permission(manage=True)
_OUTCOME: dict[str, Any] = {"success": _FLAG, "error": _TEXT, "message": _TEXT}
_STEP = _TEXT | {"description": "A step of a flow, as {pipeline step}_{flow}."}
_SETTINGS: dict[str, Any] = {
    "handler_slug": _TEXT | {"description": "The handler."},
    "handler_config": _MAP | {"description": "Settings of the handler; those not named stay as they are."},
    "user_message": _TEXT | {"description": "The one prompt of an AI step; empty takes it away."},
}
_SELECTION: dict[str, Any] = {
    "pipeline_id": _ID | {"description": "Every flow of this pipeline."},
    "all_flows": _FLAG | {"description": "Every flow that uses handler_slug, with global_scope."},
    "global_scope": _FLAG | {"description": "Confirms that flows of every pipeline are meant."},
    "step_type": _TEXT | {"description": "Only steps of this type."},
    "handler_slug": _TEXT | {"description": "Only steps with this handler; the new one where none is set."},
    "target_handler_slug": _TEXT | {"description": "The handler to change to."},
    "field_map": _MAP | {"description": "Old name: new name of settings to carry over."},
    "handler_config": _SETTINGS["handler_config"],
    "flow_configs": _LIST | {"description": "{flow_id, handler_config, user_message} for single flows."},
    "user_message": _SETTINGS["user_message"],
    "updates": _LIST
    | {"description": "{flow_id | flow_step_id, handler_slug, handler_config, user_message}"},
    "shared_config": _MAP | {"description": "Below every handler_config of updates."},
}

DECLARATIONS = (
    Declaration(
        GET,
        FLOW,
        "Show a flow's steps",
        "The steps of a flow in their order, or one of them.",
        _MANAGERS,
        object_schema({"flow_id": _ID, "flow_step_id": _STEP}, optional=True),
        object_schema({**_OUTCOME, "steps": _LIST, "flow_id": _ID, "step_count": _ID}),
    ),
    Declaration(
        UPDATE,
        FLOW,
        "Configure a flow's step",
        "Sets a step's handler and its settings, adds or removes a handler, or sets the prompt.",
        _MANAGERS,
        object_schema(
            {
                "flow_step_id": _STEP,
                **_SETTINGS,
                "add_handler": _TEXT | {"description": "A further handler for the step."},
                "add_handler_config": _MAP | {"description": "Settings of the handler that is added."},
                "remove_handler": _TEXT | {"description": "A handler to take away."},
                "retry_policy": {
                    "type": ["object", "array", "null"],
                    "description": "{max_attempts, backoff, factor} when the step fails; empty for none.",
                },
            },
            required=("flow_step_id",),
        ),
        object_schema(
            {
                **_OUTCOME,
                "flow_step_id": _TEXT,
                "unknown_fields": {"type": "array", "items": _TEXT},
                "field_specs": _MAP,
            }
        ),
    ),
    Declaration(
        CONFIGURE,
        FLOW,
        "Configure steps of many flows",
        "Changes the steps of all flows of a pipeline, of all flows of a handler, or of a list.",
        _MANAGERS,
        object_schema({**_SELECTION, "validate_only": _FLAG | {"default": False}}, optional=True),
        object_schema(
            {
                **_OUTCOME,
                "updated_steps": _LIST,
                "flows_updated": _ID,
                "steps_modified": _ID,
                "skipped": _LIST,
                "errors": _LIST,
                "valid": _FLAG,
                "would_update": _LIST,
            }
        ),
    ),
    Declaration(
        VALIDATE,
        FLOW,
        "Check settings for many flows",
        "What configuring the same steps would change, without changing it.",
        _MANAGERS,
        object_schema(_SELECTION, optional=True),
        object_schema({**_OUTCOME, "valid": _FLAG, "would_update": _LIST, "skipped": _LIST, "errors": _LIST}),
    ),
)
