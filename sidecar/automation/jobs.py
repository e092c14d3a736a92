"""Jobs, for every door."""

from __future__ import annotations

from typing import Any

from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import Job


class JobsService:
    """Lists and shows jobs."""

    def __init__(self, jobs: JobsRepository) -> None:
        self._jobs = jobs

    def find(self, **conditions: Any) -> tuple[list[Job], int]:
        """A page of jobs with the names of their pipelines and flows, and how many there are in all.

        Takes ``status`` (a prefix), ``flow_id``, ``pipeline_id``, ``source``, ``user_id``, ``agent_id``,
        ``parent_job_id``, ``hide_children``, ``since``, ``orderby``, ``order``, ``limit`` and ``offset``.
        """
        return self._jobs.find(**conditions)

    list = find

    def get(self, job_id: int) -> Job | None:
        """One job with its names, None when there is none."""
        return self._jobs.named(job_id)

    find_one = get

    def summary(self) -> dict[str, int]:
        """How many jobs there are by base status, most first."""
        return self._jobs.summary()
