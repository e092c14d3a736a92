"""Who the engine's work is done as: the agent of a job, with the rights its owner has at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from sidecar import blog, queue
from sidecar.automation import wordpress
from sidecar.automation.access import ACTION, OPERATOR
from sidecar.automation.engine import acting
from sidecar.automation.engine.abilities import COMMAND_LINE
from sidecar.automation.engine.owners import Owners
from sidecar.automation.values import Belonging
from sidecar.errors import Forbidden
from sidecar.host import context as hosts
from sidecar.identity import Agent, AgentsRepository, Permissions, Principal


class AgentUnusable(Forbidden):
    """A job or flow cannot be worked on, because its agent cannot act.

    ``agent_not_found`` (there is none), ``agent_owner_missing`` (its owner's account is gone) or
    ``agent_owner_forbidden`` (its owner may not manage flows on this site).
    """

    code = "agent_owner_forbidden"


class Actors:
    """Finds principals. ``process`` is the kind of process this is."""

    def __init__(
        self, agents: AgentsRepository, permissions: Permissions, owners: Owners, process: str
    ) -> None:
        self._agents = agents
        self._owners = owners
        self._permissions = permissions
        self._process = process

    def of(self, agent_id: int | None, limit: frozenset[str] | None = None) -> Principal:
        """The principal of a row's agent, the system for no agent; AgentUnusable.

        ``limit``: capabilities of the job itself, below which its agent works.

        WordPress is asked about the owner in the unit that will do the work, see :class:`~.owners.Owners`.
        """
        here = blog.current()
        if not agent_id:
            return Principal.system(blog_id=here)
        agent = self._agents.get(agent_id)
        if agent is None:
            raise AgentUnusable(f"Agent {agent_id} no longer exists.", code="agent_not_found")
        owner = self._owners.of(agent.owner_id)
        if owner is None:
            raise AgentUnusable(
                f'The owner of agent "{agent.agent_slug}", user {agent.owner_id}, no longer exists.',
                code="agent_owner_missing",
            )
        found = Principal(
            "agent",
            user_id=agent.owner_id,
            agent_id=agent.agent_id,
            ceiling=limit,
            blog_id=here,
            answers=owner,
        )
        if not self._may(found, agent):
            raise AgentUnusable(
                f'The owner of agent "{agent.agent_slug}", user {agent.owner_id}, may not manage flows.'
            )
        return found

    def behind(self, whose: Belonging | None) -> Principal:
        """Whoever a job works as: see :meth:`of`; the system for a job that is gone."""
        return self.of(None) if whose is None else self.of(whose.agent_id, whose.limit)

    def _may(self, principal: Principal, agent: Agent) -> bool:
        """The owner's capability, and that the agent belongs to this blog of a network."""
        return self._permissions.can(principal, ACTION) and self._permissions.can_access(
            principal, agent, OPERATOR
        )

    def here(self) -> Principal:
        """Who acts where one of the engine's own hooks is heard.

        The one whose work fired it; in a queue run the system; at a command line its operator; else whoever
        the waiting WordPress says.
        """
        known = acting.principal()
        if known is not None:
            return known
        blog_id = blog.current()
        if queue.current_run() is not None:
            return Principal.system(blog_id=blog_id)
        if self._process in COMMAND_LINE:
            return Principal.command_line(blog_id=blog_id)
        host = hosts.current()
        return Principal.user(0, blog_id=blog_id) if host is None else wordpress.principal(self._agents)


def limited(who: Principal, capabilities: Any) -> Principal:
    """A principal held to a list of capabilities; as it is, when there is no list."""
    if not isinstance(capabilities, list):
        return who
    allowed = frozenset(str(each) for each in capabilities)
    return msgspec.structs.replace(who, ceiling=acting.narrower(who.ceiling, allowed))


@contextmanager
def working_as(who: Principal) -> Iterator[None]:
    """Do the engine's work as somebody, in Python and in the WordPress of the call."""
    agent_id = who.agent_id or 0
    owner = who.user_id if agent_id else 0
    with acting.led_by(who), wordpress.acting_as(agent_id, owner, logged=False, limit=who.ceiling):
        yield


def describe(error: AgentUnusable, **about: Any) -> dict[str, Any]:
    """What the log and a failed job say of it."""
    return {"reason": error.code, "error_message": error.message, **about}
