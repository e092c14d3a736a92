"""``/jobs``."""

from __future__ import annotations

from typing import Any

from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.automation import JobsService
from sidecar.display import SiteDates, jobs
from sidecar.errors import NotFound
from sidecar.identity.scope import requested_agent

PERMISSION = Permission("You do not have permission to manage jobs.", any_of=("manage_flows",), status=403)


def list_jobs(request: Request) -> Answer:
    """``{success, data: [job, ...], total, per_page, offset}``, newest first unless asked otherwise.

    ``agent_id`` is read from the query, undeclared: absent or empty it means every job the caller may see,
    else that agent's jobs, or 403 for an agent the caller may not see. It beats ``user_id``.
    """
    params = request.params
    found, total = request.runtime.get(JobsService).find(
        request.principal,
        agent_id=requested_agent(request.query.get("agent_id")),
        user_id=params.get("user_id") or None,
        status=params.get("status"),
        flow_id=_text(params.get("flow_id")),
        pipeline_id=_text(params.get("pipeline_id")),
        parent_job_id=params.get("parent_job_id"),
        hide_children=params["hide_children"],
        orderby=params["orderby"],
        order=params["order"],
        limit=params["per_page"],
        offset=params["offset"],
    )
    dates = SiteDates.of(request.runtime.db, request.blog_id, request.epoch)
    return Answer(
        {
            "success": True,
            "data": [jobs.in_list(job, dates) for job in found],
            "total": total,
            "per_page": params["per_page"],
            "offset": params["offset"],
        }
    )


def show_job(request: Request) -> Answer:
    """``{success, data: job}`` with ``engine_data`` decoded; NotFound ``job_not_found``.

    403 ``rest_forbidden`` for a job of an agent whose jobs the caller may not see.
    """
    job = request.runtime.get(JobsService).get(request.principal, request.params["id"])
    if job is None:
        raise NotFound("Job not found.", code="job_not_found")
    dates = SiteDates.of(request.runtime.db, request.blog_id, request.epoch)
    return Answer({"success": True, "data": jobs.alone(job, dates)})


def _text(value: Any) -> str | None:
    """Ids of flows and pipelines are text in this table."""
    return None if value is None else str(value)


def _later(request: Request) -> Answer:
    raise NotImplementedError(request.principal)


_ID = {"id": Argument("integer", required=True)}
_FLOW_ERRORS = Permission("You do not have permission to access flows.", any_of=("manage_flows",), status=403)

ROUTES = (
    Route(
        "GET",
        "/jobs/summary",
        PERMISSION,
        _later,
    ),
    Route(
        "GET",
        "/jobs/stuck",
        PERMISSION,
        _later,
        {
            "minutes": Argument("integer", default=5, minimum=0),
            "flow_id": Argument("integer"),
            "all": Argument("boolean", default=False),
            "per_page": Argument("integer", default=50, minimum=1, maximum=100),
            "offset": Argument("integer", default=0, minimum=0),
        },
    ),
    Route(
        "DELETE",
        "/jobs",
        PERMISSION,
        _later,
        {
            "type": Argument("string", required=True, enum=("all", "failed")),
            "cleanup_processed": Argument("boolean", default=False),
        },
    ),
    Route(
        "POST",
        r"/jobs/(?P<id>\d+)/retry",
        PERMISSION,
        _later,
        {**_ID, "force": Argument("boolean", default=False)},
    ),
    Route(
        "POST",
        r"/jobs/(?P<id>\d+)/cancel",
        PERMISSION,
        _later,
        {**_ID, "reason": Argument("string", default="")},
    ),
    Route(
        "POST",
        r"/jobs/(?P<id>\d+)/fail",
        PERMISSION,
        _later,
        {**_ID, "reason": Argument("string", default="manual")},
    ),
    Route(
        "GET",
        "/flows/problems",
        _FLOW_ERRORS,
        _later,
        {"threshold": Argument("integer", minimum=1)},
    ),
    Route(
        "GET",
        "/jobs",
        PERMISSION,
        list_jobs,
        {
            "orderby": Argument("string", default="job_id"),
            "order": Argument("string", default="DESC", enum=("ASC", "DESC")),
            "per_page": Argument("integer", default=50, minimum=1, maximum=100),
            "offset": Argument("integer", default=0, minimum=0),
            "pipeline_id": Argument("integer"),
            "flow_id": Argument("integer"),
            "status": Argument("string", description="The beginning of the status."),
            "user_id": Argument("integer"),
            "parent_job_id": Argument("integer"),
            "hide_children": Argument("boolean", default=False),
        },
    ),
    Route("GET", r"/jobs/(?P<id>\d+)", PERMISSION, show_job, {"id": Argument("integer", required=True)}),
)
