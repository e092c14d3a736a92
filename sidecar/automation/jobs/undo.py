"""Undoing jobs: what a job wrote down of its effects in WordPress is taken back, the last one first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sidecar.automation import log, wordpress
from sidecar.automation.access import JOBS, OPERATOR, Access
from sidecar.automation.engine.engine_data import EngineStore, document_of
from sidecar.automation.errors import JobNotFound
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.job_reports import JobReports
from sidecar.automation.repositories.jobs import JobsRepository
from sidecar.automation.values import Document, Job
from sidecar.bridge import RemoteError
from sidecar.clock import SYSTEM, Clock, mysql
from sidecar.errors import Conflict, InvalidInput
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

EFFECTS = "effects"
DONE = "undone_at"
PAGE = 100
Outcome = Literal["reverted", "skipped", "failed"]


class NothingToUndo(Conflict):
    """The job wrote no effects down, or they were undone already."""

    code = "nothing_to_undo"


class Undone(msgspec.Struct, frozen=True):
    """One effect, and what became of it."""

    job_id: int
    type: str
    target: dict[str, Any]
    status: Outcome
    message: str


class Undo:
    """For operators of the jobs' agents; each target asks for the user's own right on it in WordPress."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        jobs: JobsRepository,
        reports: JobReports,
        store: EngineStore,
        access: Access,
        units: HostPool,
        clock: Clock = SYSTEM,
    ) -> None:
        self._jobs = jobs
        self._reports = reports
        self._store = store
        self._access = access
        self._units = units
        self._clock = clock

    def undo(
        self, principal: Principal, job_id: int, *, dry_run: bool = False, force: bool = False
    ) -> list[Undone]:
        """Undo a job: its own effects, else those of its children. JobNotFound, NothingToUndo."""
        self._access.enter(principal, JOBS)
        job = self._jobs.get(job_id)
        if job is None:
            raise JobNotFound(f"Job {job_id} not found.")
        self._permit(principal, job)
        found = self._undo(principal, job, dry_run, force)
        if not found:
            raise NothingToUndo(f"Job {job_id} wrote no effects down that could be undone.")
        return found

    def undo_task(
        self,
        principal: Principal,
        task_type: str,
        *,
        dry_run: bool = False,
        force: bool = False,
        progress: Callable[[Undone], None] | None = None,
    ) -> list[Undone]:
        """Undo every ended job of a task that has effects, newest first."""
        if not task_type.strip():
            raise InvalidInput("Name a job or a task type.", code="missing_job_id")
        self._access.enter(principal, JOBS)
        scope = self._access.scope_with(principal, OPERATOR, JOBS)
        found: list[Undone] = []
        pages, after = list[Job](), 0
        where = "task_type = :task AND engine_data LIKE '%\"effects\"%'"
        while page := self._reports.page(scope, where, {"task": task_type}, after, PAGE):
            after = page[-1].job_id
            # Those that still run are for another time.
            pages += [job for job in page if statuses.is_final(job.status)]
        for job in reversed(pages):
            for each in self._undo(principal, job, dry_run, force):
                found.append(each)
                if progress is not None:
                    progress(each)
        return found

    def _permit(self, principal: Principal, job: Job) -> None:
        self._access.row(
            principal,
            job.agent_id,
            job.user_id,
            OPERATOR,
            "You do not have permission to undo this job.",
        )

    def _undo(self, principal: Principal, job: Job, dry_run: bool, force: bool) -> list[Undone]:
        if not statuses.is_final(job.status):
            raise Conflict(
                f'Job {job.job_id} has status "{job.status}" — only jobs that have ended can be undone.',
                code="job_not_ended",
            )
        done: list[Undone] = []
        for owner in self._owners(job, force):
            effects = _effects(owner)
            if dry_run:
                done += [_planned(owner.job_id, effect) for effect in reversed(effects)]
                continue
            with wordpress.process(self._units), self._as(principal):
                results = [_take_back(owner.job_id, effect) for effect in reversed(effects)]
                if any(each.status == "reverted" for each in results):
                    self._store.merge(owner.job_id, {DONE: mysql(self._clock.now())})
                log.info(
                    "Job undone",
                    {"job_id": owner.job_id, **_counts(results)},
                )
            done += results
        return done

    def _owners(self, job: Job, force: bool) -> list[Job]:
        """The jobs that hold the effects, newest first: the job itself, else its children."""
        own = [job] if _effects(job) else list(reversed(self._reports.children_rows(job.job_id)))
        return [
            each
            for each in own
            if _effects(each)
            and statuses.is_final(each.status)
            and (force or not document_of(each).get(DONE))
        ]

    @staticmethod
    def _as(principal: Principal) -> Any:
        """Whoever asks does it, with the limits of the token they came with."""
        return wordpress.acting_as(principal.agent_id or 0, principal.user_id, limit=principal.ceiling)


def answer(found: list[Undone], dry_run: bool) -> dict[str, Any]:
    """``{success, reverted, skipped, failed, effects, dry_run, message}``."""
    counts = _counts(found)
    said = f"{counts['reverted']} effect(s) reverted, {counts['skipped']} skipped, {counts['failed']} failed."
    return {
        "success": counts["failed"] == 0,
        **counts,
        "effects": [msgspec.to_builtins(each) for each in found],
        "dry_run": dry_run,
        "message": f"{len(found)} effect(s) would be undone." if dry_run else f"Undo complete: {said}",
    }


def _counts(found: list[Undone]) -> dict[str, int]:
    return {word: sum(each.status == word for each in found) for word in ("reverted", "skipped", "failed")}


def _take_back(job_id: int, effect: Document) -> Undone:
    try:
        told = wordpress.host().call("automation.undo", {"effect": effect})
    except RemoteError as error:
        return _undone(job_id, effect, "failed", error.message)
    status = str(told.get("status"))
    outcome: Outcome = "reverted" if status == "reverted" else "skipped" if status == "skipped" else "failed"
    return _undone(job_id, effect, outcome, str(told.get("message", "")))


def _planned(job_id: int, effect: Document) -> Undone:
    return _undone(job_id, effect, "skipped", "It would be undone.")


def _undone(job_id: int, effect: Document, status: Outcome, message: str) -> Undone:
    target = effect.get("target")
    return Undone(
        job_id,
        str(effect.get("type") or ""),
        dict(target) if isinstance(target, Mapping) else {},
        status,
        message,
    )


def _effects(job: Job) -> list[Document]:
    found = document_of(job).get(EFFECTS)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
