"""How flows have been doing, for every door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.automation.access import FLOWS, JOBS, VIEWER, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.health import FlowHealth, run_of
from sidecar.automation.repositories.flow_reports import FlowReports
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.settings import Settings
from sidecar.automation.values import Job
from sidecar.identity import Principal

#: The setting, its default and its limits.
SETTING, DEFAULT, LEAST, MOST = "problem_flow_threshold", 3, 1, 10


class FlowHealthService:
    """For viewers of the flows' agents."""

    def __init__(
        self,
        reports: FlowReports,
        flows: FlowsRepository,
        health: FlowHealth,
        settings: Settings,
        access: Access,
    ) -> None:
        self._reports = reports
        self._flows = flows
        self._health = health
        self._settings = settings
        self._access = access

    def of(self, principal: Principal, flow_id: int) -> dict[str, Any]:
        """``{success, flow_id, consecutive_failures, consecutive_no_items, latest_job}``; FlowNotFound.

        ``latest_job`` is the newest row without its engine data, or None.
        """
        self._access.enter(principal, FLOWS)
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        self._access.row(
            principal, flow.agent_id, flow.user_id, VIEWER, "You do not have permission to view this flow."
        )
        found = self._health.of(flow_id)
        latest = found["latest_job"]
        if latest is not None:
            latest = {name: value for name, value in latest.items() if name != "engine_data"}
        return {"success": True, "flow_id": flow_id, **found, "latest_job": latest}

    def threshold(self) -> int:
        """What the site counts as a problem."""
        return self._settings.number(SETTING, DEFAULT, LEAST, MOST)

    def problems(
        self, principal: Principal, *, threshold: int | None = None, agent_id: int | None = None
    ) -> dict[str, Any]:
        """``{success, failing, idle, count, threshold, message}``, worst first.

        ``failing``: flows whose newest jobs failed ``threshold`` times in a row (default: the site's
        setting), ``idle``: that found nothing as often. A flow: ``{flow_id, flow_name, consecutive_failures,
        consecutive_no_items, latest_job}``. Flows that are deleted are left out.
        """
        self._access.enter(principal, FLOWS)
        scope = self._access.scope(principal, agent_id, JOBS)
        least = self.threshold() if threshold is None else max(threshold, 1)
        names = self._reports.seen(scope)
        counted = {
            flow_id: (
                run_of([each.status for each in recent], statuses.FAILED),
                run_of([each.status for each in recent], statuses.COMPLETED_NO_ITEMS),
                recent[0].job_id if recent else 0,
            )
            for flow_id, recent in self._reports.newest(self._reports.suspects(list(names))).items()
        }
        bad = {flow: found for flow, found in counted.items() if max(found[0], found[1]) >= least}
        jobs = self._reports.jobs([found[2] for found in bad.values()])
        rows = [
            {
                "flow_id": flow,
                "flow_name": names[flow],
                "consecutive_failures": failures,
                "consecutive_no_items": empty,
                "latest_job": _latest(jobs.get(newest)),
            }
            for flow, (failures, empty, newest) in bad.items()
        ]
        failing = _worst(rows, "consecutive_failures", least)
        idle = _worst(rows, "consecutive_no_items", least)
        return {
            "success": True,
            "failing": failing,
            "idle": idle,
            "count": len(rows),
            "threshold": least,
            "message": f"{len(failing)} flow(s) failing, {len(idle)} idle, at {least} in a row or more.",
        }


def _worst(rows: Sequence[dict[str, Any]], counter: str, least: int) -> list[dict[str, Any]]:
    return sorted(
        (row for row in rows if row[counter] >= least), key=lambda row: (-row[counter], row["flow_id"])
    )


def _latest(job: Job | None) -> dict[str, Any] | None:
    if job is None:
        return None
    return {name: value for name, value in job.row().items() if name != "engine_data"}
