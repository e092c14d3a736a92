"""Jobs for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.jobs import abilities
from sidecar.automation.jobs.service import JobsService

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    service = JobsService(parts.jobs, parts.access)
    runtime.provide(JobsService, service)
    for name, callback in abilities.callbacks(service).items():
        runtime.get(Registry).add(name, callback)
