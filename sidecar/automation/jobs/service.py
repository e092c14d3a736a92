"""Jobs, for every door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sidecar.automation.access import JOBS, VIEWER, Access
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import Job
from sidecar.clock import mysql
from sidecar.errors import InvalidInput
from sidecar.identity import Principal


class JobsService:
    """Lists and shows jobs, for whoever passes ``manage_flows`` and sees their agent.

    Refusals are Unauthorized or Forbidden ``rest_forbidden``.
    """

    def __init__(self, jobs: JobsRepository, access: Access) -> None:
        self._jobs = jobs
        self._access = access

    def find(
        self,
        principal: Principal,
        *,
        agent_id: int | None = None,
        user_id: int | None = None,
        **conditions: Any,
    ) -> tuple[list[Job], int]:
        """A page of jobs with the names of their pipelines and flows, and how many there are in all.

        ``agent_id`` is the agent the caller names, which beats ``user_id``; without it those that the
        principal may see. Takes ``status`` (a prefix), ``flow_id``, ``pipeline_id``, ``source``,
        ``parent_job_id``, ``hide_children``, ``since``, ``orderby``, ``order``, ``limit`` and ``offset``.
        """
        self._access.enter(principal, JOBS)
        scope = self._access.scope(principal, agent_id, JOBS)
        return self._jobs.find(user_id=user_id if agent_id is None else None, scope=scope, **conditions)

    list = find

    def get(self, principal: Principal, job_id: int) -> Job | None:
        """One job with its names, for a viewer; None when there is none."""
        self._access.enter(principal, JOBS)
        job = self._jobs.named(job_id)
        if job is not None:
            self._access.row(
                principal, job.agent_id, job.user_id, VIEWER, "You do not have permission to view this job."
            )
        return job

    def unfinished(self, principal: Principal, job_ids: Sequence[int]) -> Sequence[int]:
        """Those jobs that still run: they have not ended, and do not wait for somebody."""
        self._access.enter(principal, JOBS)
        return self._jobs.unfinished(job_ids, self._access.scope(principal, None, JOBS))

    def summary(self, principal: Principal, *, agent_id: int | None = None) -> dict[str, int]:
        """How many jobs there are by base status, most first."""
        self._access.enter(principal, JOBS)
        return self._jobs.summary(self._access.scope(principal, agent_id, JOBS))


def moment(text: str | None) -> str | None:
    """A date in the words people use for one, as the database compares it; InvalidInput ``invalid_date``."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        # OverflowError: in UTC it is before the year 1, or after 9999.
        return mysql(found.replace(tzinfo=UTC) if found.tzinfo is None else found)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"Invalid date: {text}. Use YYYY-MM-DD or YYYY-MM-DD HH:MM:SS.", code="invalid_date"
        ) from None
