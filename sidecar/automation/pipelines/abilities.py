"""The abilities on pipelines: what they do."""

from __future__ import annotations

from sidecar.abilities import Callback
from sidecar.automation.pipelines.ability_declarations import DECLARATIONS
from sidecar.automation.pipelines.service import PipelinesService

__all__ = ["DECLARATIONS", "callbacks"]


def callbacks(_service: PipelinesService) -> dict[str, Callback]:
    """By name."""
    return {}
