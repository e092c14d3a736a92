"""The option ``--agent`` of commands that work on what belongs to agents."""

from __future__ import annotations

from sidecar.commands.invocation import Invocation
from sidecar.errors import NotFound
from sidecar.identity import Agent, AgentsService, Permissions


def named_agent(call: Invocation) -> Agent | None:
    """The agent that ``--agent`` names by id or slug, or None; NotFound says what there is.

    Without the option it is the one of ``DATAMACHINE_AGENT_SLUG``, if there is an agent of that name:
    a session's environment outlives agents. An empty ``--agent=`` names none.
    Whether the one who runs the command may use it is the services' question; slugs of agents that are not
    theirs are not told to those who do not administer the site.
    """
    if "agent" not in call.assoc:
        return call.runtime.get(AgentsService).find(call.default_agent) if call.default_agent else None
    named = call.option("agent")
    if named is None:
        return None
    try:
        return call.runtime.get(AgentsService).resolve(named)
    except NotFound as error:
        if call.runtime.get(Permissions).administers(call.principal):
            raise
        raise NotFound(f'Agent "{named}" not found.', code=error.code) from None


def agent_id(call: Invocation) -> int | None:
    """The id of the named agent, or None: what the one who runs the command may see."""
    agent = named_agent(call)
    return None if agent is None else agent.agent_id
