"""``/flows/steps``: one step of a flow, by its own id."""

from __future__ import annotations

import html

from sidecar.api import engine
from sidecar.api.envelope import refused_as, success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation import identifiers, registry
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.flows import step_input
from sidecar.automation.flows.step_display import StepDisplay
from sidecar.automation.flows.step_settings import FlowSteps, StepChange
from sidecar.errors import NotFound

STEP = r"/flows/steps/(?P<flow_step_id>[A-Za-z0-9_-]+)"


def show_step(request: Request) -> Answer:
    """``{success, data: {flow_step_id, step_config}}``; ``step_config`` is empty for an id nobody has."""
    step_id = _id(request)
    config: object = []
    if identifiers.split_flow_step_id(step_id) is not None:
        try:
            _flow, step = request.runtime.get(FlowSteps).get(request.principal, step_id)
            config = request.runtime.get(StepDisplay).step(step)
        except NotFound as error:
            if not isinstance(error, FlowNotFound) and error.code != "flow_step_not_found":
                raise
    return success({"flow_step_id": step_id, "step_config": config})


def update_step(request: Request) -> Answer:
    """``{success, data: {flow_step_id, step_config}, message}``.

    Settings that are not named stay as they are. ``update_failed`` with 400, or 404 for a step or handler
    that is not there, or 409 when others changed it at the same time; ``data`` of an unknown setting has
    ``unknown_fields`` and ``field_specs``.
    """
    with refused_as("update_failed"):
        change = step_input.change({**request.params})
        step = request.runtime.get(FlowSteps).update(request.principal, _id(request), change)
    return Answer(
        {
            "success": True,
            "data": {
                "flow_step_id": _id(request),
                "step_config": request.runtime.get(StepDisplay).step(step),
            },
            "message": f"Flow step updated successfully. Fields updated: {', '.join(change.fields())}",
        }
    )


def save_handler(request: Request) -> Answer:
    """``{success, data: {step_type, flow_step_id, flow_id, pipeline_step_id, step_config,
    handler_settings_display, handler_settings_displays}, message}``.

    ``settings`` of the body are the handler's. 404 ``handler_not_found``, 400 ``missing_required_fields`` and
    ``invalid_flow_step_id``; everything else as for the step's configuration.
    """
    params, step_id = request.params, _id(request)
    settings = step_input.mapping({"settings": request.body.get("settings")}, "settings") or {}
    step = request.runtime.get(FlowSteps).save_handler(
        request.principal,
        step_id,
        params["handler_slug"],
        params["pipeline_id"],
        params["step_type"],
        settings,
    )
    shown = request.runtime.get(StepDisplay).step(step)
    label = registry.handlers(params["step_type"]).get(params["handler_slug"], {}).get("label")
    name = html.escape(str(label or params["handler_slug"]), quote=True)
    return Answer(
        {
            "success": True,
            "data": {
                "step_type": step["step_type"],
                "flow_step_id": step_id,
                "flow_id": step.get("flow_id"),
                "pipeline_step_id": step.get("pipeline_step_id"),
                "step_config": shown,
                "handler_settings_display": shown["settings_display"],
                "handler_settings_displays": shown["handler_settings_displays"],
            },
            "message": f"Handler &quot;{name}&quot; settings saved successfully.",
        }
    )


def set_message(request: Request) -> Answer:
    """``{success, data: {flow_step_id, user_message}, message}``: the one prompt of an AI step.

    An empty text takes it away. ``update_failed`` as above.
    """
    with refused_as("update_failed"):
        step = request.runtime.get(FlowSteps).update(
            request.principal, _id(request), StepChange(user_message=request.params["user_message"])
        )
    queue = step.get("prompt_queue") or []
    return Answer(
        {
            "success": True,
            "data": {
                "flow_step_id": _id(request),
                "user_message": queue[0]["prompt"] if queue else "",
            },
            "message": "User message saved successfully",
        }
    )


def _id(request: Request) -> str:
    return str(request.params["flow_step_id"])


_STEP = {"flow_step_id": Argument("string", required=True)}

ROUTES = (
    Route("GET", STEP + "/config", engine.FLOWS, show_step, _STEP),
    Route(
        "PATCH",
        STEP + "/config",
        engine.FLOWS,
        update_step,
        _STEP
        | {
            "handler_slug": Argument("string"),
            "handler_config": Argument("object"),
            "user_message": Argument("string"),
            "add_handler": Argument("string"),
            "add_handler_config": Argument("object"),
            "remove_handler": Argument("string"),
            "retry_policy": Argument("object", nullable=True, description="null or {} removes it."),
        },
    ),
    Route(
        "PUT",
        STEP + "/handler",
        engine.FLOWS,
        save_handler,
        _STEP
        | {
            "handler_slug": Argument("string", required=True),
            "pipeline_id": Argument("integer", required=True),
            "step_type": Argument("string", required=True),
        },
    ),
    Route(
        "PATCH",
        STEP + "/user-message",
        engine.FLOWS,
        set_message,
        _STEP | {"user_message": Argument("string", required=True)},
    ),
)
