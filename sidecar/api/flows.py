"""``/flows``: runs of pipelines with settings of their own, and when they begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.api import engine
from sidecar.api.envelope import refused_as, success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation.flows import abilities, wanted
from sidecar.automation.flows.abilities import FlowServices
from sidecar.automation.flows.creation import NewFlow, given_steps
from sidecar.automation.flows.documents import row
from sidecar.automation.flows.pausing import Scope
from sidecar.errors import InvalidInput
from sidecar.identity.scope import requested_agent

ONE = r"/flows/(?P<flow_id>\d+)"


def list_flows(request: Request) -> Answer:
    """``{success, data: [flow, ...], total, per_page, offset}`` in the order of their ids.

    ``agent_id`` and ``handler_slug`` are read from the query, undeclared: one agent's flows, 403 for an agent
    the caller may not see, and those that use a handler. ``agent_id`` beats ``user_id``.
    """
    params = request.params
    found, total = _services(request).flows.find(
        request.principal,
        pipeline_id=params.get("pipeline_id") or None,
        user_id=params.get("user_id") or None,
        agent_id=requested_agent(request.query.get("agent_id")),
        handler_slug=str(request.query.get("handler_slug") or "") or None,
        limit=params["per_page"],
        offset=params["offset"],
    )
    shown = _services(request).documents.full(found, request.blog_id, epoch=request.epoch)
    return Answer(
        {
            "success": True,
            "data": shown,
            "total": total,
            "per_page": params["per_page"],
            "offset": params["offset"],
        }
    )


def create_flow(request: Request) -> Answer:
    """``{success, data: {success, flow_id, flow_name, pipeline_id, flow_data, synced_steps}}``, 200.

    Broken rules are ``flow_creation_failed`` (400, or 404 for a pipeline or agent that is not there).
    ``agent_id`` of the body names an agent on which the caller is admin.
    """
    params = request.params
    with refused_as("flow_creation_failed"):
        new = NewFlow(
            params["pipeline_id"],
            params["flow_name"],
            given_steps(params.get("flow_config")) | given_steps(params.get("step_configs")),
            wanted.named(_given(request, "scheduling_config", "retry_policy")),
            requested_agent(request.body.get("agent_id")),
        )
        made = _services(request).creation.create(request.principal, new)
    return success(
        {
            "success": True,
            "flow_id": made.flow_id,
            "flow_name": made.flow_name,
            "pipeline_id": made.pipeline_id,
            "flow_data": row(made),
            "synced_steps": len(made.steps()),
        }
    )


def show_flow(request: Request) -> Answer:
    """``{success, data: flow}``; 404 ``flow_not_found``."""
    return success(_full(request))


def update_flow(request: Request) -> Answer:
    """``{success, data: flow, message}``; what is not named stays.

    Broken rules are ``update_failed`` (400, or 404 for a flow that is not there).
    """
    name = request.params.get("flow_name")
    with refused_as("update_failed"):
        found = _services(request).flows.update(
            request.principal,
            request.params["flow_id"],
            name=name,
            scheduling=wanted.named(_given(request, "scheduling_config", "retry_policy")),
        )
    shown = _services(request).documents.full([found], request.blog_id, epoch=request.epoch)
    return success(shown[0], "Flow updated successfully")


def delete_flow(request: Request) -> Answer:
    """``{success, flow_id, pipeline_id, message}``.

    404 ``flow_deletion_failed`` for a flow that is not there.
    """
    with refused_as("flow_deletion_failed"):
        gone = _services(request).deletion.delete(request.principal, request.params["flow_id"])
    return Answer(
        {
            "success": True,
            "flow_id": gone.flow_id,
            "pipeline_id": gone.pipeline_id,
            "message": "Flow deleted successfully",
        }
    )


def show_config(request: Request) -> Answer:
    """``{success, data: {flow_id, flow_config}}``; 404 ``flow_not_found``."""
    found = _full(request)
    return success({"flow_id": found["flow_id"], "flow_config": found["flow_config"]})


def duplicate_flow(request: Request) -> Answer:
    """``{success, flow_id, flow_name, source_flow_id, source_pipeline_id, target_pipeline_id, ...}``.

    The body may name ``flow_name``, ``target_pipeline_id``, ``scheduling_config`` and
    ``step_config_overrides``. Broken rules are ``flow_duplication_failed`` (400 or 404).
    """
    with refused_as("flow_duplication_failed"):
        made = abilities.duplicate(
            _services(request), request.principal, request.params["flow_id"], request.body
        )
    return Answer({"success": True, **made})


def pause_flow(request: Request) -> Answer:
    """``{success, paused, skipped, flows: [{flow_id, status}], message}``; 404 ``flow_not_found``."""
    return _pause(request, Scope(flow_id=request.params["flow_id"]))


def resume_flow(request: Request) -> Answer:
    """``{success, resumed, skipped, errors, flows: [{flow_id, status, error?}], message}``."""
    return _resume(request, Scope(flow_id=request.params["flow_id"]))


def pause_flows(request: Request) -> Answer:
    """As for one; 400 ``missing_scope`` without ``pipeline_id`` and ``agent_id``, 404 ``no_flows_found``."""
    return _pause(request, _scope(request))


def resume_flows(request: Request) -> Answer:
    """As for one; errors as for pausing."""
    return _resume(request, _scope(request))


def _pause(request: Request, scope: Scope) -> Answer:
    done = _services(request).pausing.pause(request.principal, scope)
    return Answer({"success": True, **abilities.pausing_answer(done)})


def _resume(request: Request, scope: Scope) -> Answer:
    done = _services(request).pausing.resume(request.principal, scope)
    if len(done) == 1 and done[0].error and scope.flow_id:
        raise InvalidInput(done[0].error, code="resume_failed")
    return Answer({"success": True, **abilities.resuming_answer(done)})


def _scope(request: Request) -> Scope:
    return Scope(None, request.params.get("pipeline_id"), request.params.get("agent_id"))


def _full(request: Request) -> dict[str, Any]:
    found = _services(request).flows.get(request.principal, request.params["flow_id"])
    return _services(request).documents.full([found], request.blog_id, epoch=request.epoch)[0]


def _given(request: Request, *names: str) -> Mapping[str, Any]:
    """Fields that were sent, null among them."""
    return {
        name: None if name in request.body and request.body[name] is None else request.params.get(name)
        for name in names
        if name in request.body or name in request.params
    }


def _services(request: Request) -> FlowServices:
    return request.runtime.get(FlowServices)


_ID = {"flow_id": Argument("integer", required=True)}
_SCHEDULING = Argument(
    "object",
    description="{interval, cron_expression?, timestamp?, enabled?}; other settings of the schedule stay.",
)
_RETRY = Argument(
    "object",
    nullable=True,
    description="{max_attempts, backoff?, factor?} of a step that fails; null for none.",
)
_STEPS = Argument(
    "object",
    description="By step type or pipeline step id: {handler_slug?, handler_config?, user_message?}.",
)
_SCOPE = {"pipeline_id": Argument("integer"), "agent_id": Argument("integer")}

ROUTES = (
    Route(
        "GET",
        "/flows",
        engine.FLOWS,
        list_flows,
        {
            "pipeline_id": Argument("integer"),
            "per_page": Argument("integer", default=20, minimum=1, maximum=100),
            "offset": Argument("integer", default=0, minimum=0),
            "user_id": Argument("integer"),
        },
    ),
    Route(
        "POST",
        "/flows",
        engine.FLOWS,
        create_flow,
        {
            "pipeline_id": Argument("integer", required=True),
            "flow_name": Argument("string", default="Flow"),
            "flow_config": _STEPS,
            "step_configs": _STEPS,
            "scheduling_config": _SCHEDULING,
            "retry_policy": _RETRY,
        },
    ),
    Route("POST", "/flows/pause", engine.FLOWS, pause_flows, _SCOPE),
    Route("POST", "/flows/resume", engine.FLOWS, resume_flows, _SCOPE),
    Route("GET", ONE, engine.FLOWS, show_flow, _ID),
    Route(
        "PATCH",
        ONE,
        engine.FLOWS,
        update_flow,
        {
            **_ID,
            "flow_name": Argument("string"),
            "scheduling_config": _SCHEDULING,
            "retry_policy": _RETRY,
        },
    ),
    Route("DELETE", ONE, engine.FLOWS, delete_flow, _ID),
    Route("GET", ONE + "/config", engine.FLOWS, show_config, _ID),
    Route("POST", ONE + "/pause", engine.FLOWS, pause_flow, _ID),
    Route("POST", ONE + "/resume", engine.FLOWS, resume_flow, _ID),
    Route("POST", ONE + "/duplicate", engine.FLOWS, duplicate_flow, _ID),
)
