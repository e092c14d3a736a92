"""Queues of flow steps for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.queues import abilities

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, _parts: Parts) -> None:
    """Provide the services and offer the abilities."""
    for name, callback in abilities.callbacks().items():
        runtime.get(Registry).add(name, callback)
