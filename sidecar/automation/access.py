"""Who may use pipelines, flows and jobs: the words of each refusal, over the one service that decides."""

from __future__ import annotations

from sidecar.errors import NotFound
from sidecar.identity import AgentsRepository, Permissions, Principal, Scope
from sidecar.identity.permissions import ADMIN, OPERATOR, VIEWER

#: The site-wide question about this kind of work.
ACTION = "manage_flows"
PIPELINES = "You do not have permission to access pipelines."
FLOWS = "You do not have permission to access flows."
JOBS = "You do not have permission to manage jobs."

__all__ = ["ADMIN", "FLOWS", "JOBS", "OPERATOR", "PIPELINES", "VIEWER", "Access"]


class Access:
    """The questions that the services of this package ask. Each refusal is ``rest_forbidden``."""

    def __init__(self, permissions: Permissions, agents: AgentsRepository) -> None:
        self._permissions = permissions
        self._agents = agents

    def enter(self, principal: Principal, message: str) -> None:
        """Whether the principal does this kind of work on this site at all."""
        self._permissions.require(principal, ACTION, message=message)

    def scope(self, principal: Principal, agent_id: int | None, message: str) -> Scope:
        """What a list shows: of one agent, when one is named, else all that the principal may see."""
        return self._permissions.scope(principal, agent_id, message=message)

    def scope_with(self, principal: Principal, role: str, message: str) -> Scope:
        """What one may change in bulk: of all that one sees, the rows on which one has ``role``."""
        seen = self.scope(principal, None, message)
        if seen.everything:
            return seen
        agents = tuple(each for each in seen.agent_ids if self._permissions.can_access(principal, each, role))
        # A limited token reads unscoped rows, and no more.
        return Scope(
            agent_ids=agents, unscoped_of=None if principal.ceiling is not None else seen.unscoped_of
        )

    def row(self, principal: Principal, agent_id: int | None, user_id: int, role: str, message: str) -> None:
        """A role on the agent of one row, or on an unscoped row."""
        self._permissions.require_row(principal, agent_id, user_id, role, message=message)

    def agent_of_new(
        self, principal: Principal, named: int | None, inherited: int | None = None
    ) -> int | None:
        """The agent of a new row: the named one, else the inherited one, else the one that acts, else none.

        The principal needs the role ``admin`` on a named one; NotFound ``agent_not_found``.
        """
        if not named or named <= 0:
            return inherited or principal.agent_id
        agent = self._agents.get(named)
        self._permissions.require_agent(principal, agent or named, ADMIN)
        if agent is None:
            raise NotFound(f"Agent ID {named} not found.", code="agent_not_found")
        return named
