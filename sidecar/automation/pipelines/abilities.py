"""The abilities on pipelines: what they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.automation.answering import Given, answering, code
from sidecar.automation.answering import Work as Callback
from sidecar.automation.pipelines import ability_declarations as names
from sidecar.automation.pipelines import creation, documents
from sidecar.automation.pipelines.ability_declarations import DECLARATIONS
from sidecar.automation.pipelines.copying import PipelineCopying
from sidecar.automation.pipelines.creation import NewPipeline, PipelineCreation
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.pipelines.service import PipelineDetail, PipelinesService
from sidecar.automation.pipelines.step_abilities import pipeline
from sidecar.automation.steps.base import number
from sidecar.db import Database
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal
from sidecar.wordpress.site_dates import SiteDates

__all__ = ["DECLARATIONS", "callbacks"]

#: Rows of one page.
MOST = 100


def callbacks(
    service: PipelinesService,
    making: PipelineCreation,
    copying: PipelineCopying,
    deletion: PipelineDeletion,
    db: Database,
) -> dict[str, Callback]:
    """By name."""

    def find(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipelines, total, per_page, offset, output_mode}``."""
        mode, with_flows = str(given.get("output_mode") or "full"), given.get("include_flows", True) is True
        per_page = min(MOST, max(1, number(given.get("per_page")) or 20))
        offset = max(0, number(given.get("offset")))
        one = number(given.get("pipeline_id"))
        if one > 0:
            found: Sequence[PipelineDetail] = [service.get(principal, one)]
            total = 1
        else:
            found, total = service.find(
                principal,
                search=str(given.get("search") or "") or None,
                user_id=number(given.get("user_id")) or None,
                agent_id=number(given.get("agent_id")) or None,
                limit=per_page,
                offset=offset,
                with_flows=with_flows and mode == "full",
            )
        dates = SiteDates.of(db, principal.blog_id)
        return {
            "pipelines": [shown(each, mode, with_flows, dates) for each in found],
            "total": total,
            "per_page": per_page,
            "offset": offset,
            "output_mode": mode,
        }

    def create(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, ..., creation_mode}`` or, of several, ``{created, errors, ...}``."""
        agent_id = number(given.get("agent_id")) or None
        if given.get("pipelines"):
            template = given.get("template")
            several = creation.read_many(
                given["pipelines"], template if isinstance(template, dict) else {}, agent_id=agent_id
            )
            return create_many(principal, several, bool(given.get("validate_only")))
        new = creation.read(given, agent_id=agent_id)
        if not new.name.strip():
            raise InvalidInput(
                "pipeline_name is required and must be a non-empty string", code="name_required"
            )
        if given.get("validate_only"):
            return create_many(principal, [new], True)
        return made(making.create(principal, new))

    def create_many(principal: Principal, several: Sequence[NewPipeline], only_check: bool) -> dict[str, Any]:
        wrong = making.check(principal, several)
        if wrong:
            errors = [refused(several, at, error) for at, error in wrong.items()]
            message = f"Validation failed for {len(wrong)} pipeline(s)"
            return {"success": False, "error": message, "errors": errors}
        if only_check:
            return {
                "valid": True,
                "mode": "validate_only",
                "would_create": [preview(each) for each in several],
                "message": f"Validation passed. Would create {len(several)} pipeline(s).",
            }
        done = making.create_many(principal, several)
        errors = [refused(several, at, error) for at, error in done.refused.items()]
        counts = {"created_count": len(done.created), "failed_count": len(errors), "errors": errors}
        if not done.created:
            return {"success": False, "error": "All pipeline creations failed", **counts}
        message = f"Created {len(done.created)} pipeline(s)."
        return {
            **counts,
            "created": [
                {key: value for key, value in made(each).items() if key != "creation_mode"}
                for each in done.created
            ],
            "partial": bool(errors),
            "message": f"{message} {len(errors)} failed." if errors else message,
            "creation_mode": "bulk",
        }

    def update(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, pipeline_name, message}``."""
        renamed = service.rename(principal, pipeline(given), str(given.get("pipeline_name") or ""))
        return {
            "pipeline_id": renamed.pipeline_id,
            "pipeline_name": renamed.pipeline_name,
            "message": "Pipeline updated successfully",
        }

    def delete(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, pipeline_name, deleted_flows, message}``."""
        gone = deletion.delete(principal, pipeline(given))
        return {
            "pipeline_id": gone.pipeline_id,
            "pipeline_name": gone.pipeline_name,
            "deleted_flows": gone.flows,
            "message": gone.message,
        }

    def duplicate(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, pipeline_name, source_pipeline_id, source_pipeline_name, flows_created}``."""
        done = copying.copy(
            principal,
            pipeline(given),
            str(given.get("new_name") or "") or None,
            agent_id=number(given.get("agent_id")) or None,
        )
        return {
            "pipeline_id": done.pipeline.pipeline_id,
            "pipeline_name": done.pipeline.pipeline_name,
            "source_pipeline_id": done.source.pipeline_id,
            "source_pipeline_name": done.source.pipeline_name,
            "flows_created": done.flows,
        }

    return {
        name: answering(callback, code)
        for name, callback in {
            names.LIST: find,
            names.CREATE: create,
            names.UPDATE: update,
            names.DELETE: delete,
            names.DUPLICATE: duplicate,
        }.items()
    }


def made(created: creation.PipelineCreated) -> dict[str, Any]:
    """What everybody is told about a new pipeline."""
    steps, flow = created.pipeline.steps(), created.flow
    return {
        "pipeline_id": created.pipeline.pipeline_id,
        "pipeline_name": created.pipeline.pipeline_name,
        "flow_id": None if flow is None else flow.flow_id,
        "flow_name": None if flow is None else flow.flow_name,
        "steps_created": len(steps),
        "flow_step_ids": [] if flow is None else [str(step["flow_step_id"]) for step in flow.steps()],
        "creation_mode": "batch" if steps else "simple",
    }


def shown(detail: PipelineDetail, mode: str, with_flows: bool, dates: SiteDates) -> Any:
    """A pipeline in a list: all of it, a few words, or its id."""
    one = detail.pipeline
    if mode == "ids":
        return one.pipeline_id
    if mode == "summary":
        return {
            "pipeline_id": one.pipeline_id,
            "pipeline_name": one.pipeline_name,
            "step_count": len(one.steps()),
        }
    return documents.in_list(one, detail.flows if with_flows else None, dates)


def preview(new: NewPipeline) -> dict[str, Any]:
    """What would be made."""
    found: dict[str, Any] = {"name": new.name, "steps": len(new.steps)}
    if new.flow is not None:
        scheduling = new.flow.scheduling
        interval = scheduling.get("interval", "manual") if isinstance(scheduling, dict) else scheduling
        found |= {"flow_name": new.flow.name, "scheduling": interval}
    return found


def refused(several: Sequence[NewPipeline], at: int, error: SidecarError) -> dict[str, Any]:
    """Why one of several cannot be made."""
    return {"index": at, "name": several[at].name, "error": error.message, "error_code": error.code}
