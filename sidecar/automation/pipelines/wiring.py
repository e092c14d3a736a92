"""Pipelines for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.pipelines import abilities
from sidecar.automation.pipelines.service import PipelinesService

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    service = PipelinesService(parts.pipelines, parts.flows, parts.access, runtime.hosts, runtime.clock)
    runtime.provide(PipelinesService, service)
    for name, callback in abilities.callbacks(service).items():
        runtime.get(Registry).add(name, callback)
