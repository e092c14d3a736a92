"""The abilities on queues: what they do."""

from __future__ import annotations

from sidecar.abilities import Callback
from sidecar.automation.queues.ability_declarations import DECLARATIONS

__all__ = ["DECLARATIONS", "callbacks"]


def callbacks() -> dict[str, Callback]:
    """By name."""
    return {}
