"""Pipelines for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.flows.service import FlowsService
from sidecar.automation.jobs.cancel import JobCancel
from sidecar.automation.pipelines import abilities, step_abilities, transfer_abilities
from sidecar.automation.pipelines.copying import PipelineCopying
from sidecar.automation.pipelines.creation import PipelineCreation
from sidecar.automation.pipelines.deletion import PipelineDeletion
from sidecar.automation.pipelines.exporting import PipelineExport
from sidecar.automation.pipelines.importing import PipelineImport
from sidecar.automation.pipelines.service import PipelinesService
from sidecar.automation.pipelines.steps import PipelineSteps
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.steps.models import AgentModels

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    db, access, units, clock = runtime.db, parts.access, runtime.hosts, runtime.clock
    pipelines, flows, rows = parts.pipelines, parts.flows, PipelineFlows(db)
    schedules = FlowSchedules(db, flows, clock)
    folders = FlowFolders(lambda: parts.files.root, owner=parts.files.owner)

    service = PipelinesService(pipelines, flows, access, units, clock)
    steps = PipelineSteps(db, pipelines, rows, access, AgentModels(parts.agents, parts.settings), units)
    # The rooms of flows and jobs are wired later.
    making = PipelineCreation(db, service, lambda: runtime.get(FlowsService), rows, schedules)
    deletion = PipelineDeletion(
        db,
        service,
        rows,
        parts.items,
        schedules,
        folders,
        access,
        lambda flow_ids, reason: runtime.get(JobCancel).of_flows(flow_ids, reason),
    )
    copying = PipelineCopying(db, service, pipelines, flows, rows, schedules, access, clock)
    exporting = PipelineExport(service, pipelines, access)
    importing = PipelineImport(db, pipelines, rows, access, units, clock)
    for kind, one in (
        (PipelinesService, service),
        (PipelineSteps, steps),
        (PipelineCreation, making),
        (PipelineDeletion, deletion),
        (PipelineCopying, copying),
        (PipelineExport, exporting),
        (PipelineImport, importing),
    ):
        runtime.provide(kind, one)
    for name, callback in {
        **abilities.callbacks(service, making, copying, deletion, db),
        **step_abilities.callbacks(steps),
        **transfer_abilities.callbacks(exporting, importing),
    }.items():
        runtime.get(Registry).add(name, callback)
