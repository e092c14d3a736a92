"""Jobs as clients read them: the row as PHP's database layer returns it, with names and readable dates."""

from __future__ import annotations

from typing import Any

from sidecar.automation.jobs import shown
from sidecar.automation.values import Job
from sidecar.wordpress.site_dates import SiteDates


def in_list(job: Job, dates: SiteDates) -> dict[str, Any]:
    """An element of ``GET /jobs``: every column as text, ``engine_data`` as the column's own text but for
    secrets."""
    item: dict[str, Any] = {
        **job.row(),
        "engine_data": shown.text(job),
        "pipeline_name": job.pipeline_name,
        "flow_name": job.flow_name,
        "child_count": str(job.child_count),
    }
    return item | _shown(job, dates)


def alone(job: Job, dates: SiteDates) -> dict[str, Any]:
    """``GET /jobs/{id}`` and ``jobs show --format=json``: ``engine_data`` decoded, no ``child_count``."""
    item: dict[str, Any] = {**job.row(), "pipeline_name": job.pipeline_name, "flow_name": job.flow_name}
    item["engine_data"] = engine_data(job)
    return item | _shown(job, dates)


def engine_data(job: Job) -> Any:
    """The job's document without secrets; an empty map for none and for text that is no JSON."""
    return shown.document(job)


def label(job: Job) -> str:
    """The label, or the names of what the job runs."""
    if job.label:
        return job.label
    return f"{job.pipeline_name or ''} → {job.flow_name or ''}"


def _shown(job: Job, dates: SiteDates) -> dict[str, Any]:
    shown = {"created_at_display": dates.show(job.created_at)}
    if job.completed_at is not None:
        shown["completed_at_display"] = dates.show(job.completed_at)
    return {**shown, "display_label": label(job)}
