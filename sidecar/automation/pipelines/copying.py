"""Copies of pipelines with their flows."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sidecar.automation import identifiers
from sidecar.automation.access import ADMIN, Access
from sidecar.automation.flows import wanted
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.pipelines import names
from sidecar.automation.pipelines.service import PipelinesService
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Pipeline, is_step
from sidecar.clock import Clock, mysql
from sidecar.db import Database, Session
from sidecar.identity import Principal

#: Counts how often a queue was consumed; a copy begins anew.
REVISION = "_queue_consume_revision"


class PipelineCopied(msgspec.Struct, frozen=True):
    """The copy, what it is a copy of, and how many flows were copied with it."""

    pipeline: Pipeline
    source: Pipeline
    flows: int


class PipelineCopying:
    """Copies steps with their settings under new ids."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        service: PipelinesService,
        pipelines: PipelinesRepository,
        flows: FlowsRepository,
        rows: PipelineFlows,
        schedules: FlowSchedules,
        access: Access,
        clock: Clock,
    ) -> None:
        self._db = db
        self._service = service
        self._pipelines = pipelines
        self._flows = flows
        self._rows = rows
        self._schedules = schedules
        self._access = access
        self._clock = clock

    def copy(
        self, principal: Principal, pipeline_id: int, name: str | None = None, *, agent_id: int | None = None
    ) -> PipelineCopied:
        """A copy for an admin of the source and of each of its flows, whose settings may hold secrets.

        It is called ``Copy of ...`` unless ``name`` says otherwise, and belongs to the same agent, or to
        ``agent_id``, on which the principal is admin too. It is made whole or not at all; of schedules it has
        what :func:`.wanted.of_copy` says. Raises PipelineNotFound and InvalidInput.
        """
        self._service.permitted(principal, pipeline_id, ADMIN, "copy")
        with self._db.transaction() as session:
            # Together: a step that is added or removed in between would be in one of them only.
            source, flows = self._rows.lock(session, pipeline_id)
        for flow in flows:
            message = f"You do not have permission to copy flow {flow.flow_id} of this pipeline."
            self._access.row(principal, flow.agent_id, flow.user_id, ADMIN, message)
        owner = self._access.agent_of_new(principal, agent_id, source.agent_id)
        called = names.clean(name) if name and name.strip() else names.of_copy(source.pipeline_name)
        # What cannot be scheduled any more shows before anything is written.
        schedules = {
            flow.flow_id: self._schedules.read(wanted.of_copy(flow.scheduling_config)) for flow in flows
        }
        rung: list[int] = []

        def work(session: Session) -> int:
            rung.clear()
            ids: dict[str, str] = {}
            new_id = self._pipelines.create(
                called,
                user_id=principal.user_id,
                agent_id=owner,
                now=mysql(self._clock.now()),
                config=lambda new_id: renamed_steps(source.pipeline_config, new_id, ids),
            )
            slugs: set[str] = set()
            for flow in flows:
                flow_name = names.of_copy(flow.flow_name)
                slug = names.free(names.slug(flow_name, "flow"), slugs)
                slugs.add(slug)
                row = {
                    "pipeline_id": new_id,
                    "user_id": principal.user_id,
                    # A copy that is another agent's runs as that one, with all its flows.
                    "agent_id": flow.agent_id if owner == source.agent_id else owner,
                    "flow_name": flow_name,
                    "portable_slug": slug,
                    "scheduling_config": {"interval": "manual"},
                }
                flow_id = self._rows.insert_flow(session, row)
                config = mapped(flow.flow_config, ids, new_id, flow_id)
                scheduling, actions = self._schedules.begin(session, flow_id, schedules[flow.flow_id])
                rung.extend(actions)
                self._rows.update_flow(
                    session, flow_id, {"flow_config": config, "scheduling_config": scheduling}
                )
            return new_id

        with self._pipelines.naming(owner):
            new_id = self._db.run(work)
        self._schedules.told(rung)
        return PipelineCopied(self._service.get(principal, new_id).pipeline, source, len(flows))


def renamed_steps(config: Document, pipeline_id: int, ids: dict[str, str]) -> Document:
    """A configuration with new step ids, which ``ids`` gets by the old ones; what is no step is kept."""
    copied: Document = {}
    for key, value in config.items():
        if not is_step(value):
            copied[key] = value
            continue
        step_id = identifiers.new_pipeline_step_id(pipeline_id)
        ids[str(value.get("pipeline_step_id") or key)] = step_id
        copied[step_id] = {**value, "pipeline_step_id": step_id}
    return copied


def mapped(config: Document, ids: Mapping[str, str], pipeline_id: int, flow_id: int) -> Document:
    """A flow's steps with the ids of another pipeline and flow; steps without a counterpart are left out."""
    copied: Document = {}
    for key, value in config.items():
        if not is_step(value):
            copied[key] = value
            continue
        step_id = ids.get(str(value.get("pipeline_step_id")))
        if step_id is None:
            continue
        own = {name: each for name, each in value.items() if name != REVISION}
        flow_step_id = identifiers.flow_step_id(step_id, flow_id)
        copied[flow_step_id] = own | {
            "flow_step_id": flow_step_id,
            "pipeline_step_id": step_id,
            "pipeline_id": pipeline_id,
            "flow_id": flow_id,
        }
    return copied
