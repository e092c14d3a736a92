"""The abilities on flows: what they do."""

from __future__ import annotations

from sidecar.abilities import Callback
from sidecar.automation.flows.ability_declarations import DECLARATIONS
from sidecar.automation.flows.service import FlowsService

__all__ = ["DECLARATIONS", "callbacks"]


def callbacks(_service: FlowsService) -> dict[str, Callback]:
    """By name."""
    return {}
