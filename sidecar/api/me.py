"""``/agents/me``: who the caller is, and for an agent that acts, what it may do and where its memory is."""

from __future__ import annotations

from typing import Any

from sidecar.api import site
from sidecar.api.envelope import success
from sidecar.api.route import Answer, Request
from sidecar.identity import Agent, AgentsService, Permissions
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.identity.tokens import TokensRepository
from sidecar.identity.values import Token
from sidecar.memory import MemoryPaths


def my_agent(request: Request) -> Answer:
    """``{success, data: {agent_id, agent_slug, agent_name, owner_id, site_url, site_name}}``.

    The agent that acts, else the caller's first own one; 404 ``no_agent`` without any. For an agent that acts
    also ``token`` (``{id, label, expires_at, capabilities}``, null without one), ``may`` (the action keys it
    passes) and ``memory``: ``{directory, relative, files}``, the files relative to WordPress's root.
    """
    agent = request.runtime.get(AgentsService).me(request.principal)
    here = site.of(request)
    data: dict[str, Any] = {
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "owner_id": agent.owner_id,
        "site_url": here.url,
        "site_name": here.name,
    }
    if request.principal.agent_id:
        data |= _acting(request, agent)
    return success(data)


def _acting(request: Request, agent: Agent) -> dict[str, Any]:
    permissions, principal = request.runtime.get(Permissions), request.principal
    paths = request.runtime.get(MemoryPaths).of(agent, request.blog_id)
    token = None
    if principal.token_id:
        token = request.runtime.get(TokensRepository).get(principal.token_id, agent.agent_id)
    return {
        "token": None if token is None else _token(token),
        "may": [action for action in CAPABILITIES if permissions.can(principal, action)],
        "memory": {"directory": paths.directory, "relative": paths.relative, "files": list(paths.files)},
    }


def _token(token: Token) -> dict[str, Any]:
    """``capabilities`` as stored: null, a list, or a later version's object."""
    return {
        "id": token.token_id,
        "label": token.label,
        "expires_at": token.expires_at,
        "capabilities": token.capabilities,
    }
