"""Pipelines in a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sidecar.automation.values import Flow
from sidecar.display.flows import of_flow


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
