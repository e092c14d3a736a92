"""The abilities on flows: what they do.

A rule that was broken is an answer with ``success`` false; a missing right is an error, and so is everything
unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sidecar import blog
from sidecar.abilities import Callback
from sidecar.automation.access import ADMIN
from sidecar.automation.answering import answering, code
from sidecar.automation.flows import ability_declarations as names
from sidecar.automation.flows import intervals, pausing, wanted
from sidecar.automation.flows.ability_declarations import DECLARATIONS
from sidecar.automation.flows.creation import FlowCreation, NewFlow, Refused, given_steps
from sidecar.automation.flows.deletion import FlowDeletion
from sidecar.automation.flows.documents import FlowDocuments, row, summary
from sidecar.automation.flows.masking import masked
from sidecar.automation.flows.pausing import Change, FlowPausing, Scope
from sidecar.automation.flows.restoring import ScheduleRestoring
from sidecar.automation.flows.service import FlowsService, FlowSummary
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, Flow
from sidecar.errors import InvalidInput
from sidecar.identity import Principal

__all__ = ["DECLARATIONS", "FlowServices", "callbacks", "duplicate"]

Given = Mapping[str, Any]
_Work = Callable[[Principal, Given], Document]


@dataclass(frozen=True)
class FlowServices:
    """What the doors on flows call."""

    flows: FlowsService
    creation: FlowCreation
    deletion: FlowDeletion
    pausing: FlowPausing
    restoring: ScheduleRestoring
    documents: FlowDocuments


def callbacks(services: FlowServices) -> dict[str, Callback]:
    """By name."""

    def get(principal: Principal, given: Given) -> Document:
        """``{flows, total, per_page, offset, output_mode, filters_applied}``."""
        limit = min(max(number(given.get("per_page", 20)), 1), 100)
        offset = number(given.get("offset"))
        filters = {
            "flow_id": _maybe(given.get("flow_id")),
            "pipeline_id": _maybe(given.get("pipeline_id")),
            "user_id": _maybe(given.get("user_id")),
            "agent_id": _maybe(given.get("agent_id")),
            "handler_slug": str(given.get("handler_slug") or "") or None,
        }
        found, total = services.flows.find(principal, **filters, limit=limit, offset=offset)  # type: ignore[arg-type]
        mode = str(given.get("output_mode") or "full")
        return {
            "flows": _shown(services.documents, found, mode),
            "total": total,
            "per_page": limit,
            "offset": offset,
            "output_mode": mode,
            "filters_applied": {key: value for key, value in filters.items() if value is not None},
        }

    def create(principal: Principal, given: Given) -> Document:
        """One flow, or with ``flows`` several."""
        wished = given.get("flows")
        if isinstance(wished, Sequence) and not isinstance(wished, str) and wished:
            return _many(services, principal, given, wished)
        new = _new(given, {})
        if given.get("validate_only"):
            services.creation.check(principal, new)
            return {"valid": True, "mode": "single", "would_create": [_would(new)]}
        return {**_created(services.creation.create(principal, new)), "creation_mode": "single"}

    def update(principal: Principal, given: Given) -> Document:
        """``{flow_id, flow_name, flow_data, message}``."""
        name = given.get("flow_name")
        found = services.flows.update(
            principal,
            number(given.get("flow_id")),
            name=None if name is None else str(name),
            scheduling=wanted.named(given),
        )
        return {
            "flow_id": found.flow.flow_id,
            "flow_name": found.flow.flow_name,
            "flow_data": services.documents.listed([found], blog.current())[0],
            "message": "Flow updated successfully",
        }

    def delete(principal: Principal, given: Given) -> Document:
        """``{flow_id, pipeline_id, message}``."""
        gone = services.deletion.delete(principal, number(given.get("flow_id")))
        return {
            "flow_id": gone.flow_id,
            "pipeline_id": gone.pipeline_id,
            "message": "Flow deleted successfully",
        }

    def copy(principal: Principal, given: Given) -> Document:
        return duplicate(services, principal, number(given.get("source_flow_id")), given)

    def pause(principal: Principal, given: Given) -> Document:
        return pausing_answer(services.pausing.pause(principal, _scope(given)))

    def resume(principal: Principal, given: Given) -> Document:
        return resuming_answer(services.pausing.resume(principal, _scope(given)))

    def schedule(principal: Principal, given: Given) -> Document:
        """``{flow_id, scheduling_config, message}``."""
        flow_id = number(given.get("flow_id"))
        config = services.flows.schedule(principal, flow_id, given.get("interval_or_timestamp", ""))
        return {
            "flow_id": flow_id,
            "scheduling_config": masked(config),
            "message": f"Flow {flow_id} is scheduled: {config['interval']}.",
        }

    def reconcile(principal: Principal, given: Given) -> Document:
        """``{restored, failed, dry_run, flows: [{flow_id, action_id?, error?}]}``."""
        dry = bool(given.get("dry_run"))
        done = services.restoring.reconcile(principal, dry_run=dry)
        return {
            "dry_run": dry,
            "restored": sum(bool(one.action_id) for one in done),
            "failed": sum(bool(one.error) for one in done),
            "flows": [
                {"flow_id": one.flow_id}
                | ({"action_id": one.action_id} if one.action_id else {})
                | ({"error": one.error} if one.error else {})
                for one in done
            ],
        }

    def listing(_principal: Principal, _given: Given) -> Document:
        """``{intervals: [{value, label}]}``."""
        return {"intervals": intervals.listing()}

    work: dict[str, _Work] = {
        names.GET: get,
        names.CREATE: create,
        names.UPDATE: update,
        names.DELETE: delete,
        names.DUPLICATE: copy,
        names.PAUSE: pause,
        names.RESUME: resume,
        names.SCHEDULE: schedule,
        names.RECONCILE: reconcile,
        names.INTERVALS: listing,
    }
    return {name: answering(callback, code) for name, callback in work.items()}


def duplicate(services: FlowServices, principal: Principal, source_id: int, given: Given) -> Document:
    """``{flow_id, flow_name, source_flow_id, source_pipeline_id, target_pipeline_id, flow_data, ...}``.

    The caller is an admin of the source, for its settings hold what only admins see.
    """
    source = services.flows.permitted(
        principal, source_id, ADMIN, "You do not have permission to duplicate this flow."
    )
    made = services.creation.copy(
        principal,
        source,
        pipeline_id=_maybe(given.get("target_pipeline_id")),
        name=str(given["flow_name"]) if given.get("flow_name") else None,
        scheduling=given.get("scheduling_config"),
        overrides=given_steps(given.get("step_config_overrides")),
    )
    return {
        "flow_id": made.flow_id,
        "flow_name": made.flow_name,
        "source_flow_id": source.flow_id,
        "source_pipeline_id": source.pipeline_id,
        "target_pipeline_id": made.pipeline_id,
        "flow_data": row(made),
        "flow_step_ids": list(_step_ids(made)),
        "scheduling": str(made.scheduling_config.get("interval", "manual")),
    }


def pausing_answer(done: Sequence[Change]) -> Document:
    """``{paused, skipped, flows, message}``."""
    counts = pausing.summary(done)
    paused, skipped = counts.get("paused", 0), counts.get("already_paused", 0)
    return {
        "paused": paused,
        "skipped": skipped,
        "flows": [one.entry() for one in done],
        "message": f"Paused {paused} flow(s), skipped {skipped} (already paused).",
    }


def resuming_answer(done: Sequence[Change]) -> Document:
    """``{resumed, skipped, errors, flows, message}``."""
    counts = pausing.summary(done)
    resumed, skipped, errors = (counts.get(word, 0) for word in ("resumed", "not_paused", "error"))
    return {
        "resumed": resumed,
        "skipped": skipped,
        "errors": errors,
        "flows": [one.entry() for one in done],
        "message": f"Resumed {resumed} flow(s), skipped {skipped} (not paused), {errors} error(s).",
    }


def _many(services: FlowServices, principal: Principal, given: Given, wished: Sequence[Any]) -> Document:
    news = [_new(each if isinstance(each, Mapping) else {}, given) for each in wished]
    dry = bool(given.get("validate_only"))
    made, refused = services.creation.create_many(principal, news, validate_only=dry)
    errors = [_refusal(one, news[one.index]) for one in refused]
    if dry:
        bad = {one.index for one in refused}
        return {
            "valid": not errors,
            "mode": "bulk",
            "would_create": [_would(new) for at, new in enumerate(news) if at not in bad],
            "errors": errors,
        }
    answer = {
        "created_count": len(made),
        "failed_count": len(errors),
        "created": [_created(flow) for flow in made],
        "errors": errors,
        "creation_mode": "bulk",
        "partial": bool(made and errors),
    }
    if not made:
        return {"success": False, "error": "No flow could be created.", **answer}
    return {**answer, "message": f"Created {len(made)} flow(s), {len(errors)} failed."}


def _new(given: Given, shared: Given) -> NewFlow:
    """One flow of the input; what a flow of several does not say is said for all of them."""
    pipeline_id = number(given.get("pipeline_id") or shared.get("pipeline_id"))
    if not pipeline_id:
        raise InvalidInput("pipeline_id is required", code="pipeline_id_required")
    configs = (
        given_steps(shared.get("shared_step_config"))
        | given_steps(given.get("flow_config"))
        | given_steps(given.get("step_configs"))
    )
    scheduling = wanted.named(given)
    if scheduling is None:
        scheduling = wanted.named(shared)
    return NewFlow(
        pipeline_id,
        str(given.get("flow_name") or "Flow"),
        configs,
        scheduling,
        _maybe(given.get("agent_id") or shared.get("agent_id")),
    )


def _created(flow: Flow) -> Document:
    return {
        "flow_id": flow.flow_id,
        "flow_name": flow.flow_name,
        "pipeline_id": flow.pipeline_id,
        "flow_data": row(flow),
        "synced_steps": len(flow.steps()),
        "flow_step_ids": list(_step_ids(flow)),
    }


def _step_ids(flow: Flow) -> list[str]:
    return [str(step.get("flow_step_id", "")) for step in flow.steps()]


def _would(new: NewFlow) -> Document:
    return {"pipeline_id": new.pipeline_id, "flow_name": new.name}


def _refusal(one: Refused, new: NewFlow) -> Document:
    return {
        "index": one.index,
        "pipeline_id": new.pipeline_id,
        "flow_name": new.name,
        "error": one.error.message,
        "error_code": one.error.code,
    }


def _shown(documents: FlowDocuments, found: Sequence[FlowSummary], mode: str) -> list[Any]:
    if mode == "ids":
        return [each.flow.flow_id for each in found]
    if mode == "summary":
        return [summary(each) for each in found]
    return (documents.listed if mode == "list" else documents.full)(found, blog.current())


def _scope(given: Given) -> Scope:
    return Scope(*(number(given.get(name)) or None for name in ("flow_id", "pipeline_id", "agent_id")))


def _maybe(value: Any) -> int | None:
    return number(value) or None
