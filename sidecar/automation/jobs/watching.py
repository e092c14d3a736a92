"""One run as it stands: its steps, who works on it, its children."""

from __future__ import annotations

from typing import Literal

import msgspec

from sidecar.automation import registry
from sidecar.automation.engine import plan
from sidecar.automation.engine.engine_data import EngineData, document_of
from sidecar.automation.errors import InvalidPlan, JobNotFound
from sidecar.automation.jobs import status as statuses
from sidecar.automation.jobs.service import JobsService
from sidecar.automation.jobs.stuck import StuckJobs
from sidecar.automation.repositories.job_reports import JobReports
from sidecar.identity import Principal

State = Literal["done", "running", "due", "waiting", "failed", "cancelled", "next", "not run"]


class StepView(msgspec.Struct, frozen=True):
    """One step of a run."""

    flow_step_id: str
    step_type: str
    #: Its handlers, or ``-``.
    handler: str
    state: State


class View(msgspec.Struct, frozen=True):
    """A run at one moment."""

    job_id: int
    label: str
    status: str
    #: Empty where nothing tells how far an ended job came.
    steps: list[StepView]
    #: Why it stands where it stands; '' for a job that has ended.
    why: str
    #: Children by the base word of their status.
    children: dict[str, int]

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return statuses.is_final(self.status)

    @property
    def well(self) -> bool:
        """Whether it ended, and neither failed nor was cancelled."""
        return self.ended and not self.status.startswith((statuses.FAILED, statuses.CANCELLED))


class Watching:
    """For viewers of the job's agent."""

    def __init__(self, jobs: JobsService, reports: JobReports, stuck: StuckJobs) -> None:
        self._jobs = jobs
        self._reports = reports
        self._stuck = stuck

    def look(self, principal: Principal, job_id: int) -> View:
        """The run now; JobNotFound."""
        job = self._jobs.get(principal, job_id)
        if job is None:
            raise JobNotFound(f"Job {job_id} not found.")
        final = statuses.is_final(job.status)
        place = None if final else self._stuck.places([job])[job_id]
        data = document_of(job)
        at = data.get("error_step_id") if final else (place.flow_step_id if place else "")
        if not final and not at:
            # A parent stands where its children begin.
            at = data.get("next_flow_step_id")
        cause = "" if place is None else place.cause
        return View(
            job_id=job_id,
            label=job.label or job.flow_name or f"Job {job_id}",
            status=statuses.told(job.status, data),
            steps=step_views(EngineData(data, job_id), job.status, str(at or ""), cause),
            why="" if place is None else place.why,
            children=self._reports.children([job_id]).get(job_id, {}),
        )


def step_views(engine: EngineData, status: str, at: str = "", cause: str = "") -> list[StepView]:
    """The steps of a run with this status that stands, or failed, ``at`` one of them for this ``cause``."""
    try:
        steps = plan.steps(engine.flow_config)
    except InvalidPlan:
        return []
    ids = [str(step["flow_step_id"]) for step in steps]
    if at in ids:
        here = ids.index(at)
    elif not statuses.is_final(status):
        here = 0
    elif statuses.base(status) == statuses.COMPLETED:
        here = len(ids)
    else:
        # Ended early (nothing to do, an item skipped, somebody's decision): the row does not say where.
        return []
    return [
        StepView(
            flow_step_id=ids[index],
            step_type=str(step.get("step_type") or ""),
            handler=", ".join(registry.handler_slugs(step)) or "-",
            state=_state(index, here, status, cause),
        )
        for index, step in enumerate(steps)
    ]


def _state(index: int, here: int, status: str, cause: str) -> State:
    if index < here:
        return "done"
    word = statuses.base(status)
    if statuses.is_final(status):
        if index > here:
            return "not run"
        return "failed" if word == statuses.FAILED else "cancelled"
    if index > here or cause in ("children", "children_ended"):
        return "next"
    if cause == "running":
        return "running"
    return "waiting" if word == statuses.WAITING else "due"
