"""Telling an end again whose teller died: ``datamachine_job_complete`` is heard at least once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from sidecar.automation import log
from sidecar.automation.engine import actors
from sidecar.automation.engine.actors import Actors, AgentUnusable
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.endings import Endings
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.repositories.untold_ends import UntoldEnds
from sidecar.automation.steps.base import number
from sidecar.db import Session
from sidecar.queue.reconciler import Missing

if TYPE_CHECKING:
    from sidecar.queue import Run

#: Rings for the end of a job that somebody wrote and did not live to tell.
UNTOLD = "datamachine_bridge_untold"
#: A listener that kills its process every time has been told often enough.
ATTEMPTS = 5


class Retelling:
    """The doorbell, and the reconciler's question which of them should ring."""

    def __init__(self, jobs: JobsRepository, untold: UntoldEnds, endings: Endings, actors_of: Actors) -> None:
        self._jobs = jobs
        self._untold = untold
        self._endings = endings
        self._actors = actors_of

    def tell(self, args: Mapping[str, Any] | Sequence[Any], run: Run) -> None:
        """Tell once more, as the job's agent where it can act, and give back what the job had taken."""
        job_id = run.job_id or number(next(iter(args.values() if isinstance(args, Mapping) else args), 0))
        attempt = self._untold.take_over(job_id)
        job = self._jobs.get(job_id)
        if not attempt:
            return
        if attempt > ATTEMPTS:
            log.error("Nobody could be told of the end of a job", {"job_id": job_id, "attempts": ATTEMPTS})
        elif job is not None and statuses.is_final(job.status):
            with self._acting(job_id):
                self._endings.tell_again(job)
        self._untold.forget(job_id)

    def missing(self, session: Session) -> list[Missing]:
        """For the queue's reconciler."""
        return [Missing(UNTOLD, {"job_id": job_id}) for job_id in self._untold.lost(session)]

    def _acting(self, job_id: int) -> AbstractContextManager[None]:
        whose = self._jobs.belonging(job_id)
        try:
            who = self._actors.of(None) if whose is None else self._actors.of(whose.agent_id, whose.limit)
        except AgentUnusable:
            # Its end has to be known nevertheless.
            return nullcontext()
        return actors.working_as(who)
