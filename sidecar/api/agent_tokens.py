"""``/agents/{agent_id}/tokens``: the keys of runtimes that act as an agent."""

from __future__ import annotations

from sidecar.api.agents import AGENT_ID, MANAGED, ONE
from sidecar.api.route import Answer, Argument, Request, Route

PATH = ONE + "/tokens"


def list_tokens(request: Request) -> Answer:
    """``{success, tokens: [token, ...]}``, newest first."""
    raise NotImplementedError


def create_token(request: Request) -> Answer:
    """``{success, token_id, raw_token, token_prefix, message}``; the raw token is told this once."""
    raise NotImplementedError


def revoke_token(request: Request) -> Answer:
    """``{success, message}``; the token is refused from now on."""
    raise NotImplementedError


ROUTES = (
    Route("GET", PATH, MANAGED, list_tokens, {"agent_id": AGENT_ID}),
    Route(
        "POST",
        PATH,
        MANAGED,
        create_token,
        {
            "agent_id": AGENT_ID,
            "label": Argument("string", default=""),
            "capabilities": Argument("array", items=Argument("string"), nullable=True),
            "expires_in": Argument("integer", nullable=True),
        },
    ),
    Route(
        "DELETE",
        PATH + r"/(?P<token_id>\d+)",
        MANAGED,
        revoke_token,
        {"agent_id": AGENT_ID, "token_id": Argument("integer", required=True)},
    ),
)
