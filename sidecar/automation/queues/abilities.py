"""The abilities on queues: what WordPress is told about them, and what they do."""

from __future__ import annotations

from sidecar.abilities import Callback, Declaration

DECLARATIONS: tuple[Declaration, ...] = ()


def callbacks() -> dict[str, Callback]:
    """By name."""
    return {}
