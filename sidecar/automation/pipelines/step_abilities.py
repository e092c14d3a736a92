"""The abilities on steps of pipelines: what they do."""

from __future__ import annotations

from typing import Any

from sidecar.automation.answering import Given, answering, code
from sidecar.automation.answering import Work as Callback
from sidecar.automation.pipelines import ability_declarations as names
from sidecar.automation.pipelines.steps import PipelineSteps, StepChanges, named_order
from sidecar.automation.steps.base import number
from sidecar.errors import InvalidInput
from sidecar.identity import Principal


def callbacks(service: PipelineSteps) -> dict[str, Callback]:
    """By name."""

    def steps(principal: Principal, given: Given) -> dict[str, Any]:
        """``{steps, pipeline_id, step_count}``; an unknown step is an empty list."""
        step_id = given.get("pipeline_step_id")
        if step_id:
            one = service.one(principal, str(step_id))
            found = [] if one is None else [one[1]]
            return {
                "steps": found,
                "pipeline_id": None if one is None else one[0],
                "step_count": len(found),
            }
        pipeline_id = pipeline(given)
        found = service.all(principal, pipeline_id)
        return {"steps": found, "pipeline_id": pipeline_id, "step_count": len(found)}

    def add(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, pipeline_step_id, step_type, flows_updated, flow_step_ids, message}``."""
        config = given.get("step_config")
        added = service.add(
            principal,
            pipeline(given),
            _text(given, "step_type"),
            config if isinstance(config, dict) else None,
        )
        count = len(added.flow_step_ids)
        return {
            "pipeline_id": added.pipeline_id,
            "pipeline_step_id": added.step["pipeline_step_id"],
            "step_type": added.step["step_type"],
            "flows_updated": count,
            "flow_step_ids": added.flow_step_ids,
            "message": f'Step "{added.step["label"]}" added; {count} flow(s) updated.',
        }

    def update(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_step_id, pipeline_id, updated_fields, message}``."""
        step_id = _text(given, "pipeline_step_id")
        prompt = given.get("system_prompt")
        changes = StepChanges(
            system_prompt=None if prompt is None else str(prompt),
            disabled_tools=_list(given, "disabled_tools"),
            tool_categories=_list(given, "tool_categories"),
        )
        fields = service.update(principal, step_id, changes)
        return {
            "pipeline_step_id": step_id,
            "pipeline_id": number(step_id.partition("_")[0]),
            "updated_fields": fields,
            "message": f"Pipeline step updated. Fields updated: {', '.join(fields)}",
        }

    def delete(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, pipeline_step_id, affected_flows, message}``."""
        step_id = _text(given, "pipeline_step_id")
        gone = service.delete(principal, pipeline(given), step_id)
        return {
            "pipeline_id": gone.pipeline_id,
            "pipeline_step_id": step_id,
            "affected_flows": gone.flows,
            "message": gone.message,
        }

    def reorder(principal: Principal, given: Given) -> dict[str, Any]:
        """``{pipeline_id, step_count, message}``."""
        pipeline_id = pipeline(given)
        count = service.reorder(principal, pipeline_id, named_order(given.get("step_order")))
        return {
            "pipeline_id": pipeline_id,
            "step_count": count,
            "message": "Pipeline steps reordered successfully.",
        }

    return {
        name: answering(callback, code)
        for name, callback in {
            names.STEPS: steps,
            names.ADD_STEP: add,
            names.UPDATE_STEP: update,
            names.DELETE_STEP: delete,
            names.REORDER: reorder,
        }.items()
    }


def pipeline(given: Given) -> int:
    """The pipeline that an input names; InvalidInput."""
    found = number(given.get("pipeline_id"))
    if found <= 0:
        raise InvalidInput(
            "pipeline_id is required and must be a positive integer", code="invalid_pipeline_id"
        )
    return found


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{name} is required and must be a string", code=f"{name}_required")
    return value


def _list(given: Given, name: str) -> list[str] | None:
    value = given.get(name)
    return None if value is None else [str(each) for each in value] if isinstance(value, list) else []
