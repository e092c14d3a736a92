"""Pipelines as answers show them: rows as PHP's database layer returns them, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.automation.flows.documents import row as flow_row
from sidecar.automation.values import Flow, Pipeline
from sidecar.wordpress.site_dates import SiteDates

__all__ = ["flow_row", "in_list", "row", "shown"]


def row(pipeline: Pipeline) -> dict[str, Any]:
    """Every column as text or null, the configuration decoded."""
    return pipeline.row()


def shown(pipeline: Pipeline, dates: SiteDates) -> dict[str, Any]:
    """The row, with its times as the site writes them."""
    return row(pipeline) | {
        "created_at_display": dates.show(pipeline.created_at),
        "updated_at_display": dates.show(pipeline.updated_at),
    }


def in_list(pipeline: Pipeline, flows: Sequence[Flow] | None, dates: SiteDates) -> dict[str, Any]:
    """An element of a list; ``flows`` None leaves them out."""
    item = shown(pipeline, dates)
    if flows is None:
        return item
    return item | {"flows": [flow_row(flow) for flow in flows], "flow_count": len(flows)}
