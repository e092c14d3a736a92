"""Cancelling and failing a job by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sidecar.automation import wordpress
from sidecar.automation.access import JOBS, OPERATOR, Access
from sidecar.automation.engine import acting
from sidecar.automation.errors import JobNotFound
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.endings import Ended, Endings
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import Job
from sidecar.errors import Conflict
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Characters of a reason that somebody gives.
REASON = 200


class JobEnded(Conflict):
    """The job has ended already, and an end does not change."""

    code = "job_ended"


class NotProcessing(Conflict):
    """Only a job that is processing can be failed."""

    code = "job_not_processing"


class ManualEndings:
    """For operators of the job's agent. Refusals are Unauthorized or Forbidden ``rest_forbidden``."""

    def __init__(self, jobs: JobsRepository, endings: Endings, access: Access, units: HostPool) -> None:
        self._jobs = jobs
        self._endings = endings
        self._access = access
        self._units = units

    def fail(self, principal: Principal, job_id: int, reason: str = "manual") -> Ended:
        """End a job that is processing as ``failed - reason``; JobNotFound, NotProcessing."""
        job = self._permitted(principal, job_id, "You do not have permission to fail this job.")
        if job.status != statuses.PROCESSING:
            raise NotProcessing(
                f'Job {job_id} has status "{job.status}" — only processing jobs can be failed.'
            )
        with wordpress.process(self._units), acting.led_by(principal):
            ended = self._endings.fail(job, short(reason) or "manual")
        return self._or_ended(job_id, ended)

    def cancel(self, principal: Principal, job_id: int, reason: str = "") -> Ended:
        """End a job that has not ended, and its children; JobNotFound, JobEnded."""
        job = self._permitted(principal, job_id, "You do not have permission to cancel this job.")
        if statuses.is_final(job.status):
            raise JobEnded(f'Job {job_id} has already ended: "{job.status}".')
        with wordpress.process(self._units), acting.led_by(principal):
            ended = self._endings.cancel(job, short(reason))
        return self._or_ended(job_id, ended)

    def _permitted(self, principal: Principal, job_id: int, message: str) -> Job:
        self._access.enter(principal, JOBS)
        job = self._jobs.get(job_id)
        if job is None:
            raise JobNotFound(f"Job {job_id} not found.")
        self._access.row(principal, job.agent_id, job.user_id, OPERATOR, message)
        return job

    def _or_ended(self, job_id: int, ended: Ended | None) -> Ended:
        if ended is None:
            raise JobEnded(f'Job {job_id} has already ended: "{self._jobs.status(job_id)}".')
        return ended


class JobCancel:
    """For services that have asked whether they may: what they delete takes its unfinished jobs along."""

    def __init__(self, endings: Endings, units: HostPool) -> None:
        self._endings = endings
        self._units = units

    def of_flows(self, flow_ids: Sequence[int], reason: str) -> int:
        """Cancel all unfinished jobs of some flows, their children and doorbells; how many. Outside any
        transaction."""
        if not flow_ids:
            return 0
        with wordpress.process(self._units):
            return self._endings.cancel_of_flows(flow_ids, reason)


def short(reason: str) -> str:
    """A reason as it fits a status: one line without control characters, no longer than REASON."""
    printable = "".join(one if one.isprintable() else " " for one in reason)
    return " ".join(printable.split())[:REASON].strip()
