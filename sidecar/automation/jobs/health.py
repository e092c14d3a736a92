"""How a flow has been doing: the transient ``datamachine_flow_health_{flow}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.flow_reports import FlowReports
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.steps.base import number
from sidecar.db import Database
from sidecar.wordpress.transients import Transients

#: What the transients of all flows are called; the flow's number follows.
TRANSIENT = "datamachine_flow_health_"
DAY = 86_400


class FlowHealth:
    """Recomputed from the ten newest jobs of the flow whenever one of them ends."""

    def __init__(self, db: Database, jobs: JobsRepository) -> None:
        self._jobs = jobs
        self._reports = FlowReports(db)
        self._transients = Transients(db, TRANSIENT)

    def listen(self, job_id: Any = 0, _status: Any = "") -> None:
        """``datamachine_job_complete(job_id, status)``."""
        flow_id = self._reports.flow_of(number(job_id))
        if flow_id:
            self._transients.set(str(flow_id), self.of(flow_id), DAY)

    def of(self, flow_id: int) -> dict[str, Any]:
        """``{consecutive_failures, consecutive_no_items, latest_job}``."""
        newest = self._reports.newest([flow_id])[flow_id]
        latest = self._jobs.get(newest[0].job_id) if newest else None
        ended = [each.status for each in newest]
        return {
            "consecutive_failures": run_of(ended, statuses.FAILED),
            "consecutive_no_items": run_of(ended, statuses.COMPLETED_NO_ITEMS),
            "latest_job": None if latest is None else latest.row(),
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
