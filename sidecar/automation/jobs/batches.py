"""Jobs that fanned out, as ``batch`` shows them."""

from __future__ import annotations

from typing import Any

from sidecar.automation.access import JOBS, VIEWER, Access
from sidecar.automation.engine.engine_data import document_of
from sidecar.automation.errors import JobNotFound
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.job_reports import Batch, JobReports
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number
from sidecar.automation.values import Job
from sidecar.identity import Principal


class Batches:
    """For viewers of the jobs' agents."""

    def __init__(self, jobs: JobsRepository, reports: JobReports, access: Access) -> None:
        self._jobs = jobs
        self._reports = reports
        self._access = access

    def find(self, principal: Principal, *, status: str | None = None, limit: int = 50) -> list[Batch]:
        """Batches, newest first."""
        self._access.enter(principal, JOBS)
        return self._reports.batches(self._access.scope(principal, None, JOBS), status=status, limit=limit)

    def get(self, principal: Principal, job_id: int) -> dict[str, Any]:
        """One batch: ``{batch_id, label, status, context, total, scheduled, chunk_size, children, created_at,
        completed_at, cancelled}``; JobNotFound where there is none."""
        self._access.enter(principal, JOBS)
        job = self._jobs.get(job_id)
        if job is not None:
            self._access.row(
                principal,
                job.agent_id,
                job.user_id,
                VIEWER,
                "You do not have permission to view this job.",
            )
        children = self._reports.children([job_id]).get(job_id, {})
        if job is None or not (children or document_of(job).get("batch") or job.source == "batch"):
            raise JobNotFound(f"Batch {job_id} not found.", code="batch_not_found")
        return _described(job, children)


def _described(job: Job, children: dict[str, int]) -> dict[str, Any]:
    data = document_of(job)
    return {
        "batch_id": job.job_id,
        "label": job.label,
        "source": job.source,
        "status": job.status,
        "context": data.get("batch_context") or "pipeline",
        "total": number(data.get("batch_total")) or sum(children.values()),
        "scheduled": sum(children.values()),
        "chunk_size": number(data.get("batch_chunk_size")),
        "children": dict(sorted(children.items())),
        "cancelled": job.status.startswith(statuses.CANCELLED) or bool(data.get("cancelled")),
        "created_at": job.created_at,
        "completed_at": job.completed_at,
    }
