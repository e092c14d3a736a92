"""What the abilities on jobs do.

A rule that was broken (a job that is not there, one that has ended) is an answer with ``success`` false; a
missing right is an error, and so is everything unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sidecar.automation.answering import answering, code
from sidecar.automation.jobs import declarations, retry, undo
from sidecar.automation.jobs.batches import Batches
from sidecar.automation.jobs.cancel import ManualEndings
from sidecar.automation.jobs.declarations import DECLARATIONS
from sidecar.automation.jobs.deletion import JobDeletion
from sidecar.automation.jobs.flow_health import FlowHealthService
from sidecar.automation.jobs.recovery import Recovery
from sidecar.automation.jobs.retry import Retrying
from sidecar.automation.jobs.service import JobsService, moment
from sidecar.automation.jobs.shown import document
from sidecar.automation.jobs.stuck import StuckJobs
from sidecar.automation.jobs.transcripts import Transcripts
from sidecar.automation.jobs.undo import Undo
from sidecar.automation.jobs.watching import Watching
from sidecar.automation.steps.base import number
from sidecar.automation.values import Job
from sidecar.errors import InvalidInput
from sidecar.identity import Principal
from sidecar.identity.scope import requested_agent

__all__ = ["DECLARATIONS", "JobRoom", "callbacks"]

Given = Mapping[str, Any]
Answer = Callable[[Principal, Given], dict[str, Any]]


@dataclass(frozen=True)
class JobRoom:
    """The services on jobs."""

    jobs: JobsService
    endings: ManualEndings
    retrying: Retrying
    recovery: Recovery
    stuck: StuckJobs
    deletion: JobDeletion
    undo: Undo
    health: FlowHealthService
    batches: Batches
    watching: Watching
    transcripts: Transcripts


def callbacks(room: JobRoom) -> dict[str, Answer]:
    """By name."""
    reading, changing = _Reading(room), _Changing(room)
    found: dict[str, Answer] = {
        declarations.GET_JOBS: reading.jobs,
        declarations.GET_SUMMARY: reading.summary,
        declarations.REPORT_STUCK: reading.stuck,
        declarations.GET_FLOW_HEALTH: reading.health,
        declarations.GET_PROBLEM_FLOWS: reading.problems,
        declarations.DELETE_JOBS: changing.delete,
        declarations.FAIL_JOB: changing.fail,
        declarations.CANCEL_JOB: changing.cancel,
        declarations.RETRY_JOB: changing.retry,
        declarations.RECOVER_STUCK: changing.recover,
        declarations.UNDO_JOB: changing.undo,
    }
    return {name: answering(callback, code) for name, callback in found.items()}


class _Reading:
    def __init__(self, room: JobRoom) -> None:
        self._room = room

    def jobs(self, principal: Principal, given: Given) -> dict[str, Any]:
        """``{jobs, total, per_page, offset, filters_applied}``; one job with ``job_id``."""
        job_id = number(given.get("job_id"))
        if given.get("job_id") is not None:
            job = self._room.jobs.get(principal, job_id)
            if job is None:
                raise InvalidInput(f"Job {job_id} not found.", code="job_not_found")
            return {
                "jobs": [listed(job)],
                "total": 1,
                "per_page": 1,
                "offset": 0,
                "filters_applied": {"job_id": job_id},
            }
        per_page = max(1, min(100, number(given.get("per_page")) or 50))
        offset = number(given.get("offset"))
        wanted = _filters(given)
        found, total = self._room.jobs.find(
            principal,
            agent_id=requested_agent(given.get("agent_id")),
            **wanted,
            orderby=str(given.get("orderby") or "job_id"),
            order=str(given.get("order") or "DESC"),
            limit=per_page,
            offset=offset,
        )
        return {
            "jobs": [listed(job) for job in found],
            "total": total,
            "per_page": per_page,
            "offset": offset,
            "filters_applied": {name: value for name, value in wanted.items() if value},
        }

    def summary(self, principal: Principal, given: Given) -> dict[str, Any]:
        """``{summary: {status: jobs}, total}``."""
        found = self._room.jobs.summary(principal, agent_id=requested_agent(given.get("agent_id")))
        return {"summary": found, "total": sum(found.values())}

    def stuck(self, principal: Principal, given: Given) -> dict[str, Any]:
        """As :meth:`StuckJobs.report`."""
        return self._room.stuck.report(
            principal,
            minutes=_least(given, "minutes", 5),
            agent_id=requested_agent(given.get("agent_id")),
            flow_id=number(given.get("flow_id")) or None,
            everything=given.get("all") is True,
            limit=max(1, min(100, number(given.get("per_page")) or 50)),
            offset=number(given.get("offset")),
        )

    def health(self, principal: Principal, given: Given) -> dict[str, Any]:
        """As :meth:`FlowHealthService.of`."""
        return self._room.health.of(principal, number(given.get("flow_id")))

    def problems(self, principal: Principal, given: Given) -> dict[str, Any]:
        """As :meth:`FlowHealthService.problems`; once in a row counts here, where nothing else is said."""
        return self._room.health.problems(
            principal,
            threshold=number(given.get("threshold")) or 1,
            agent_id=requested_agent(given.get("agent_id")),
        )


class _Changing:
    def __init__(self, room: JobRoom) -> None:
        self._room = room

    def delete(self, principal: Principal, given: Given) -> dict[str, Any]:
        """``{deleted_count, processed_items_cleaned, message}``."""
        done = self._room.deletion.delete(
            principal, str(given.get("type") or ""), cleanup_processed=given.get("cleanup_processed") is True
        )
        return {
            "deleted_count": done.jobs,
            "processed_items_cleaned": done.processed_items,
            "message": f"Deleted {done.jobs} job(s).",
        }

    def fail(self, principal: Principal, given: Given) -> dict[str, Any]:
        """``{job_id, status, message}``."""
        done = self._room.endings.fail(principal, _job(given), str(given.get("reason") or "manual"))
        return {
            "job_id": done.job_id,
            "status": done.status,
            "message": f"Job {done.job_id} is {done.status}.",
        }

    def cancel(self, principal: Principal, given: Given) -> dict[str, Any]:
        """``{job_id, status, children_cancelled, message}``."""
        done = self._room.endings.cancel(principal, _job(given), str(given.get("reason") or ""))
        return {
            "job_id": done.job_id,
            "status": done.status,
            "children_cancelled": done.children,
            "message": f"Job {done.job_id} is cancelled.",
        }

    def retry(self, principal: Principal, given: Given) -> dict[str, Any]:
        """As :func:`sidecar.automation.jobs.retry.document`."""
        return retry.document(
            self._room.retrying.retry(principal, _job(given), force=given.get("force") is True)
        )

    def recover(self, principal: Principal, given: Given) -> dict[str, Any]:
        """As :meth:`Recovery.recover`."""
        hours = given.get("timeout_hours")
        return self._room.recovery.recover(
            principal,
            dry_run=given.get("dry_run") is True,
            flow_id=number(given.get("flow_id")) or None,
            timeout_hours=float(hours) if isinstance(hours, int | float) else 2,
        )

    def undo(self, principal: Principal, given: Given) -> dict[str, Any]:
        """As :func:`sidecar.automation.jobs.undo.answer`."""
        dry_run, force = given.get("dry_run") is True, given.get("force") is True
        if given.get("job_id") is not None:
            done = self._room.undo.undo(principal, _job(given), dry_run=dry_run, force=force)
        else:
            task = str(given.get("task_type") or "")
            done = self._room.undo.undo_task(principal, task, dry_run=dry_run, force=force)
        return undo.answer(done, dry_run)


def listed(job: Job) -> dict[str, Any]:
    """A job as abilities list it: columns as texts, names, its document without secrets."""
    row: dict[str, Any] = {
        **job.row(),
        "pipeline_name": job.pipeline_name,
        "flow_name": job.flow_name,
        "child_count": str(job.child_count),
    }
    row["engine_data"] = document(job)
    return row


def _filters(given: Given) -> dict[str, Any]:
    """What narrows a list; an id is text in this table."""
    texts = {name: _text(given.get(name)) for name in ("flow_id", "pipeline_id", "status", "source")}
    return {
        **texts,
        "since": moment(_text(given.get("since"))),
        "user_id": number(given.get("user_id")) or None,
        "parent_job_id": number(given.get("parent_job_id")) or None,
        "hide_children": given.get("hide_children") is True,
    }


def _text(value: Any) -> str | None:
    return None if value in (None, "", 0) else str(value)


def _job(given: Given) -> int:
    job_id = number(given.get("job_id"))
    if not job_id:
        raise InvalidInput("job_id must be a positive integer.", code="invalid_job_id")
    return job_id


def _least(given: Given, name: str, default: int) -> int:
    value = given.get(name)
    return default if value is None else max(0, number(value))
