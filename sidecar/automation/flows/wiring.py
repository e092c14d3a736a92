"""Flows for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.flows import abilities
from sidecar.automation.flows.service import FlowsService

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    service = FlowsService(
        parts.flows,
        parts.pipelines,
        parts.jobs,
        parts.abilities,
        parts.access,
        runtime.hosts,
        runtime.clock,
    )
    runtime.provide(FlowsService, service)
    for name, callback in abilities.callbacks(service).items():
        runtime.get(Registry).add(name, callback)
