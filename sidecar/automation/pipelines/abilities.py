"""The abilities on pipelines: what WordPress is told about them, and what they do."""

from __future__ import annotations

from sidecar.abilities import Callback, Declaration
from sidecar.automation.pipelines.service import PipelinesService

DECLARATIONS: tuple[Declaration, ...] = ()


def callbacks(_service: PipelinesService) -> dict[str, Callback]:
    """By name."""
    return {}
