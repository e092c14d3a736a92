"""``/execute``: run a stored flow, or steps that are stored nowhere; now or later."""

from __future__ import annotations

from typing import Any

from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.automation import FlowsService
from sidecar.automation.engine.workflows import REFUSED, Workflows
from sidecar.automation.flows.service import Later
from sidecar.errors import InvalidInput, NotFound, SidecarError

PERMISSION = Permission(REFUSED, any_of=("manage_flows",))
#: Runs that one request starts.
MOST = 10


def execute(request: Request) -> Answer:
    """``{success, data: {execution_type, execution_mode, ...}, message}``.

    A flow: ``flow_id, job_id`` (or ``job_ids, count``), or ``scheduled_time`` when ``timestamp`` is in the
    future; the flow's own schedule stays. A workflow: ``job_id, step_count[, timestamp, scheduled_time]
    [, dry_run]``. 400 ``missing_input``, ``invalid_input``, ``execute_failed``; 404 for what is not there.
    """
    params = request.params
    flow_id, workflow = params.get("flow_id"), params.get("workflow")
    if flow_id is None and workflow is None:
        raise InvalidInput("Must provide either flow_id or workflow.", code="missing_input")
    if flow_id is not None and workflow is not None:
        raise InvalidInput("Cannot provide both flow_id and workflow.", code="invalid_input")
    if flow_id is not None and params.get("dry_run"):
        # A stored flow marks items and takes prompts: who asks for a trial must not get a real run.
        raise InvalidInput("A dry run is of a workflow, not of a flow.", code="invalid_input")
    try:
        return _workflow(request) if flow_id is None else _flow(request, flow_id)
    except InvalidInput as error:
        raise InvalidInput(error.message, code="execute_failed") from error
    except NotFound as error:
        raise NotFound(error.message, code="execute_failed") from error


def _flow(request: Request, flow_id: int) -> Answer:
    params = request.params
    service = request.runtime.get(FlowsService)
    data = params.get("initial_data")
    count, timestamp = _count(params.get("count")), params.get("timestamp")
    about: dict[str, Any] = {"execution_mode": "database", "flow_id": flow_id}
    if timestamp is not None and timestamp > request.runtime.clock.now().timestamp():
        if count > 1:
            raise InvalidInput("Cannot schedule multiple runs with a timestamp.")
        later: Later = service.run_at(request.principal, flow_id, timestamp, initial_data=data)
        return success(
            {"execution_type": "delayed", **about, "scheduled_time": later.scheduled_time},
            "Flow scheduled for delayed execution.",
        )
    started = [_started(service, request, flow_id, data)]
    failure = ""
    for _ in range(count - 1):
        try:
            started.append(_started(service, request, flow_id, data))
        except SidecarError as error:
            # What runs already runs: the answer says how many there are.
            failure = f" {error.message}"
            break
    found: dict[str, Any] = {"execution_type": "immediate", **about, "job_id": started[0]}
    if count > 1:
        del found["job_id"]
        found |= {"job_ids": started, "count": len(started)}
    return success(found, f"Execution started{'.' + failure if failure else ''}")


def _started(service: FlowsService, request: Request, flow_id: int, data: Any) -> int:
    return service.run(request.principal, flow_id, initial_data=data).job_id


def _workflow(request: Request) -> Answer:
    params = request.params
    if _count(params.get("count")) > 1:
        raise InvalidInput("Only a flow can be run several times.")
    found = request.runtime.get(Workflows).execute(
        request.principal,
        params["workflow"],
        timestamp=params.get("timestamp"),
        initial_data=params.get("initial_data"),
        dry_run=bool(params.get("dry_run")),
    )
    return success(
        {key: value for key, value in found.items() if key not in ("success", "message")}, found["message"]
    )


def _count(given: Any) -> int:
    count = 1 if given is None else int(given)
    if not 1 <= count <= MOST:
        raise InvalidInput(f"Count must be between 1 and {MOST}.")
    return count


ROUTES = (
    Route(
        "POST",
        "/execute",
        PERMISSION,
        execute,
        {
            "flow_id": Argument("integer"),
            "workflow": Argument("object"),
            "count": Argument("integer"),
            "timestamp": Argument("integer", description="Unix seconds; one that has passed means now."),
            "initial_data": Argument("object"),
            "dry_run": Argument("boolean", default=False),
        },
    ),
)
