"""Where unfinished jobs stand, and why they do not move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation.access import JOBS, Access
from sidecar.automation.engine.engine_data import document_of
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.job_reports import JobLease, JobReports, unfinished
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, Job
from sidecar.db import Database, php_json
from sidecar.hooks import outbox
from sidecar.identity import Principal
from sidecar.queue import overview, silencing
from sidecar.queue.overview import Overview
from sidecar.queue.silencing import Bell

#: A doorbell that has been due this long and was not answered is late.
LATE = 60
#: Causes of jobs that go on by themselves, and are not reported.
MOVING = frozenset({"running", "starting", "due_later", "queued", "children", "retry", "gate"})
#: Causes of jobs that go on as soon as the queue is worked, or within its own recovery: reported, not ended.
ALIVE = MOVING | {
    "queue_backlog", "no_worker", "queue_inactive", "dead_lease", "doorbell_lost", "children_ended",
}  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """Where a job stands. ``cause`` is a stable code, ``why`` a sentence."""

    cause: str
    why: str
    flow_step_id: str = ""

    @property
    def alive(self) -> bool:
        """Whether it goes on by itself, or waits for somebody."""
        return self.cause in ALIVE


class StuckJobs:
    """Reads leases, doorbells and children: a handful of statements for a whole page of jobs."""

    def __init__(self, db: Database, reports: JobReports, access: Access) -> None:
        self._db = db
        self._reports = reports
        self._access = access

    def report(
        self,
        principal: Principal,
        *,
        minutes: int = 5,
        agent_id: int | None = None,
        flow_id: int | None = None,
        everything: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> dict[str, Any]:
        """``{success, jobs, total, per_page, offset, queue}`` of unfinished jobs, oldest first.

        Only those created more than ``minutes`` ago. ``everything``: also those that go on by themselves
        (``total`` counts all of them in any case). A job: ``{job_id, flow_id, flow_name, label, status,
        created_at, minutes, cause, why, flow_step_id}``.
        """
        self._access.enter(principal, JOBS)
        scope = self._access.scope(principal, agent_id, JOBS)
        where = f"{unfinished()} AND created_at <= UTC_TIMESTAMP() - INTERVAL :minutes MINUTE"
        params: dict[str, Any] = {"minutes": minutes}
        if flow_id:
            where += " AND flow_id = :flow"
            params["flow"] = str(flow_id)
        state = overview.read(self._db)
        found: list[dict[str, Any]] = []
        skipped = after = 0
        while len(found) < limit and (jobs := self._reports.page(scope, where, params, after, 200)):
            after = jobs[-1].job_id
            places = self.places(jobs, state)
            for job in jobs:
                place = places[job.job_id]
                if not everything and place.cause in MOVING:
                    continue
                if skipped < offset:
                    skipped += 1
                elif len(found) < limit:
                    found.append(_row(job, place))
        return {
            "success": True,
            "jobs": self._named(found),
            "total": self._reports.count(scope, where, params),
            "per_page": limit,
            "offset": offset,
            "queue": {
                "condition": state.condition,
                "pending": state.pending,
                "due": state.due,
                "oldest_due_seconds": state.oldest_due,
                "workers": sum(worker.alive for worker in state.workers),
            },
        }

    def places(self, jobs: Sequence[Job], state: Overview | None = None) -> dict[int, Place]:
        """Where each of some unfinished jobs stands."""
        ids = [job.job_id for job in jobs]
        bells: dict[int, list[Bell]] = {}
        # In the order in which a job goes from one to the next: one that moves while we look has one of them.
        for event in outbox.undelivered(self._db, silencing.JOB_HOOKS, ids):
            bells.setdefault(event.first, []).append(
                Bell(0, event.first, event.hook, "[]", event.due, event.seconds)
            )
        with self._db.session() as session:
            for bell in silencing.pending(session, ids):
                bells.setdefault(bell.job_id, []).append(bell)
        leases = self._reports.leases(ids)
        children = self._reports.children(ids)
        queue = state or overview.read(self._db)
        return {
            job.job_id: place(
                job,
                leases.get(job.job_id),
                bells.get(job.job_id, []),
                children.get(job.job_id, {}),
                queue,
            )
            for job in jobs
        }

    def _named(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = self._reports.flow_names([row["flow_id"] for row in rows])
        return [{**row, "flow_name": names.get(str(row["flow_id"]))} for row in rows]


def place(
    job: Job,
    lease: JobLease | None,
    bells: Sequence[Bell],
    children: Mapping[str, int],
    queue: Overview,
) -> Place:
    """The first cause that holds: who works on it, what will ring, what it waits for, else nothing."""
    step = lease.step if lease is not None else ""
    if lease is not None and lease.state == "running":
        if lease.live:
            return Place("running", f"A worker is at it; heartbeat {_seconds(lease.silent)} ago.", step)
        return Place(
            "dead_lease",
            f"Its worker has been silent for {_seconds(lease.silent)}; another worker takes it over.",
            step,
        )
    if bells:
        return _rings(job, min(bells, key=lambda bell: bell.seconds), queue)
    if job.status.startswith(statuses.WAITING):
        return _waits(document_of(job))
    active = sum(children.get(word, 0) for word in statuses.ACTIVE)
    if active:
        return Place("children", f"It waits for {active} of its {sum(children.values())} children.", step)
    if children and document_of(job).get("batch"):
        return Place(
            "children_ended", "All its children have ended; it hears of it within two minutes.", step
        )
    if lease is not None and lease.state == "failed":
        return Place("given_up", f"The queue gave its step up: {lease.error or 'no reason is known'}", step)
    if lease is not None and lease.state == "ready" and step:
        return Place("doorbell_lost", "Its next step has no doorbell; one is rung within two minutes.", step)
    return Place("no_doorbell", "No doorbell will ring for it, and nobody works on it.", step)


def _rings(job: Job, bell: Bell, queue: Overview) -> Place:
    step = _step(bell)
    if bell.in_progress:
        return Place("starting", "A worker has just answered its doorbell.", step)
    if bell.seconds > 0:
        retry = document_of(job).get("retry")
        if isinstance(retry, Mapping) and retry.get("flow_step_id") == step and step:
            return Place(
                "retry",
                f"Attempt {number(retry.get('attempt'))} of {number(retry.get('max_attempts'))}"
                f" begins in {_seconds(bell.seconds)}, after: {retry.get('last_error')}",
                step,
            )
        return Place("due_later", f"Its doorbell rings in {_seconds(bell.seconds)}.", step)
    late = -bell.seconds
    if queue.condition == "inactive":
        return Place("queue_inactive", "The queue is switched off on this site.", step)
    if not any(worker.alive for worker in queue.workers):
        return Place("no_worker", f"It has been due for {_seconds(late)}, and no worker runs.", step)
    if late < LATE:
        return Place("queued", f"It has been due for {_seconds(late)}.", step)
    return Place(
        "queue_backlog",
        f"It has been due for {_seconds(late)}; {queue.due} doorbells are due in all.",
        step,
    )


def _waits(data: Document) -> Place:
    gate = data.get("webhook_gate")
    step = str(gate.get("flow_step_id") or "") if isinstance(gate, Mapping) else ""
    if isinstance(gate, Mapping) and gate.get("status") == "waiting":
        hours = number(gate.get("timeout_hours"))
        until = f" It fails after {hours} hours." if hours else " It waits without a limit."
        return Place("gate", f"A webhook gate waits since {gate.get('created_at')}.{until}", step)
    return Place("waiting", "It waits, and its data do not say for what.", step)


def _step(bell: Bell) -> str:
    try:
        found = php_json.loads(bell.args)
    except php_json.NotJson:
        return ""
    values = list(found.values()) if isinstance(found, dict) else found
    named = isinstance(values, list) and len(values) > 1 and isinstance(values[1], str)
    return str(values[1]) if named and bell.hook == "datamachine_execute_step" else ""


def _row(job: Job, place: Place) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "flow_id": job.flow_id,
        "label": job.label,
        "source": job.source,
        "status": job.status,
        "agent_id": job.agent_id,
        "created_at": job.created_at,
        "cause": place.cause,
        "why": place.why,
        "flow_step_id": place.flow_step_id,
    }


def _seconds(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
