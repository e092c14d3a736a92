"""Processed items for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.items import abilities
from sidecar.automation.items.rows import ItemRows
from sidecar.automation.items.service import ProcessedItemsService

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the service and offer the abilities."""
    service = ProcessedItemsService(
        parts.items,
        ItemRows(runtime.db),
        parts.flows,
        parts.pipelines,
        parts.permissions,
        parts.access,
        runtime.clock,
    )
    runtime.provide(ProcessedItemsService, service)
    for name, callback in abilities.callbacks(service).items():
        runtime.get(Registry).add(name, callback)
