"""Going on where a process died that began or ended a job outside the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from sidecar import queue
from sidecar.automation import log
from sidecar.automation.engine import actors
from sidecar.automation.engine.actors import Actors, AgentUnusable
from sidecar.automation.engine.completion import Completion
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.endings import Endings
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.promises import BEGIN, TELL, Promises
from sidecar.automation.values import Job
from sidecar.db import Database, Session
from sidecar.queue.reconciler import Missing

if TYPE_CHECKING:
    from sidecar.queue import Run

#: Rings for a job that somebody began or ended, and did not live to go on with.
INTERRUPTED = "datamachine_bridge_interrupted"
#: A listener that kills its process every time has been told often enough.
ATTEMPTS = 5
NEVER_BEGUN = "never_begun"


class Interrupted:
    """The doorbell, and the reconciler's question which of them should ring."""

    def __init__(
        self,
        db: Database,
        jobs: JobsRepository,
        completion: Completion,
        endings: Endings,
        actors_of: Actors,
    ) -> None:
        self._jobs = jobs
        self._completion = completion
        self._endings = endings
        self._actors = actors_of
        self._begun = Promises(db, BEGIN)
        self._untold = Promises(db, TELL)

    @queue.traits(resumes=True)
    def go_on(self, _args: Mapping[str, Any] | Sequence[Any], run: Run) -> None:
        """Tell an end once more, as the job's agent where it can act; fail a job that never began: nobody
        was answered that it runs.
        """
        job = self._jobs.get(run.job_id)
        begun, untold = self._begun.take_over(run.job_id), self._untold.take_over(run.job_id)
        if job is not None and max(begun, untold) <= ATTEMPTS:
            with self._acting(job.job_id):
                self._go_on(job, begun > 0, untold > 0 or run.advanced)
        elif job is not None:
            log.error("Nobody could be told of a job", {"job_id": job.job_id, "attempts": ATTEMPTS})
        with run.transaction() as session:
            self._begun.kept(session, run.job_id)
            self._untold.kept(session, run.job_id)

    def missing(self, session: Session) -> list[Missing]:
        """For the queue's reconciler."""
        lost = dict.fromkeys([*self._begun.lost(session), *self._untold.lost(session)])
        return [Missing(INTERRUPTED, {"job_id": job_id}) for job_id in lost]

    def _go_on(self, job: Job, begun: bool, untold: bool) -> None:
        if statuses.is_final(job.status):
            if untold:
                self._endings.tell_again(job)
        elif begun and not self._begun.under_way(job.job_id):
            message = "The process that started it ended before its first step was due."
            self._completion.fail(job.job_id, NEVER_BEGUN, {"reason": NEVER_BEGUN, "error_message": message})

    def _acting(self, job_id: int) -> AbstractContextManager[None]:
        try:
            return actors.working_as(self._actors.behind(self._jobs.belonging(job_id)))
        except AgentUnusable:
            # Its end has to be known nevertheless.
            return nullcontext()
