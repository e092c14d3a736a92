"""What a worker does with the doorbell of a chunk of children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sidecar import queue
from sidecar.automation import registry
from sidecar.automation.engine import actors, relay
from sidecar.automation.engine.actors import Actors, AgentUnusable
from sidecar.automation.engine.batches import CHUNK, Batches
from sidecar.automation.repositories.batch_jobs import BatchJobs
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number
from sidecar.db import Session
from sidecar.identity import Principal
from sidecar.queue.reconciler import Missing

if TYPE_CHECKING:
    from sidecar.queue import Run

Arguments = Mapping[str, Any] | Sequence[Any]


class BatchHandler:
    """``datamachine_pipeline_batch_chunk``, done as the agent of the parent."""

    def __init__(
        self, actors_of: Actors, jobs: JobsRepository, batches: Batches, families: BatchJobs
    ) -> None:
        self._actors = actors_of
        self._jobs = jobs
        self._batches = batches
        self._families = families

    @queue.traits(listening="_of_parent")
    def chunk(self, args: Arguments, run: Run) -> None:
        """Make the next children. A parent whose agent cannot act fails."""
        parent = _parent(args)
        try:
            who = self._actor(parent)
        except AgentUnusable as error:
            relay.fire("datamachine_fail_job", parent, error.code, actors.describe(error))
            return
        with actors.working_as(who), registry.reading():
            self._batches.chunk(parent)

    def missing(self, session: Session) -> list[Missing]:
        """For the queue's reconciler: chunks that nobody will ever ring for."""
        return [Missing(CHUNK, {"parent_job_id": parent}) for parent in self._families.unsettled(session)]

    def _actor(self, job_id: int) -> Principal:
        return self._actors.behind(self._jobs.belonging(job_id))

    def _of_parent(self, args: Arguments) -> AbstractContextManager[None] | None:
        try:
            return actors.working_as(self._actor(_parent(args)))
        except AgentUnusable:
            return None


def _parent(args: Arguments) -> int:
    values = list(args.values()) if isinstance(args, Mapping) else list(args)
    return number(values[0]) if values else 0
