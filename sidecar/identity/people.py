"""Who has which role on an agent, and who may change that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sidecar.db import Database
from sidecar.errors import InvalidInput, NotFound
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.lookup import Lookup
from sidecar.identity.permissions import ADMIN, Permissions
from sidecar.identity.principal import Principal
from sidecar.identity.values import AccessGrant, Agent, Person
from sidecar.wordpress import UsersRepository


class AccessService:
    """Lists, gives and takes roles. Everything needs the role ``admin`` on the agent."""

    def __init__(
        self,
        db: Database,
        agents: AgentsRepository,
        access: AccessRepository,
        permissions: Permissions,
        users: Callable[[], UsersRepository],
    ) -> None:
        self._db = db
        self._agents = agents
        self._access = access
        self._permissions = permissions
        self._users = users
        self._lookup = Lookup(agents)

    def list(self, principal: Principal, identifier: str | int) -> Sequence[Person]:
        """Everybody with a grant, first granted first; an owner without a row is not among them.

        NotFound ``agent_not_found``, Forbidden ``rest_forbidden``.
        """
        agent = self._agent(principal, identifier)
        grants = self._access.of_agent(agent.agent_id)
        return self._people(grants)

    def grant(self, principal: Principal, identifier: str | int, user_id: int, role: str) -> Person:
        """Give a user a role, or another one than before.

        NotFound ``agent_not_found`` or ``user_not_found``, InvalidInput ``invalid_role``. The owner's own
        grant may become a lower one: it changes nothing about what an owner may do.
        """
        agent = self._agent(principal, identifier)
        if self._users().get(user_id) is None:
            raise NotFound("User not found.", code="user_not_found")

        def give(_: object) -> Sequence[AccessGrant]:
            # An agent that is being deleted takes no new grants with it.
            if not self._agents.exists(agent.agent_id):
                raise NotFound("Agent not found.", code="agent_not_found")
            self._access.grant(agent.agent_id, user_id, role)
            return [each for each in self._access.of_agent(agent.agent_id) if each.user_id == user_id]

        return self._people(self._db.run(give))[0]

    def revoke(
        self, principal: Principal, identifier: str | int, user_id: int, *, owner_too: bool = False
    ) -> None:
        """Take a user's role away.

        InvalidInput ``cannot_revoke_owner`` unless ``owner_too``, NotFound ``agent_not_found`` or, when there
        is no grant, ``revoke_failed``.
        """
        agent = self._agent(principal, identifier)
        if user_id == agent.owner_id and not owner_too:
            raise InvalidInput(
                "Cannot revoke the owner's access. Transfer ownership first.", code="cannot_revoke_owner"
            )
        if not self._access.revoke(agent.agent_id, user_id):
            raise NotFound("No access grant found for this user.", code="revoke_failed")

    def _agent(self, principal: Principal, identifier: str | int) -> Agent:
        agent = self._lookup.get(identifier)
        self._permissions.require_record(principal, agent, ADMIN)
        return agent

    def _people(self, grants: Sequence[AccessGrant]) -> Sequence[Person]:
        users = self._users().many(grant.user_id for grant in grants)
        people = []
        for grant in grants:
            user = users.get(grant.user_id)
            people.append(
                Person(
                    agent_id=grant.agent_id,
                    user_id=grant.user_id,
                    login=None if user is None else user.login,
                    display_name="" if user is None else user.display_name,
                    email="" if user is None else user.email,
                    role=grant.role,
                    granted_at=grant.granted_at,
                )
            )
        return people
