"""What a program asks that wants to act as an agent: where to log in, its token, and who it is then.

The pages somebody sees in between are WordPress's. The addresses below ``/bridge`` are those that released
chat programs know; where a plugin offers them itself, WordPress answers with the plugin's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar import hooks
from sidecar.api import site
from sidecar.api.agent_tokens import NOT_KEPT
from sidecar.api.envelope import success
from sidecar.api.introductions import Introductions
from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.db import php_json
from sidecar.errors import Unauthorized
from sidecar.host import context as hosts
from sidecar.identity import Agent, AgentsService
from sidecar.identity.authorization import AuthorizationService
from sidecar.identity.bridge import row
from sidecar.identity.permissions import REFUSED

ONBOARDING = "datamachine_bridge_onboarding_config"
PUBLIC = Permission(REFUSED, public=True)
#: The only one: a column ``status`` of old tables says nothing any more.
ACTIVE = "active"


def onboarding(request: Request) -> Answer:
    """What a program shows before somebody logs in; 200 for a slug nobody has, ``agent`` is null then.

    ``{success, data: {site_url, site_name, site_host, authorize_url, agent, display_name, description,
    avatar_url, welcome_message, login_label, login_instructions, capabilities, room_name, room_topic}}``,
    after the filter ``datamachine_bridge_onboarding_config``.
    """
    slug = request.params["agent_slug"]
    agent = request.runtime.get(AuthorizationService).known(slug, request.blog_id)
    host = hosts.current()
    if not request.principal.anonymous or (host is not None and host.kind == "request"):
        return success(_introduction(request, slug, agent))
    # At our own door, where a visitor costs nothing else. What plugins add depends on the agent alone there.
    known = None if agent is None else (agent.agent_id, agent.agent_slug, agent.agent_name)
    called = "" if agent is None else agent.agent_slug
    kept = request.runtime.get(Introductions)
    return success(kept.get((request.blog_id, known), lambda: _introduction(request, called, agent)))


def _introduction(request: Request, slug: str, agent: Agent | None) -> dict[str, Any]:
    here = site.of(request)
    config = {
        "site_url": here.url,
        "site_name": here.name,
        "site_host": here.host,
        "authorize_url": here.authorize_url,
        "agent": None if agent is None else _public(agent),
        "display_name": here.name if agent is None else agent.agent_name,
        "description": "",
        "avatar_url": "",
        "welcome_message": "",
        "login_label": "Sign in",
        "login_instructions": "",
        "capabilities": {},
        "room_name": "",
        "room_topic": "",
    }
    filtered = hooks.apply_filters(ONBOARDING, config, slug, None if agent is None else row(agent))
    data = dict(filtered) if isinstance(filtered, Mapping) else config
    # Programs read a map of names to texts; PHP's empty array would come out as a list.
    data["capabilities"] = _map(data.get("capabilities"))
    return data


def identity(request: Request) -> Answer:
    """``{success, data: {agent_id, token_id, agent_slug, agent_name, status, ...}, agent_id, ...}``.

    The agent that acts; the same once more beside ``data``, where older programs look. Nobody else has an
    answer: 401 ``rest_forbidden``.
    """
    principal = request.principal
    if not principal.agent_id:
        raise Unauthorized(REFUSED, code="rest_forbidden")
    agent = request.runtime.get(AgentsService).me(principal)
    here = site.of(request)
    data = {
        "agent_id": agent.agent_id,
        "token_id": principal.token_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "status": ACTIVE,
        "site_url": here.url,
        "site_name": here.name,
        "site_host": here.host,
    }
    return Answer({"success": True, "data": data, **data})


def exchange(request: Request) -> Answer:
    """``{success, access_token, token_type, token_id, token_label, agent_id, agent_slug, agent_name, ...}``.

    Once a code, within ten minutes, with the verifier of its S256 challenge and the same ``redirect_uri``:
    else 400 ``invalid_code``, ``expired_code``, ``redirect_mismatch`` or ``pkce_failed``. 403
    ``access_denied`` when who approved may not any more, 404 ``agent_not_found``.
    """
    params = request.params
    made = request.runtime.get(AuthorizationService).exchange(
        params["code"], params["code_verifier"], params["redirect_uri"], blog_id=request.blog_id
    )
    here = site.of(request)
    body = {
        "success": True,
        "access_token": made.raw,
        "token_type": "Bearer",
        "token_id": made.token.token_id,
        "token_label": made.token.label,
        "agent_id": made.agent.agent_id,
        "agent_slug": made.agent.agent_slug,
        "agent_name": made.agent.agent_name,
        "site_url": here.url,
        "site_host": here.host,
    }
    return Answer(body, headers=NOT_KEPT)


def _public(agent: Agent) -> dict[str, Any]:
    return {
        "agent_id": agent.agent_id,
        "agent_slug": agent.agent_slug,
        "agent_name": agent.agent_name,
        "status": ACTIVE,
    }


def _map(value: Any) -> Any:
    if isinstance(value, Mapping):
        return php_json.Object(value)
    if isinstance(value, list | tuple):
        return php_json.Object((str(number), each) for number, each in enumerate(value))
    return php_json.Object() if value is None else value


_EXCHANGE = {
    "code": Argument("string", required=True),
    "code_verifier": Argument("string", required=True),
    "redirect_uri": Argument("string", required=True),
}
ROUTES = (
    Route("POST", "/agent/token", PUBLIC, exchange, _EXCHANGE),
    Route("POST", "/bridge/token", PUBLIC, exchange, _EXCHANGE),
    Route("GET", "/bridge/onboarding", PUBLIC, onboarding, {"agent_slug": Argument("string", default="")}),
    Route("GET", "/bridge/identity", Permission(REFUSED, status=401), identity),
)
