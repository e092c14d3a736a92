"""Joins identity with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.identity import abilities
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.answers import UnitAnswers
from sidecar.identity.attempts import Attempts
from sidecar.identity.authentication import Tokens
from sidecar.identity.authorization import AuthorizationService
from sidecar.identity.authorization_bridge import AuthorizationBridge
from sidecar.identity.bridge import IdentityBridge
from sidecar.identity.codes import CodesRepository
from sidecar.identity.creation import Creation
from sidecar.identity.deletion import Deletion
from sidecar.identity.locks import NamedLocks
from sidecar.identity.materialization import Materializer
from sidecar.identity.owners import Owners
from sidecar.identity.people import AccessService
from sidecar.identity.permissions import Permissions, WordPressAnswers
from sidecar.identity.places import AgentPlaces
from sidecar.identity.renames import RenamesRepository
from sidecar.identity.renaming import Renaming
from sidecar.identity.service import AgentsService
from sidecar.identity.token_bridge import TokensBridge
from sidecar.identity.token_service import TokensService
from sidecar.identity.tokens import TokensRepository
from sidecar.identity.wordpress import IdentityHost
from sidecar.wordpress import Network, Options, UsersRepository

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Build the services; answer ``agents.reconcile`` and ``identity.*``; offer the abilities on agents."""
    agents = AgentsRepository(runtime.db, runtime.clock)
    access = AccessRepository(runtime.db, runtime.clock)
    tokens = TokensRepository(runtime.db, runtime.clock)

    def users() -> UsersRepository:
        return runtime.get(UsersRepository)

    def places() -> AgentPlaces:
        return runtime.get(AgentPlaces)  # type: ignore[type-abstract]

    def answers() -> WordPressAnswers:
        return runtime.get(WordPressAnswers)  # type: ignore[type-abstract]

    def network() -> Network:
        return runtime.get(Network)

    db = runtime.db
    permissions = Permissions(agents, access, answers, lambda: network().multisite)
    host = IdentityHost(lambda: runtime.hosts, lambda: runtime.get(Options))
    locks = NamedLocks(db)
    renames = RenamesRepository(db, runtime.clock)
    renaming = Renaming(
        db,
        agents=agents,
        renames=renames,
        permissions=permissions,
        host=host,
        locks=locks,
        places=places,
    )
    creation = Creation(db, agents, access, locks, renames)
    deletion = Deletion(
        db,
        agents=agents,
        access=access,
        tokens=tokens,
        permissions=permissions,
        host=host,
        locks=locks,
        places=places,
        renaming=renaming,
    )
    materializer = Materializer(
        agents, access, creation=creation, renaming=renaming, host=host, places=places
    )
    runtime.provide(AgentsRepository, agents)
    runtime.provide(AccessRepository, access)
    runtime.provide(Owners, Owners(lambda: runtime.get(Options), users))
    runtime.provide(Permissions, permissions)
    runtime.provide(IdentityHost, host)
    runtime.provide(WordPressAnswers, UnitAnswers(runtime.db, runtime.hosts, runtime.clock))  # type: ignore[type-abstract]
    runtime.handlers.update(IdentityBridge(agents, permissions).handlers())
    runtime.handlers.update(TokensBridge(agents, lambda: runtime.get(TokensService)).handlers())
    authorization = AuthorizationService(
        agents,
        access,
        CodesRepository(db, runtime.clock),
        lambda: runtime.get(TokensService),
        users=users,
        options=lambda: runtime.get(Options),
        multisite=lambda: network().multisite,
        clock=runtime.clock,
    )
    runtime.provide(AuthorizationService, authorization)
    runtime.handlers.update(AuthorizationBridge(agents, authorization).handlers())
    runtime.provide(Renaming, renaming)
    runtime.provide(
        AgentsService,
        AgentsService(
            agents,
            access,
            permissions,
            host=host,
            creation=creation,
            renaming=renaming,
            deletion=deletion,
            users=users,
            places=places,
            network=network,
        ),
    )
    runtime.provide(AccessService, AccessService(db, agents, access, permissions, users))
    runtime.provide(TokensRepository, tokens)
    runtime.provide(Tokens, Tokens(tokens, lambda: network().multisite, runtime.clock))
    runtime.provide(Attempts, Attempts(db, runtime.clock))
    runtime.provide(
        TokensService,
        TokensService(
            db,
            agents=agents,
            tokens=tokens,
            permissions=permissions,
            host=host,
            clock=runtime.clock,
        ),
    )
    runtime.provide(Materializer, materializer)
    runtime.handlers["agents.reconcile"] = materializer.handle
    abilities.offer(runtime)
