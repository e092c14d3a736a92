"""What a program asks that wants to act as an agent: where to log in, its token, and who it is then."""

from __future__ import annotations

from sidecar.api.route import Answer, Argument, Permission, Request, Route
from sidecar.identity.permissions import REFUSED

PUBLIC = Permission(REFUSED, public=True)


def onboarding(request: Request) -> Answer:
    """``{success, data: {site_url, site_name, site_host, authorize_url, agent, display_name, ...}}``."""
    raise NotImplementedError


def identity(request: Request) -> Answer:
    """``{success, data: {agent_id, token_id, agent_slug, ...}, agent_id, ...}``; only with a token."""
    raise NotImplementedError


def exchange(request: Request) -> Answer:
    """``{success, access_token, token_type, token_id, token_label, ...}``, once a code."""
    raise NotImplementedError


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
