"""The abilities on jobs: what WordPress is told about them, and what they do."""

from __future__ import annotations

from sidecar.abilities import Callback, Declaration
from sidecar.automation.jobs.service import JobsService

DECLARATIONS: tuple[Declaration, ...] = ()


def callbacks(_service: JobsService) -> dict[str, Callback]:
    """By name."""
    return {}
