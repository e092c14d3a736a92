"""Joins the registry of abilities with the bridge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities.registry import Registry

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Provide the registry; answer ``ability.execute``."""
    registry = Registry()
    runtime.provide(Registry, registry)
    runtime.handlers["ability.execute"] = registry.handle
