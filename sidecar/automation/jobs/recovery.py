"""Recovering stuck jobs: ending those that nothing will ever go on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sidecar.automation import log, wordpress
from sidecar.automation.access import JOBS, OPERATOR, Access
from sidecar.automation.engine import acting
from sidecar.automation.engine.engine_data import decode
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.endings import Endings
from sidecar.automation.jobs.stuck import Place, StuckJobs
from sidecar.automation.repositories.job_reports import JobReports
from sidecar.automation.values import Job
from sidecar.db import php_json
from sidecar.errors import InvalidInput
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

PAGE = 100
#: What ends a job that nothing goes on with, in its engine data; the status is the bare word, as ever.
REASON = "stuck"
Outcome = Literal["recovered", "timed_out", "skipped"]


class Recovered(msgspec.Struct, frozen=True):
    """One job that was looked at."""

    job_id: int
    flow_id: str | None
    outcome: Outcome
    status: str
    reason: str


class Recovery:
    """For operators of the jobs' agents; everything the caller may not change is left out."""

    def __init__(
        self, reports: JobReports, stuck: StuckJobs, endings: Endings, access: Access, units: HostPool
    ) -> None:
        self._reports = reports
        self._stuck = stuck
        self._endings = endings
        self._access = access
        self._units = units

    def recover(
        self,
        principal: Principal,
        *,
        timeout_hours: float = 2,
        flow_id: int | None = None,
        dry_run: bool = False,
        progress: Callable[[Recovered], None] | None = None,
    ) -> dict[str, Any]:
        """``{success, recovered, skipped, timed_out, requeued, dry_run, jobs, message}``.

        ``recovered``: the engine data says how a job ended, and its row did not know. ``timed_out``: it is
        older than ``timeout_hours``, nobody works on it, no doorbell will ring for it and it waits for no
        child: it fails. ``skipped``: older, but alive. ``jobs`` are those that were or would be ended.
        """
        if timeout_hours < 1:
            raise InvalidInput("The timeout must be at least one hour.", code="invalid_timeout")
        self._access.enter(principal, JOBS)
        scope = self._access.scope_with(principal, OPERATOR, JOBS)
        found: list[Recovered] = []
        requeued = after = 0
        where = "status = 'processing' AND (created_at < UTC_TIMESTAMP() - INTERVAL :hours HOUR"
        where += " OR engine_data LIKE '%\"job\\_status\"%')" + (" AND flow_id = :flow" if flow_id else "")
        params = {"hours": timeout_hours} | ({"flow": str(flow_id)} if flow_id else {})
        before = self._reports.ago(timeout_hours)
        while jobs := self._reports.page(scope, where, params, after, PAGE):
            after = jobs[-1].job_id
            places = self._stuck.places(jobs)
            for job in jobs:
                # Some are looked at for what their engine data say, however young they are.
                old = job.created_at < before
                one, again = self._look(principal, job, places[job.job_id], old, dry_run)
                requeued += again
                found.append(one)
                if progress is not None and one.outcome != "skipped":
                    progress(one)
        return _answer(found, requeued, dry_run)

    def _look(
        self, principal: Principal, job: Job, place: Place, old: bool, dry_run: bool
    ) -> tuple[Recovered, int]:
        said = _said(job)
        if said and not place.alive:
            status, outcome, reason = said, "recovered", "the engine data says how it ended"
        elif place.alive or said or not old:
            return Recovered(job.job_id, job.flow_id, "skipped", job.status, place.why), 0
        else:
            status, outcome, reason = statuses.FAILED, "timed_out", place.why
        requeued = 0
        if not dry_run:
            with wordpress.process(self._units), acting.led_by(principal):
                ended = self._endings.settle(job, status, reason=REASON, message=reason)
            if ended is None:
                return Recovered(job.job_id, job.flow_id, "skipped", job.status, "it ended by itself"), 0
            requeued = int(ended.prompt_requeued)
            log.warning("Stuck job ended", {"job_id": job.job_id, "status": status, "why": reason})
        return Recovered(job.job_id, job.flow_id, _OUTCOMES[outcome], status, reason), requeued


_OUTCOMES: dict[str, Outcome] = {"recovered": "recovered", "timed_out": "timed_out"}


def _said(job: Job) -> str:
    """The final status that the engine data names, '' for none."""
    try:
        found = decode(job.engine_data).get("job_status")
    except php_json.NotJson:
        return ""
    return found if isinstance(found, str) and statuses.is_final(found) else ""


def _answer(found: list[Recovered], requeued: int, dry_run: bool) -> dict[str, Any]:
    counts = {
        word: sum(each.outcome == word for each in found) for word in ("recovered", "skipped", "timed_out")
    }
    begun = "Would recover" if dry_run else "Recovered"
    return {
        "success": True,
        **counts,
        "requeued": requeued,
        "dry_run": dry_run,
        "jobs": [msgspec.to_builtins(each) for each in found if each.outcome != "skipped"],
        "message": (
            f"{begun} {counts['recovered']} job(s), timed out {counts['timed_out']},"
            f" skipped {counts['skipped']} that are alive, requeued {requeued} prompt(s)."
        ),
    }
