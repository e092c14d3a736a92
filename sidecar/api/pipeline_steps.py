"""``/pipelines/{id}/steps``, ``/pipelines/steps/{id}``: the steps of pipelines."""

from __future__ import annotations

import html

from sidecar.api import engine
from sidecar.api.envelope import refused_as, success
from sidecar.api.pipelines import ONE, PIPELINE_ID
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation.identifiers import split_pipeline_step_id
from sidecar.automation.pipelines.steps import PipelineSteps, StepChanges, named_order
from sidecar.errors import InvalidInput

STEP = r"/pipelines/steps/(?P<pipeline_step_id>[A-Za-z0-9_-]+)"
STEP_ID = {"pipeline_step_id": Argument("string", required=True)}


def add_step(request: Request) -> Answer:
    """``{success, data, message}``; ``data`` is ``{step_type, step_config, pipeline_id, pipeline_step_id,
    step_data, flow_step_ids, created_type}``.

    ``step_config`` is what the type is like, ``step_data`` the step as stored; each flow of the pipeline has
    it too. 400 ``rest_invalid_param`` for an unknown type, 404 ``pipeline_not_found``.
    """
    step_type = request.params["step_type"]
    try:
        added = request.runtime.get(PipelineSteps).add(
            request.principal, request.params["pipeline_id"], step_type, request.params.get("step_config")
        )
    except InvalidInput as error:
        raise InvalidInput(
            error.message, code="rest_invalid_param", data={"params": {"step_type": error.message}}
        ) from None
    label = _escaped(str(added.step["label"]))
    return Answer(
        {
            "success": True,
            "data": {
                "step_type": step_type,
                "step_config": added.definition,
                "pipeline_id": added.pipeline_id,
                "pipeline_step_id": added.step["pipeline_step_id"],
                "step_data": added.step,
                "flow_step_ids": added.flow_step_ids,
                "created_type": "step",
            },
            "message": f"Step &quot;{label}&quot; added successfully",
        }
    )


def delete_step(request: Request) -> Answer:
    """``{success, data: {success, pipeline_id, pipeline_step_id, affected_flows, message}}``.

    404 ``step_deletion_failed``.
    """
    step_id = request.params["step_id"]
    with refused_as("step_deletion_failed"):
        gone = request.runtime.get(PipelineSteps).delete(
            request.principal, request.params["pipeline_id"], step_id
        )
    return success(
        {
            "success": True,
            "pipeline_id": gone.pipeline_id,
            "pipeline_step_id": step_id,
            "affected_flows": gone.flows,
            "message": _escaped(gone.message),
        }
    )


def reorder_steps(request: Request) -> Answer:
    """``{success, data: {success, pipeline_id, step_count, message}, message}``.

    Every step is named once, as ``{pipeline_step_id}``; the place in the array is its order.
    ``reorder_failed``: 400, or 404 for an unknown pipeline.
    """
    pipeline_id = request.params["pipeline_id"]
    with refused_as("reorder_failed"):
        count = request.runtime.get(PipelineSteps).reorder(
            request.principal, pipeline_id, named_order(request.params["step_order"])
        )
    done = "Pipeline steps reordered successfully."
    return Answer(
        {
            "success": True,
            "data": {"success": True, "pipeline_id": pipeline_id, "step_count": count, "message": done},
            "message": "Step order saved successfully",
        }
    )


def set_prompt(request: Request) -> Answer:
    """``{success, data: [], message}``. 404 ``update_failed`` for an unknown step."""
    changes = StepChanges(system_prompt=request.params["system_prompt"])
    with refused_as("update_failed"):
        request.runtime.get(PipelineSteps).update(
            request.principal, request.params["pipeline_step_id"], changes
        )
    return success([], "System prompt saved successfully")


def configure_step(request: Request) -> Answer:
    """``{success, data: {pipeline_step_id, debug_info}, message}``; what is not named stays as it is.

    ``update_failed``: 400 for a ``step_type`` or ``pipeline_id`` that are not the step's and where nothing is
    to change, 404 for an unknown step.
    """
    params, step_id = request.params, request.params["pipeline_step_id"]
    changes = StepChanges(
        system_prompt=params.get("system_prompt"),
        disabled_tools=params.get("disabled_tools"),
        tool_categories=params.get("tool_categories"),
    )
    service = request.runtime.get(PipelineSteps)
    with refused_as("update_failed"):
        _matches(request, step_id, service)
        service.update(request.principal, step_id, changes)
    return Answer(
        {
            "success": True,
            "data": {"pipeline_step_id": step_id, "debug_info": {"step_config_saved": True}},
            "message": "AI step configuration saved successfully",
        }
    )


def _escaped(text: str) -> str:
    """As ``esc_html()`` writes it: these messages were always HTML."""
    return html.escape(text).replace("&#x27;", "&#039;")


def _matches(request: Request, step_id: str, service: PipelineSteps) -> None:
    """Whether what a client believes about the step is so."""
    pipeline_id, step_type = request.params.get("pipeline_id"), request.params.get("step_type")
    named = split_pipeline_step_id(step_id)
    if pipeline_id and named is not None and named.pipeline_id != pipeline_id:
        raise InvalidInput("The step belongs to another pipeline.", code="pipeline_mismatch")
    found = service.one(request.principal, step_id) if step_type else None
    if found is not None and found[1].get("step_type") != step_type:
        raise InvalidInput(f"The step is of type {found[1].get('step_type')}.", code="step_type_mismatch")


_TEXTS = Argument("array", items=Argument("string"))
_CONFIG = {
    "disabled_tools": _TEXTS,
    "tool_categories": _TEXTS,
    "system_prompt": Argument("string"),
}

ROUTES = (
    Route(
        "POST",
        rf"{ONE}/steps",
        engine.PIPELINES,
        add_step,
        {
            **PIPELINE_ID,
            "step_type": Argument("string", required=True),
            "step_config": Argument("object", description="Label, system prompt and the like."),
        },
    ),
    Route(
        "PUT",
        rf"{ONE}/steps/reorder",
        engine.PIPELINES,
        reorder_steps,
        {**PIPELINE_ID, "step_order": Argument("array", required=True)},
    ),
    Route(
        "DELETE",
        rf"{ONE}/steps/(?P<step_id>[A-Za-z0-9_-]+)",
        engine.PIPELINES,
        delete_step,
        {**PIPELINE_ID, "step_id": Argument("string", required=True)},
    ),
    Route(
        "PATCH",
        f"{STEP}/system-prompt",
        engine.PIPELINES,
        set_prompt,
        {**STEP_ID, "system_prompt": Argument("string", required=True)},
    ),
    Route(
        "PUT",
        f"{STEP}/config",
        engine.PIPELINES,
        configure_step,
        {
            **STEP_ID,
            "step_type": Argument("string", required=True),
            "pipeline_id": Argument("integer", required=True),
            **_CONFIG,
        },
    ),
    Route(
        "PATCH",
        f"{STEP}/config",
        engine.PIPELINES,
        configure_step,
        {**STEP_ID, "step_type": Argument("string"), "pipeline_id": Argument("integer"), **_CONFIG},
    ),
)
