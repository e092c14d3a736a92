"""How a flow has been doing: the transient ``datamachine_flow_health_{flow}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number
from sidecar.host import context as hosts

NEWEST = 10
DAY = 86_400


class FlowHealth:
    """Recomputed from the ten newest jobs of the flow whenever one of them ends."""

    def __init__(self, jobs: JobsRepository) -> None:
        self._jobs = jobs

    def listen(self, job_id: Any = 0, _status: Any = "") -> None:
        """``datamachine_job_complete(job_id, status)``."""
        job = self._jobs.get(number(job_id))
        flow_id = number(job.flow_id) if job is not None else 0
        host = hosts.current()
        if not flow_id or host is None:
            return
        host.set_transient(f"datamachine_flow_health_{flow_id}", self.of(flow_id), DAY)

    def of(self, flow_id: int) -> dict[str, Any]:
        """``{consecutive_failures, consecutive_no_items, latest_job}``."""
        newest = self._jobs.newest_of_flow(flow_id, NEWEST)
        return {
            "consecutive_failures": run_of([job.status for job in newest], statuses.FAILED),
            "consecutive_no_items": run_of([job.status for job in newest], statuses.COMPLETED_NO_ITEMS),
            "latest_job": newest[0].row() if newest else None,
        }


def run_of(newest: Sequence[str], word: str) -> int:
    """How many of the newest ended jobs ended with this word without a break; ``newest`` are statuses."""
    count = 0
    for status in newest:
        if not statuses.is_final(status):
            continue
        if statuses.base(status) != word:
            break
        count += 1
    return count
