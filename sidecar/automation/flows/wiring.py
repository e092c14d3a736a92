"""Flows for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.files.flow_folders import FlowFolders
from sidecar.automation.flows import abilities
from sidecar.automation.flows.abilities import FlowServices
from sidecar.automation.flows.creation import FlowCreation
from sidecar.automation.flows.cycle import Cycle
from sidecar.automation.flows.deletion import FlowDeletion
from sidecar.automation.flows.documents import FlowDocuments
from sidecar.automation.flows.listeners import LATER, FlowListeners
from sidecar.automation.flows.pausing import FlowPausing
from sidecar.automation.flows.restoring import ScheduleRestoring
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.flows.service import FlowsService
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.queue.reconciler import Reconciler

if TYPE_CHECKING:
    from sidecar.automation.flows.step_display import StepDisplay
    from sidecar.automation.jobs.cancel import JobCancel
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services, offer the abilities, hear what concerns schedules."""
    db, units, access, flows = runtime.db, runtime.hosts, parts.access, parts.flows
    rows = PipelineFlows(db)
    folders = FlowFolders(lambda: parts.files.root, owner=parts.files.owner)
    schedules = FlowSchedules(db, flows, runtime.clock)
    settings = runtime.get(HandlerSettings)
    creation = FlowCreation(
        db, flows, parts.pipelines, rows, schedules, access, settings, units, runtime.clock
    )
    service = FlowsService(db, flows, parts.jobs, schedules, creation, parts.abilities, access, units)
    services = FlowServices(
        service,
        creation,
        FlowDeletion(db, flows, rows, schedules, folders, lambda: _cancelling(runtime), access, units),
        FlowPausing(flows, schedules, access, units),
        ScheduleRestoring(db, flows, schedules, access, units, runtime.clock),
        FlowDocuments(db, lambda: _step_display(runtime)),
    )
    runtime.provide(FlowsService, service)
    runtime.provide(FlowServices, services)
    runtime.provide(FlowSchedules, schedules)
    runtime.provide(FlowCreation, creation)
    runtime.provide(Cycle, Cycle(db, flows, service, schedules, access, units, runtime.clock))
    runtime.provide(FlowDeletion, services.deletion)
    for name, callback in abilities.callbacks(services).items():
        runtime.get(Registry).add(name, callback)
    listeners = FlowListeners(db, service, schedules, parts.actors)
    listeners.subscribe(runtime.bus)
    runtime.queue_handlers[LATER] = listeners.ring
    runtime.get(Reconciler).add(services.restoring.find)


# Rooms that are wired after this one are asked for when they are needed.


def _cancelling(runtime: Runtime) -> JobCancel:
    from sidecar.automation.jobs.cancel import JobCancel

    return runtime.get(JobCancel)


def _step_display(runtime: Runtime) -> StepDisplay:
    from sidecar.automation.flows.step_display import StepDisplay

    return runtime.get(StepDisplay)
