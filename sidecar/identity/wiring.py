"""Joins identity with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.materialization import Materializer
from sidecar.identity.people import People
from sidecar.identity.places import AgentPlaces
from sidecar.identity.service import AgentsService

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Build the services and answer ``agents.reconcile``."""
    agents = AgentsRepository(runtime.db, runtime.clock)
    access = AccessRepository(runtime.db, runtime.clock)
    people = People(runtime.db)

    def places() -> AgentPlaces:
        return runtime.get(AgentPlaces)  # type: ignore[type-abstract]

    runtime.provide(AgentsRepository, agents)
    runtime.provide(AccessRepository, access)
    runtime.provide(People, people)
    runtime.provide(AgentsService, AgentsService(agents, access, people, places))
    materializer = Materializer(runtime.db, agents, access, places)
    runtime.provide(Materializer, materializer)
    runtime.handlers["agents.reconcile"] = materializer.handle
