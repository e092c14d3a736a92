"""Jobs for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.jobs import abilities
from sidecar.automation.jobs.abilities import JobRoom
from sidecar.automation.jobs.batches import Batches
from sidecar.automation.jobs.cancel import JobCancel, ManualEndings
from sidecar.automation.jobs.deletion import JobDeletion
from sidecar.automation.jobs.endings import Endings
from sidecar.automation.jobs.flow_health import FlowHealthService
from sidecar.automation.jobs.health import FlowHealth
from sidecar.automation.jobs.interrupted import INTERRUPTED, Interrupted
from sidecar.automation.jobs.recovery import Recovery
from sidecar.automation.jobs.retry import Retrying
from sidecar.automation.jobs.service import JobsService
from sidecar.automation.jobs.stuck import StuckJobs
from sidecar.automation.jobs.transcripts import Transcripts
from sidecar.automation.jobs.undo import Undo
from sidecar.automation.jobs.watching import Watching
from sidecar.automation.repositories.flow_reports import FlowReports
from sidecar.automation.repositories.job_removal import JobRemoval
from sidecar.automation.repositories.job_reports import JobReports
from sidecar.automation.repositories.job_retries import RetryMarks
from sidecar.automation.repositories.transcripts import TranscriptsRepository
from sidecar.queue.reconciler import Reconciler

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    db, clock, units = runtime.db, runtime.clock, runtime.hosts
    jobs, access = parts.jobs, parts.access
    reports = JobReports(db)
    endings = Endings(db, jobs, reports, parts.store, parts.completion)
    stuck = StuckJobs(db, reports, access)
    service = JobsService(jobs, access)
    room = JobRoom(
        jobs=service,
        endings=ManualEndings(jobs, endings, access, units),
        retrying=Retrying(
            db,
            jobs,
            reports,
            RetryMarks(db, clock),
            parts.creation,
            parts.items,
            parts.files,
            endings,
            parts.agents,
            access,
            units,
        ),
        recovery=Recovery(reports, stuck, endings, access, units),
        stuck=stuck,
        deletion=JobDeletion(reports, JobRemoval(db), endings, parts.files, access, units),
        undo=Undo(jobs, reports, parts.store, access, units, clock),
        health=FlowHealthService(FlowReports(db), parts.flows, FlowHealth(db, jobs), parts.settings, access),
        batches=Batches(jobs, reports, access),
        watching=Watching(service, reports, stuck),
        transcripts=Transcripts(service, TranscriptsRepository(db)),
    )
    runtime.provide(JobRoom, room)
    runtime.provide(JobsService, room.jobs)
    runtime.provide(JobCancel, JobCancel(endings, units))
    interrupted = Interrupted(db, jobs, parts.completion, endings, parts.actors)
    runtime.queue_handlers[INTERRUPTED] = interrupted.go_on
    runtime.get(Reconciler).add(interrupted.missing)
    for name, callback in abilities.callbacks(room).items():
        runtime.get(Registry).add(name, callback)
