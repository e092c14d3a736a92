"""``/jobs``."""

from __future__ import annotations

from typing import Any

from sidecar.api import engine
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation import JobsService
from sidecar.automation.jobs import retry
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.display import SiteDates, jobs
from sidecar.errors import NotFound
from sidecar.identity.scope import requested_agent


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
    return success(jobs.alone(job, dates))


def _text(value: Any) -> str | None:
    """Ids of flows and pipelines are text in this table."""
    return None if value is None else str(value)


def summary(request: Request) -> Answer:
    """``{success, data: {summary: {status: jobs}, total}}``; ``agent_id`` as in the list."""
    found = _room(request).jobs.summary(
        request.principal, agent_id=requested_agent(request.query.get("agent_id"))
    )
    return success({"summary": found, "total": sum(found.values())})


def stuck(request: Request) -> Answer:
    """``{success, data: [{job_id, cause, why, ...}], total, per_page, offset, queue}``."""
    params = request.params
    found = _room(request).stuck.report(
        request.principal,
        minutes=params["minutes"],
        agent_id=requested_agent(request.query.get("agent_id")),
        flow_id=params.get("flow_id"),
        everything=params["all"],
        limit=params["per_page"],
        offset=params["offset"],
    )
    return Answer({**{key: value for key, value in found.items() if key != "jobs"}, "data": found["jobs"]})


def delete_jobs(request: Request) -> Answer:
    """``{success, message, jobs_deleted, processed_items_cleaned}``; only jobs the caller administers."""
    done = _room(request).deletion.delete(
        request.principal,
        request.params["type"],
        cleanup_processed=request.params["cleanup_processed"],
    )
    return Answer(
        {
            "success": True,
            "message": f"Deleted {done.jobs} job(s).",
            "jobs_deleted": done.jobs,
            "processed_items_cleaned": done.processed_items,
        }
    )


def retry_job(request: Request) -> Answer:
    """``{success, data: {job_id, new_job_id, previous_status, prompt_requeued, ...}, message}``.

    404 ``job_not_found``; 409 ``job_not_retryable``, ``job_running``, ``already_retried``, ``item_taken``.
    """
    done = retry.document(
        _room(request).retrying.retry(request.principal, request.params["id"], force=request.params["force"])
    )
    return _changed(done)


def cancel_job(request: Request) -> Answer:
    """``{success, data: {job_id, status, children_cancelled}, message}``; 404, 409 ``job_ended``."""
    done = _room(request).endings.cancel(request.principal, request.params["id"], request.params["reason"])
    return _changed(
        {
            "job_id": done.job_id,
            "status": done.status,
            "children_cancelled": done.children,
            "message": f"Job {done.job_id} is cancelled.",
        }
    )


def fail_job(request: Request) -> Answer:
    """``{success, data: {job_id, status}, message}``; 404, 409 ``job_not_processing``."""
    done = _room(request).endings.fail(request.principal, request.params["id"], request.params["reason"])
    return _changed(
        {"job_id": done.job_id, "status": done.status, "message": f"Job {done.job_id} is {done.status}."}
    )


def problem_flows(request: Request) -> Answer:
    """``{success, data: {problem_flows, total, threshold, failing, idle}}``.

    Without ``threshold`` the setting ``problem_flow_threshold`` counts.
    """
    found = _room(request).health.problems(
        request.principal,
        threshold=request.params.get("threshold"),
        agent_id=requested_agent(request.query.get("agent_id")),
    )
    failing, idle = found["failing"], found["idle"]
    known = {each["flow_id"]: each for each in [*failing, *idle]}
    return Answer(
        {
            "success": True,
            "data": {
                "problem_flows": list(known.values()),
                "total": found["count"],
                "threshold": found["threshold"],
                "failing": failing,
                "idle": idle,
            },
        }
    )


def _changed(done: dict[str, Any]) -> Answer:
    data = {key: value for key, value in done.items() if key not in ("success", "message")}
    return success(data, done["message"])


def _room(request: Request) -> JobRoom:
    return request.runtime.get(JobRoom)


_ID = {"id": Argument("integer", required=True)}

ROUTES = (
    Route(
        "GET",
        "/jobs/summary",
        engine.JOBS,
        summary,
    ),
    Route(
        "GET",
        "/jobs/stuck",
        engine.JOBS,
        stuck,
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
        engine.JOBS,
        delete_jobs,
        {
            "type": Argument("string", required=True, enum=("all", "failed")),
            "cleanup_processed": Argument("boolean", default=False),
        },
    ),
    Route(
        "POST",
        r"/jobs/(?P<id>\d+)/retry",
        engine.JOBS,
        retry_job,
        {**_ID, "force": Argument("boolean", default=False)},
    ),
    Route(
        "POST",
        r"/jobs/(?P<id>\d+)/cancel",
        engine.JOBS,
        cancel_job,
        {**_ID, "reason": Argument("string", default="")},
    ),
    Route(
        "POST",
        r"/jobs/(?P<id>\d+)/fail",
        engine.JOBS,
        fail_job,
        {**_ID, "reason": Argument("string", default="manual")},
    ),
    Route(
        "GET",
        "/flows/problems",
        engine.FLOWS,
        problem_flows,
        {"threshold": Argument("integer", minimum=1)},
    ),
    Route(
        "GET",
        "/jobs",
        engine.JOBS,
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
    Route("GET", r"/jobs/(?P<id>\d+)", engine.JOBS, show_job, {"id": Argument("integer", required=True)}),
)
