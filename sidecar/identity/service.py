"""Finding agents, for every door."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sidecar import hooks
from sidecar.errors import Forbidden, InvalidInput, NotFound
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.places import AgentPlaces
from sidecar.identity.values import (
    ROLE_ADMIN,
    Agent,
    AgentDetail,
    AgentSummary,
    Caller,
    GrantDetail,
    role_meets,
)
from sidecar.wordpress import UsersRepository

SCOPES = ("mine", "all")


class AgentsService:
    """Lists and shows agents. ``blog_id`` is the blog the caller is on."""

    def __init__(
        self,
        agents: AgentsRepository,
        access: AccessRepository,
        users: Callable[[], UsersRepository],
        places: Callable[[], AgentPlaces],
    ) -> None:
        self._agents = agents
        self._access = access
        self._users = users
        self._places = places

    def list(
        self,
        caller: Caller,
        *,
        scope: str = "mine",
        user_id: int | None = None,
        blog_id: int = 1,
        include_role: bool = False,
        with_files: bool = False,
    ) -> list[AgentSummary]:
        """Agents of a user (``mine``: owned first, then granted) or of the site (``all``).

        Raises Forbidden ``agent_scope_forbidden`` or ``agent_user_scope_forbidden`` when the caller is no
        administrator, InvalidInput ``invalid_agent_scope``.
        """
        if scope not in SCOPES:
            raise InvalidInput('Invalid scope. Allowed values: "mine", "all".', code="invalid_agent_scope")
        if scope == "all" and not caller.manages:
            raise Forbidden("scope=all requires admin privileges.", code="agent_scope_forbidden")
        target = user_id or caller.user_id
        if target != caller.user_id and not caller.manages:
            raise Forbidden(
                "Querying another user's agents requires admin privileges.", code="agent_user_scope_forbidden"
            )
        roles = self._access.roles_of_user(target)
        found: Sequence[Agent]
        if scope == "all":
            found = self._agents.all(site_id=blog_id)
        else:
            found = self._of_user(target, roles, caller, blog_id)
        logins = self._users().many(agent.owner_id for agent in found)
        places = self._places() if with_files else None
        summaries = []
        for agent in found:
            owner = target > 0 and agent.owner_id == target
            login = logins.get(agent.owner_id)
            summaries.append(
                AgentSummary(
                    agent=agent,
                    is_owner=owner,
                    user_role=(ROLE_ADMIN if owner else roles.get(agent.agent_id)) if include_role else None,
                    owner_login=None if login is None else login.login,
                    has_files=None if places is None else places.exists(agent, blog_id),
                )
            )
        return summaries

    def get(self, identifier: str | int) -> Agent:
        """By id or slug: digits are always an id. NotFound ``agent_not_found``."""
        agent = self.find(identifier)
        if agent is None:
            raise NotFound("Agent not found.", code="agent_not_found")
        return agent

    def find(self, identifier: str | int) -> Agent | None:
        """As :meth:`get`, None when there is none."""
        text = str(identifier).strip()
        if text.isascii() and text.isdigit():
            return self._agents.get(int(text))
        return self._agents.by_slug(text)

    def resolve(self, identifier: str) -> Agent:
        """The agent of an ``--agent`` option; NotFound says what there is."""
        agent = self.find(identifier)
        if agent is not None:
            return agent
        if identifier.isascii() and identifier.isdigit():
            raise NotFound(f"Agent ID {identifier} not found.", code="agent_not_found")
        known = ", ".join(each.agent_slug for each in self._agents.all())
        raise NotFound(f'Agent "{identifier}" not found. Available: {known}', code="agent_not_found")

    def show(self, identifier: str | int, *, blog_id: int = 1) -> AgentDetail:
        """Everything about one agent; NotFound ``agent_not_found``."""
        agent = self.get(identifier)
        grants = self._access.of_agent(agent.agent_id)
        people = self._users().many([agent.owner_id, *(grant.user_id for grant in grants)])
        places = self._places()

        def login(user_id: int) -> str | None:
            person = people.get(user_id)
            return None if person is None else person.login

        return AgentDetail(
            agent=agent,
            owner_login=login(agent.owner_id),
            agent_dir=places.directory(agent, blog_id),
            has_files=places.exists(agent, blog_id),
            access=tuple(GrantDetail(grant, login(grant.user_id)) for grant in grants),
        )

    def can_access(self, caller: Caller, agent: Agent, minimum: str = "viewer") -> bool:
        """Whether a signed-in user may use an agent; plugins may grant or refuse what is only granted."""
        if caller.user_id <= 0:
            return False
        if agent.owner_id == caller.user_id:
            return True
        granted = role_meets(self._access.role_of(agent.agent_id, caller.user_id), minimum)
        return bool(
            hooks.apply_filters(
                "datamachine_can_access_agent", granted, agent.agent_id, caller.user_id, minimum
            )
        )

    def _of_user(self, user_id: int, roles: dict[int, str], caller: Caller, blog_id: int) -> Sequence[Agent]:
        if user_id <= 0:
            return []
        owned = self._agents.owned_by(user_id)
        mine = {agent.agent_id for agent in owned}
        granted = self._agents.by_ids(agent_id for agent_id in roles if agent_id not in mine)
        found = [agent for agent in (*owned, *granted) if agent.site_scope in (None, blog_id)]
        if user_id == caller.user_id:
            found = [agent for agent in found if self.can_access(caller, agent)]
        return found
