"""What the PHP facade asks about agents: may somebody, which are theirs, and rows as PHP code knows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sidecar.bridge import Call
from sidecar.errors import InvalidInput
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.permissions import VIEWER, Permissions
from sidecar.identity.values import Agent
from sidecar.identity.wire import principal_of


class IdentityBridge:
    """The bridge methods ``identity.*``."""

    def __init__(self, agents: AgentsRepository, permissions: Permissions) -> None:
        self._agents = agents
        self._permissions = permissions

    def handlers(self) -> dict[str, Callable[[Call], Any]]:
        """By the name of the method."""
        return {
            "identity.can_access_agent": self.can_access_agent,
            "identity.accessible_agents": self.accessible_agents,
            "identity.agents": self.agents,
        }

    def can_access_agent(self, call: Call) -> bool:
        """``{agent_id, minimum_role, principal}``: whether the principal has at least that role."""
        role = call.params.get("minimum_role", VIEWER)
        if not isinstance(role, str):
            raise _invalid("minimum_role", "text")
        principal = principal_of(call, self._agents)
        return self._permissions.can_access(principal, _integer(call.params, "agent_id"), role)

    def accessible_agents(self, call: Call) -> list[int]:
        """``{principal}``: ids of the agents the principal's user owns, then of those granted."""
        return self._permissions.accessible(principal_of(call, self._agents))

    def agents(self, call: Call) -> list[dict[str, Any]]:
        """Rows, oldest first, of one of ``{ids}``, ``{slug}``, ``{owner_id}``, or of all agents.

        ``site_id`` limits to one blog's agents and the network's. PHP code reads them as it reads its
        database: it has rights of its own, and asks ``can_access_agent`` when it wants a user's.
        """
        params = call.params
        found = self._found(params)
        if params.get("site_id") is not None:
            site = _integer(params, "site_id")
            found = [agent for agent in found if agent.site_scope in {None, site}]
        return [row(agent) for agent in found]

    def _found(self, params: dict[str, Any]) -> Sequence[Agent]:
        if "ids" in params:
            ids = params["ids"]
            if not isinstance(ids, list) or not all(isinstance(each, int) for each in ids):
                raise _invalid("ids", "a list of ids")
            return self._agents.by_ids(ids)
        if "slug" in params:
            if not isinstance(params["slug"], str):
                raise _invalid("slug", "text")
            agent = self._agents.by_slug(params["slug"])
            return [] if agent is None else [agent]
        if "owner_id" in params:
            return self._agents.owned_by(_integer(params, "owner_id"))
        return self._agents.all()


def row(agent: Agent) -> dict[str, Any]:
    """An agent as ``$wpdb`` gives it to PHP code: numbers as text, the configuration decoded."""
    return {
        "agent_id": str(agent.agent_id),
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": str(agent.owner_id),
        "site_scope": None if agent.site_scope is None else str(agent.site_scope),
        "agent_config": agent.agent_config,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
    }


def _integer(params: dict[str, Any], name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _invalid(name, "a number")
    return value


def _invalid(name: str, expected: str) -> InvalidInput:
    return InvalidInput(f'"{name}" must be {expected}.', code="invalid_parameter")
