"""Who may do what: the one place where capabilities, roles on agents and ceilings of tokens meet.

Two questions are asked of everybody. *What kind of work* may they do on this site: WordPress's
capabilities, by action key (``manage_flows``), below a token's ceiling. *Whose* may they do it with: the role
they have on an agent, where the owner and the site's administrators have every role.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from sidecar import hooks
from sidecar.errors import Forbidden, SidecarError, Unauthorized
from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.capabilities import CAPABILITIES, MANAGING
from sidecar.identity.principal import Answers, Principal
from sidecar.identity.scope import EVERYTHING, NOTHING, Scope
from sidecar.identity.values import Agent, role_meets

FILTER = "datamachine_can_access_agent"
#: WordPress's own words, where a route or command has none of its own.
REFUSED = "Sorry, you are not allowed to do that."
VIEWER, OPERATOR, ADMIN = "viewer", "operator", "admin"


class WordPressAnswers(Protocol):
    """Asks WordPress what a user may do on a blog."""

    def of(self, user_id: int, blog_id: int, epoch: str | None = None) -> Answers:
        """The answers; no answer at all means no: :class:`Answers` without anything.

        ``epoch``: the state of the site's access rights, for those who have just read it.
        """
        ...


class Permissions:
    """Every decision on access, for every door."""

    def __init__(
        self,
        agents: AgentsRepository,
        access: AccessRepository,
        answers: Callable[[], WordPressAnswers],
        multisite: Callable[[], bool],
    ) -> None:
        self._agents = agents
        self._access = access
        self._answers = answers
        self._multisite = multisite

    # What kind of work

    def can(self, principal: Principal, action: str) -> bool:
        """Whether the principal passes an action key; an unknown key only the unlimited pass."""
        if principal.unlimited:
            return True
        capability = CAPABILITIES.get(action)
        if capability is None or principal.user_id <= 0:
            return False
        if not _within(principal, capability):
            return False
        return action in self._said(principal).actions

    def can_any(self, principal: Principal, *actions: str) -> bool:
        """Whether at least one of several action keys is passed."""
        return any(self.can(principal, action) for action in actions)

    def can_manage(self, principal: Principal) -> bool:
        """Whether the principal manages flows, settings or agents: what most abilities ask."""
        return self.can_any(principal, *MANAGING)

    def administers(self, principal: Principal) -> bool:
        """Whether every agent of this blog is open: ``manage_agents`` by a WordPress administrator.

        Of a limited token's agent the list says so too: ``manage_options`` has to be in it.
        """
        return principal.unlimited or (
            self.can(principal, "manage_agents")
            and _within(principal, "manage_options")
            and self._said(principal).administrator
        )

    def administers_network(self, principal: Principal) -> bool:
        """As :meth:`administers`, of every blog; on a single site the same."""
        return principal.unlimited or (
            self.administers(principal) and (not self._multisite() or self._network(principal))
        )

    def require(self, principal: Principal, *actions: str, message: str = REFUSED) -> None:
        """One of these action keys, or Unauthorized (a visitor) or Forbidden, both ``rest_forbidden``."""
        if not self.can_any(principal, *actions):
            raise refusal(principal, message)

    # Whose

    def can_access(
        self,
        principal: Principal,
        agent: Agent | int,
        role: str = VIEWER,
        *,
        roles: Mapping[int, str] | None = None,
    ) -> bool:
        """Whether the principal has at least ``role`` on an agent.

        Administrators have it on every agent of their blog, known or not, an owner on its own. What is only
        granted passes the filter ``datamachine_can_access_agent`` (allowed, agent id, user id, minimum role).
        An agent of another blog of the network is nobody's here but the network's administrators'.

        ``roles`` are the grants of the principal's user by agent, where the caller has read them already.
        """
        if self.administers_network(principal):
            return True
        if principal.user_id <= 0:
            return False
        found = agent if isinstance(agent, Agent) else self._agents.get(agent)
        if found is not None and not self._here(principal, found):
            return False
        if self.administers(principal):
            return True
        if found is not None and found.owner_id == principal.user_id:
            return True
        agent_id = agent.agent_id if isinstance(agent, Agent) else agent
        granted = found is not None and role_meets(self._role(principal, agent_id, roles), role)
        return hooks.apply_filters(FILTER, granted, agent_id, principal.user_id, role) is True

    def require_agent(
        self, principal: Principal, agent: Agent | int, role: str = VIEWER, *, message: str = REFUSED
    ) -> None:
        """A role on an agent, or Unauthorized or Forbidden ``rest_forbidden``."""
        if not self.can_access(principal, agent, role):
            raise refusal(principal, message)

    def require_record(
        self, principal: Principal, agent: Agent, role: str = ADMIN, *, message: str = REFUSED
    ) -> None:
        """As :meth:`require_agent`, for changing the agent itself: name, configuration, grants, existence.

        On a network the administrators of one blog do not own an agent that all blogs share. A limited token
        has to name the capability for it: managing flows is enough to get here.
        """
        if not _within(principal, CAPABILITIES["manage_agents"]):
            raise refusal(principal, message)
        self.require_agent(principal, agent, role, message=message)
        if principal.unlimited or agent.site_scope is not None or not self._multisite():
            return
        if self._network(principal) or agent.owner_id == principal.user_id:
            return
        if not role_meets(self._access.role_of(agent.agent_id, principal.user_id), role):
            raise refusal(principal, message)

    def can_access_row(
        self, principal: Principal, agent_id: int | None, user_id: int, role: str = VIEWER
    ) -> bool:
        """Whether a pipeline, flow or job may be used: by its agent's role, or unscoped by its user.

        An unscoped row of user 0 is everybody's who passed the door's own action key. Its jobs act as the
        site itself, above every limit: with a limited token it can be read and nothing more.
        """
        if principal.unlimited:
            return True
        if agent_id:
            return self.can_access(principal, agent_id, role)
        if principal.ceiling is not None and role != VIEWER:
            return False
        return user_id == 0 or self.administers(principal) or 0 < principal.user_id == user_id

    def require_row(
        self,
        principal: Principal,
        agent_id: int | None,
        user_id: int,
        role: str = VIEWER,
        *,
        message: str = REFUSED,
    ) -> None:
        """As :meth:`can_access_row`, or Unauthorized or Forbidden ``rest_forbidden``."""
        if not self.can_access_row(principal, agent_id, user_id, role):
            raise refusal(principal, message)

    def accessible(self, principal: Principal, role: str = VIEWER) -> list[int]:
        """Ids of the agents the principal's user owns or was granted, owned first, both oldest first.

        The acting agent comes first of all.
        """
        if principal.user_id <= 0:
            return []
        owned = [agent for agent in self._agents.owned_by(principal.user_id) if self._here(principal, agent)]
        mine = {agent.agent_id for agent in owned}
        roles = self._access.roles_of_user(principal.user_id)
        granted = self._agents.by_ids(agent_id for agent_id in roles if agent_id not in mine)
        ids = [agent.agent_id for agent in owned]
        ids += [agent.agent_id for agent in granted if self.can_access(principal, agent, role, roles=roles)]
        if principal.agent_id in ids:
            ids.remove(principal.agent_id)
            ids.insert(0, principal.agent_id)
        return ids

    def scope(self, principal: Principal, requested: int | None = None, *, message: str = REFUSED) -> Scope:
        """Which rows a listing shows.

        ``requested`` is the agent the request names (:func:`requested_agent`). Absent: what the principal may
        see, which for an acting agent is its own. Given: that agent's rows, Forbidden when they are not the
        principal's to see; administrators may name an id nobody has, and see nothing.
        """
        if requested is not None:
            self.require_agent(principal, requested, VIEWER, message=message)
            return Scope(agent_ids=(requested,)) if requested > 0 else NOTHING
        if principal.agent_id:
            return Scope(agent_ids=(principal.agent_id,))
        if self.administers(principal):
            return EVERYTHING
        if principal.user_id <= 0:
            return NOTHING
        return Scope(agent_ids=tuple(self.accessible(principal)), unscoped_of=principal.user_id)

    def _role(self, principal: Principal, agent_id: int, roles: Mapping[int, str] | None) -> str | None:
        if roles is not None:
            return roles.get(agent_id)
        return self._access.role_of(agent_id, principal.user_id)

    def _said(self, principal: Principal) -> Answers:
        if principal.answers is not None:
            return principal.answers
        return self._answers().of(principal.user_id, principal.blog_id)

    def _here(self, principal: Principal, agent: Agent) -> bool:
        if agent.site_scope in {None, principal.blog_id} or not self._multisite():
            return True
        return self._network(principal)

    def _network(self, principal: Principal) -> bool:
        return _within(principal, "manage_network") and self._said(principal).network


def _within(principal: Principal, capability: str) -> bool:
    """Whether the acting agent's token, if it has a limit, leaves a capability."""
    return principal.ceiling is None or capability in principal.ceiling


def refusal(principal: Principal, message: str = REFUSED) -> SidecarError:
    """The error for somebody who may not: 401 for a visitor, 403 for everybody else."""
    kind = Unauthorized if principal.anonymous else Forbidden
    return kind(message, code="rest_forbidden")
