"""What the abilities on jobs do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.abilities import Callback
from sidecar.automation.jobs.declarations import DECLARATIONS
from sidecar.automation.jobs.service import JobsService
from sidecar.identity import Principal

__all__ = ["DECLARATIONS", "callbacks"]


def callbacks(_service: JobsService) -> dict[str, Callback]:
    """By name."""

    def later(principal: Principal, given: Mapping[str, Any]) -> Any:
        raise NotImplementedError(principal, given)

    return {each.name: later for each in DECLARATIONS}
