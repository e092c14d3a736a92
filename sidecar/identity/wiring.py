"""Joins identity with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.bridge import IdentityBridge
from sidecar.identity.materialization import Materializer
from sidecar.identity.owners import Owners
from sidecar.identity.permissions import Permissions, WordPressAnswers
from sidecar.identity.places import AgentPlaces
from sidecar.identity.service import AgentsService
from sidecar.wordpress import Network, Options, UsersRepository

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Build the services and answer ``agents.reconcile``."""
    agents = AgentsRepository(runtime.db, runtime.clock)
    access = AccessRepository(runtime.db, runtime.clock)

    def users() -> UsersRepository:
        return runtime.get(UsersRepository)

    def places() -> AgentPlaces:
        return runtime.get(AgentPlaces)  # type: ignore[type-abstract]

    def answers() -> WordPressAnswers:
        return runtime.get(WordPressAnswers)  # type: ignore[type-abstract]

    runtime.provide(AgentsRepository, agents)
    runtime.provide(AccessRepository, access)
    runtime.provide(Owners, Owners(lambda: runtime.get(Options), users))
    runtime.provide(AgentsService, AgentsService(agents, access, users, places))
    permissions = Permissions(agents, access, answers, lambda: runtime.get(Network).multisite)
    runtime.provide(Permissions, permissions)
    runtime.handlers.update(IdentityBridge(agents, permissions).handlers())
    materializer = Materializer(runtime.db, agents, access, places)
    runtime.provide(Materializer, materializer)
    runtime.handlers["agents.reconcile"] = materializer.handle
