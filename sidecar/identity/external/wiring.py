"""Joins the tokens of other sites with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.external.abilities import ExternalAbilities
from sidecar.identity.external.bridge import ExternalBridge
from sidecar.identity.external.client import OutboundClient
from sidecar.identity.external.service import ExternalService
from sidecar.identity.external.store import ExternalStore
from sidecar.identity.permissions import Permissions
from sidecar.wordpress import Options

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Provide the service; answer ``external.exchange``; offer the ability. After identity's own."""

    def service() -> ExternalService:
        return runtime.get(ExternalService)

    runtime.provide(
        ExternalService,
        ExternalService(
            runtime.get(Permissions),
            runtime.get(AgentsRepository),
            ExternalStore(lambda: runtime.hosts),
            OutboundClient(),
            lambda: runtime.get(Options),
        ),
    )
    runtime.handlers.update(ExternalBridge(service).handlers())
    for name, callback in ExternalAbilities(service).callbacks().items():
        runtime.get(Registry).add(name, callback)
