"""``/pipelines``: templates of steps, and the flows made of them."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from sidecar.api import engine
from sidecar.api.envelope import refused_as, success
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.automation import PipelinesService
from sidecar.automation.pipelines import creation, documents
from sidecar.automation.pipelines.abilities import made as told
from sidecar.automation.pipelines.creation import PipelineCreation
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.pipelines.exporting import PipelineExport
from sidecar.automation.pipelines.importing import PipelineImport
from sidecar.automation.pipelines.reading import number
from sidecar.automation.pipelines.service import PipelineDetail
from sidecar.display import SiteDates
from sidecar.errors import InvalidInput
from sidecar.identity.scope import requested_agent

PIPELINE_ID = {"pipeline_id": Argument("integer", required=True)}
ONE = r"/pipelines/(?P<pipeline_id>\d+)"


def list_pipelines(request: Request) -> Answer:
    """``{success, per_page, offset, total, data: {pipelines, total}}``, last changed first.

    Each has ``flows`` and ``flow_count``, unless ``include_flows`` is false. With ``pipeline_id`` as one by
    its path; with ``format=csv`` the text of a file, of ``ids`` or of all. ``agent_id`` is read from the
    query, undeclared: one agent's pipelines, 403 for an agent the caller may not see; it beats ``user_id``.
    ``fields`` names columns, separated by commas.
    """
    params = request.params
    if params["format"] == "csv":
        return _csv(request)
    if params.get("pipeline_id"):
        return show_pipeline(request)
    with_flows = params["include_flows"]
    found, total = request.runtime.get(PipelinesService).find(
        request.principal,
        search=params.get("search"),
        user_id=params.get("user_id") or None,
        agent_id=requested_agent(request.query.get("agent_id")),
        limit=params["per_page"],
        offset=params["offset"],
        with_flows=with_flows,
    )
    dates = _dates(request)
    shown = [
        _only(request, documents.in_list(each.pipeline, each.flows if with_flows else None, dates))
        for each in found
    ]
    return Answer(
        {
            "success": True,
            "per_page": params["per_page"],
            "offset": params["offset"],
            "total": total,
            "data": {"pipelines": shown, "total": total},
        }
    )


def show_pipeline(request: Request) -> Answer:
    """``{success, data: {pipeline, flows}}``. 404 ``pipeline_not_found``."""
    detail = request.runtime.get(PipelinesService).get(request.principal, request.params["pipeline_id"])
    shown = _only(request, documents.shown(detail.pipeline, _dates(request)))
    return success({"pipeline": shown, "flows": _flows(detail)})


def create_pipeline(request: Request) -> Answer:
    """``{success, data: {success, pipeline_id, pipeline_name, flow_id, ..., creation_mode}}``.

    ``flow_config`` ``{flow_name?, scheduling_config?}`` makes a flow too. With ``batch_import`` and
    ``format`` ``csv`` the file in ``data`` is imported: ``{success, data: {imported, count}, message}``.
    ``agent_id`` of the body names the agent it is for. 400 ``rest_invalid_param`` without a name, else with
    the code of the rule that was broken.
    """
    params = request.params
    agent_id = _agent(request)
    if params["batch_import"]:
        return _import(request, agent_id)
    if not str(params.get("pipeline_name") or "").strip():
        raise InvalidInput(
            "Pipeline name is required.",
            code="rest_invalid_param",
            data={"params": {"pipeline_name": "Pipeline name is required."}},
        )
    new = creation.read(params, agent_id=agent_id)
    made = request.runtime.get(PipelineCreation).create(request.principal, new)
    return success({"success": True, **told(made)})


def rename_pipeline(request: Request) -> Answer:
    """``{success, data: {pipeline_id, pipeline_name}, message}``. ``update_failed``: 404, 400."""
    with refused_as("update_failed"):
        renamed = request.runtime.get(PipelinesService).rename(
            request.principal, request.params["pipeline_id"], request.params["pipeline_name"]
        )
    return Answer(
        {
            "success": True,
            "data": {"pipeline_id": renamed.pipeline_id, "pipeline_name": renamed.pipeline_name},
            "message": "Pipeline updated successfully",
        }
    )


def delete_pipeline(request: Request) -> Answer:
    """``{success, pipeline_id, pipeline_name, deleted_flows, message}``. 404 ``pipeline_deletion_failed``."""
    with refused_as("pipeline_deletion_failed"):
        gone = request.runtime.get(PipelineDeletion).delete(request.principal, request.params["pipeline_id"])
    return Answer(
        {
            "success": True,
            "pipeline_id": gone.pipeline_id,
            "pipeline_name": gone.pipeline_name,
            "deleted_flows": gone.flows,
            "message": gone.message,
        }
    )


def list_flows(request: Request) -> Answer:
    """``{success, data: {pipeline_id, flows, flow_count, first_flow_id}}``. 404 ``pipeline_not_found``."""
    detail = request.runtime.get(PipelinesService).get(request.principal, request.params["pipeline_id"])
    return success(
        {
            "pipeline_id": detail.pipeline.pipeline_id,
            "flows": _flows(detail),
            "flow_count": len(detail.flows),
            "first_flow_id": detail.flows[0].flow_id if detail.flows else None,
        }
    )


def _csv(request: Request) -> Answer:
    text = str(request.params.get("ids") or "")
    ids = [found for part in text.split(",") if (found := number(part.strip()))]
    if text.strip() and not ids:
        raise InvalidInput("ids must be numbers, separated by commas.", code="rest_invalid_param")
    content, _count = request.runtime.get(PipelineExport).csv(request.principal, ids)
    stamp = request.runtime.clock.now().astimezone(UTC).strftime("%Y-%m-%d-%H-%M-%S")
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="pipelines-export-{stamp}.csv"',
    }
    return Answer(content.encode("utf-8"), headers=headers)


def _import(request: Request, agent_id: int | None) -> Answer:
    if request.params["format"] != "csv" or not request.params.get("data"):
        raise InvalidInput("A CSV file in data is required.", code="invalid_import_data")
    done = request.runtime.get(PipelineImport).csv(
        request.principal, request.params["data"], agent_id=agent_id
    )
    count = len(done.pipeline_ids)
    return Answer(
        {
            "success": True,
            "data": {"imported": done.pipeline_ids, "pipeline_ids": done.pipeline_ids, "count": count},
            "message": f"Successfully imported {count} pipeline(s)",
        }
    )


def _only(request: Request, item: dict[str, Any]) -> dict[str, Any]:
    """The columns that ``fields`` names; those that do not exist are no error."""
    wanted = {name.strip() for name in str(request.params.get("fields") or "").split(",")} - {""}
    return {name: value for name, value in item.items() if name in wanted} if wanted else item


def _flows(detail: PipelineDetail) -> list[dict[str, Any]]:
    return [documents.flow_row(flow) for flow in detail.flows]


def _dates(request: Request) -> SiteDates:
    return SiteDates.of(request.runtime.db, request.blog_id, request.epoch)


def _agent(request: Request) -> int | None:
    """The agent that a body names, or the query."""
    value = request.body.get("agent_id", request.query.get("agent_id"))
    return requested_agent(value)


ROUTES = (
    Route(
        "GET",
        "/pipelines",
        engine.PIPELINES,
        list_pipelines,
        {
            "pipeline_id": Argument("integer"),
            "fields": Argument("string", description="Columns, separated by commas."),
            "format": Argument("string", default="json", enum=("json", "csv")),
            "ids": Argument("string", description="What a csv file holds: ids, separated by commas."),
            "user_id": Argument("integer"),
            "search": Argument("string"),
            "per_page": Argument("integer", default=20, minimum=1, maximum=100),
            "offset": Argument("integer", default=0, minimum=0),
            "include_flows": Argument("boolean", default=True),
        },
    ),
    Route(
        "POST",
        "/pipelines",
        engine.PIPELINES,
        create_pipeline,
        {
            "pipeline_name": Argument("string"),
            "steps": Argument("array"),
            "flow_config": Argument("object"),
            "batch_import": Argument("boolean", default=False),
            "format": Argument("string", default="json", enum=("json", "csv")),
            "data": Argument("string", description="The text of a csv file."),
        },
    ),
    Route("GET", ONE, engine.PIPELINES, show_pipeline, PIPELINE_ID),
    Route(
        "PATCH",
        ONE,
        engine.PIPELINES,
        rename_pipeline,
        {**PIPELINE_ID, "pipeline_name": Argument("string", required=True)},
    ),
    Route("DELETE", ONE, engine.PIPELINES, delete_pipeline, PIPELINE_ID),
    Route("GET", rf"{ONE}/flows", engine.PIPELINES, list_flows, PIPELINE_ID),
)
