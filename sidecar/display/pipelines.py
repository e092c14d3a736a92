"""Pipelines as clients read them: rows as PHP's database layer returns them, without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sidecar.automation.flows import masking
from sidecar.automation.values import Flow, Pipeline
from sidecar.display.flows import of_flow
from sidecar.wordpress.site_dates import SiteDates


def row(pipeline: Pipeline) -> dict[str, Any]:
    """Every column as text or null, the configuration decoded."""
    return {
        "pipeline_id": str(pipeline.pipeline_id),
        "user_id": str(pipeline.user_id),
        "agent_id": None if pipeline.agent_id is None else str(pipeline.agent_id),
        "pipeline_name": pipeline.pipeline_name,
        "portable_slug": pipeline.portable_slug,
        "pipeline_config": pipeline.pipeline_config,
        "created_at": pipeline.created_at,
        "updated_at": pipeline.updated_at,
    }


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


def flow_row(flow: Flow) -> dict[str, Any]:
    """A flow of a pipeline, with both documents decoded and masked."""
    return {
        "flow_id": str(flow.flow_id),
        "pipeline_id": str(flow.pipeline_id),
        "user_id": str(flow.user_id),
        "agent_id": None if flow.agent_id is None else str(flow.agent_id),
        "flow_name": flow.flow_name,
        "portable_slug": flow.portable_slug,
        "flow_config": masking.masked_flow_config(flow.flow_config),
        "scheduling_config": masking.masked(flow.scheduling_config),
    }


def location(flows: Sequence[Flow]) -> str:
    """What tells its flows from others': a place, a city, chosen terms; of the first flow that has any."""
    for flow in flows:
        parts = list(dict.fromkeys(_places(flow)))
        if parts:
            return " | ".join(parts)
    return ""


def _places(flow: Flow) -> Iterator[str]:
    for _slug, config in of_flow(flow):
        place, city = config.get("location"), config.get("city")
        if isinstance(place, str) and "," in place:
            yield place
        if isinstance(city, str) and city:
            yield city
        yield from _terms(config)


def _terms(config: Mapping[str, Any]) -> Iterator[str]:
    for key, value in config.items():
        chosen = isinstance(value, str | int) and str(value) not in ("", "0", "skip", "ai_decides")
        if key.startswith("taxonomy_") and key.endswith("_selection") and chosen:
            yield str(value)
