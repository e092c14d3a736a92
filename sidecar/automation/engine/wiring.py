"""Joins the engine with hooks, queue and bridge."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sidecar.abilities import Registry
from sidecar.automation.answering import answering, code
from sidecar.automation.engine import listeners
from sidecar.automation.engine.abilities import EXECUTE_WORKFLOW, Abilities
from sidecar.automation.engine.batch_handler import BatchHandler
from sidecar.automation.engine.batches import CHUNK
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.engine.hops import Engine
from sidecar.automation.engine.plain import plain
from sidecar.automation.engine.queue_handlers import ABANDONED, QueueHandlers
from sidecar.automation.engine.runs import FlowRuns
from sidecar.automation.engine.step_execution import StepExecution
from sidecar.automation.engine.workflows import Workflows
from sidecar.automation.jobs.departures import Departures
from sidecar.automation.jobs.health import FlowHealth
from sidecar.automation.logbook import Logbook
from sidecar.automation.repositories.batch_jobs import BatchJobs
from sidecar.automation.repositories.logs import LogsRepository
from sidecar.automation.steps.base import number
from sidecar.identity import Principal
from sidecar.queue.reconciler import Reconciler

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.bridge import Call
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """The hops of a job: as abilities, behind hooks, and behind doorbells."""
    jobs, flows, store, files = parts.jobs, parts.flows, parts.store, parts.files
    runs = FlowRuns(flows, parts.pipelines, jobs, parts.creation, parts.agents)
    execution = StepExecution(
        jobs,
        flows,
        store,
        files,
        parts.completion,
        parts.batches,
        parts.failing,
        parts.steps,
        runtime.clock,
    )
    Engine(flows, jobs, parts.access, runs, parts.scheduler, execution, parts.actors).offer(parts.abilities)
    workflows = Workflows(
        runtime.db,
        jobs,
        parts.creation,
        parts.agents,
        parts.access,
        parts.abilities,
        runtime.hosts,
        runtime.clock,
    )
    runtime.provide(Workflows, workflows)
    parts.abilities.add(EXECUTE_WORKFLOW, workflows.perform)
    for name in parts.abilities.names():
        work = functools.partial(_execute, parts.abilities, name)
        runtime.get(Registry).add(name, answering(work, code))
    runtime.handlers["engine.data"] = functools.partial(_engine_data, store)
    listeners.subscribe(
        runtime.bus,
        parts.abilities,
        parts.actors,
        Departures(jobs),
        parts.completion,
        parts.batches,
        parts.items,
        Logbook(runtime.get(LogsRepository), parts.settings),
        FlowHealth(runtime.db, jobs),
    )
    handlers = QueueHandlers(
        parts.abilities, parts.actors, flows, jobs, parts.completion, execution, runtime.hosts
    )
    chunks = BatchHandler(parts.actors, jobs, parts.batches, BatchJobs(runtime.db))
    runtime.queue_handlers[CHUNK] = chunks.chunk
    runtime.get(Reconciler).add(chunks.missing)
    runtime.queue_handlers["datamachine_execute_step"] = handlers.execute_step
    runtime.queue_handlers["datamachine_run_flow_now"] = handlers.run_flow
    runtime.queue_handlers[ABANDONED] = handlers.end_abandoned
    runtime.get(Reconciler).add(handlers.abandoned)


def _execute(abilities: Abilities, name: str, principal: Principal, given: Mapping[str, Any]) -> Any:
    """What WordPress has permitted already."""
    return abilities.execute(principal, name, given)


def _engine_data(store: EngineStore, call: Call) -> Any:
    """``engine.data {job_id, data?, replace?}``: read, or merge, or replace a job's document."""
    job_id, data = number(call.params.get("job_id")), call.params.get("data")
    if data is None:
        return store.load(job_id).all()
    given = plain(data) if isinstance(data, dict) else {}
    if call.params.get("replace"):
        return store.store(job_id, given)
    store.merge(job_id, given)
    return True
