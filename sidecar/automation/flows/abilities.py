"""The abilities on flows: what WordPress is told about them, and what they do."""

from __future__ import annotations

from sidecar.abilities import Callback, Declaration
from sidecar.automation.flows.service import FlowsService

DECLARATIONS: tuple[Declaration, ...] = ()


def callbacks(_service: FlowsService) -> dict[str, Callback]:
    """By name."""
    return {}
