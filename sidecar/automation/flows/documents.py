"""Flows as answers show them: with what is derived, and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sidecar.automation.flows.masking import masked, masked_flow_config
from sidecar.automation.flows.service import FlowSummary
from sidecar.automation.values import Document, Flow
from sidecar.db import Database
from sidecar.wordpress.site_dates import SiteDates

if TYPE_CHECKING:
    from sidecar.automation.flows.step_display import StepDisplay


class FlowDocuments:
    """Makes documents of flows; two queries and one look at WordPress for any number of them."""

    def __init__(self, db: Database, steps: Callable[[], StepDisplay]) -> None:
        self._db = db
        self._steps = steps

    def full(
        self, found: Sequence[FlowSummary], blog_id: int = 1, *, epoch: str | None = None
    ) -> list[Document]:
        """Everything: ids as numbers, steps with their settings in words, last and next run.

        ``epoch`` as for :meth:`.SiteDates.of`.
        """
        dates = SiteDates.of(self._db, blog_id, epoch)
        configs = self._steps().configs([each.flow.flow_config for each in found])
        return [
            {
                **_about(each),
                "flow_config": config,
                "scheduling_config": masked(each.flow.scheduling_config),
                "enabled": each.flow.enabled,
                **_runs(each, dates),
            }
            for each, config in zip(found, configs, strict=True)
        ]

    def listed(self, found: Sequence[FlowSummary], blog_id: int = 1) -> list[Document]:
        """Without the steps' settings in words."""
        dates = SiteDates.of(self._db, blog_id)
        return [
            {
                **_about(each),
                "flow_config": masked_flow_config(each.flow.flow_config),
                "scheduling_config": masked(each.flow.scheduling_config),
                "enabled": each.flow.enabled,
                **_runs(each, dates),
            }
            for each in found
        ]


def summary(each: FlowSummary) -> Document:
    """A flow in a few words."""
    return {**_about(each), "enabled": each.flow.enabled, "last_run_status": each.last_run_status}


def row(flow: Flow) -> Document:
    """A flow as PHP's database layer returns it, the documents decoded and masked."""
    return flow.row() | {
        "flow_config": masked_flow_config(flow.flow_config),
        "scheduling_config": masked(flow.scheduling_config),
    }


def _about(each: FlowSummary) -> Document:
    flow = each.flow
    return {"flow_id": flow.flow_id, "flow_name": flow.flow_name, "pipeline_id": flow.pipeline_id}


def _runs(each: FlowSummary, dates: SiteDates) -> Document:
    return {
        "last_run": each.last_run,
        "last_run_status": each.last_run_status,
        "last_run_display": dates.show(each.last_run),
        "is_running": each.is_running,
        "next_run": each.next_run,
        "next_run_display": dates.show(each.next_run),
    }
