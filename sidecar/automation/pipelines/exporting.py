"""Pipelines as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sidecar.automation.access import PIPELINES, VIEWER, Access
from sidecar.automation.identifiers import flow_step_id
from sidecar.automation.pipelines import csv_format, portable
from sidecar.automation.pipelines.csv_format import Row
from sidecar.automation.pipelines.service import PipelineDetail, PipelinesService
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow, Pipeline
from sidecar.identity import Principal

#: Pipelines in one page while all are exported.
PAGE = 100


class PipelineExport:
    """Writes what the one who asks may see."""

    def __init__(self, service: PipelinesService, pipelines: PipelinesRepository, access: Access) -> None:
        self._service = service
        self._pipelines = pipelines
        self._access = access

    def csv(self, principal: Principal, pipeline_ids: Sequence[int] = ()) -> tuple[str, int]:
        """The text and how many pipelines are in it; without ids all that the principal sees.

        Ids that do not exist are left out. Forbidden for one that is not the principal's to see.
        """
        self._access.enter(principal, PIPELINES)
        found = list(self._named(principal, pipeline_ids) if pipeline_ids else self._all(principal))
        return csv_format.dump(row for each in found for row in rows(each.pipeline, each.flows)), len(found)

    def _named(self, principal: Principal, pipeline_ids: Sequence[int]) -> Iterator[PipelineDetail]:
        wanted = self._pipelines.many(sorted(set(pipeline_ids)))
        message = "You do not have permission to view this pipeline."
        for pipeline in wanted:
            self._access.row(principal, pipeline.agent_id, pipeline.user_id, VIEWER, message)
        yield from self._service.with_flows(principal, wanted)

    def _all(self, principal: Principal) -> Iterator[PipelineDetail]:
        scope, last = self._access.scope(principal, None, PIPELINES), 0
        while page := self._pipelines.after(last, scope, PAGE):
            yield from self._service.with_flows(principal, page)
            last = page[-1].pipeline_id


def rows(pipeline: Pipeline, flows: Sequence[Flow]) -> Iterator[Row]:
    """The lines of one pipeline: each step, followed by what each flow made of it."""
    about: Document = {
        "pipeline_id": str(pipeline.pipeline_id),
        "pipeline_name": pipeline.pipeline_name,
        "pipeline_slug": pipeline.portable_slug or "",
    }
    steps = pipeline.steps()
    extra = portable.beside(pipeline.pipeline_config)
    if not steps:
        yield Row(**about, extra=extra)
    told: set[int] = set()
    for position, step in enumerate(steps):
        place: Document = {
            "step_position": position,
            "step_type": str(step["step_type"]),
            "step_config": portable.step_config(step),
        }
        yield Row(**about, **place, extra=extra if position == 0 else {})
        for flow in flows:
            settings = _settings(flow, step)
            last = position == len(steps) - 1
            if settings or (last and flow.flow_id not in told):
                yield Row(**about, **place, **_flow(flow, step, flow.flow_id not in told), settings=settings)
                told.add(flow.flow_id)
    if not steps:
        for flow in flows:
            yield Row(**about, **_flow(flow, {}, True))


def _settings(flow: Flow, step: Document) -> Document:
    own = flow.flow_config.get(flow_step_id(str(step["pipeline_step_id"]), flow.flow_id))
    return portable.flow_step(own) if isinstance(own, dict) else {}


def _flow(flow: Flow, step: Document, first: bool) -> Document:
    """About a flow; what concerns all of it stands in its first line."""
    own = flow.flow_config.get(flow_step_id(str(step.get("pipeline_step_id", "")), flow.flow_id))
    return {
        "flow_id": str(flow.flow_id),
        "flow_name": flow.flow_name,
        "flow_slug": flow.portable_slug or "",
        "handler": portable.primary(own) if isinstance(own, dict) else "",
        "scheduling": portable.schedule(flow.scheduling_config) if first else {},
        "extra": portable.beside(flow.flow_config) if first else {},
    }
