"""Queues of flow steps for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.queues import abilities
from sidecar.automation.queues.duplicates import DuplicateCheck
from sidecar.automation.queues.service import QueuesService

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    duplicates = DuplicateCheck(runtime.db, parts.flows, parts.access, runtime.hosts, runtime.clock)
    service = QueuesService(parts.flows, parts.access, duplicates, runtime.hosts, runtime.clock)
    runtime.provide(QueuesService, service)
    runtime.provide(DuplicateCheck, duplicates)
    for name, callback in abilities.callbacks(service, duplicates).items():
        runtime.get(Registry).add(name, callback)
