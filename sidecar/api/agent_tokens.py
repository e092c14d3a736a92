"""``/agents/{agent_id}/tokens``: the keys of runtimes that act as an agent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.api.agents import AGENT_ID, MANAGED, ONE
from sidecar.api.route import Answer, Argument, Request, Route
from sidecar.errors import SidecarError
from sidecar.identity import documents
from sidecar.identity.token_service import TokensService

PATH = ONE + "/tokens"
#: A token in an answer is nothing that a browser or a proxy keeps.
NOT_KEPT = {"Cache-Control": "no-store"}


def list_tokens(request: Request) -> Answer:
    """``{success, tokens: [token, ...]}``, those made last first; numbers are text, and nothing is secret.

    A token is ``{token_id, agent_id, token_prefix, label, capabilities, last_used_at, expires_at,
    created_at}``. Needs the role operator: 403 ``list_tokens_failed``, 404 for an agent that is not there.
    """
    with _failed_as("list_tokens_failed"):
        tokens = request.runtime.get(TokensService).list(request.principal, request.params["agent_id"])
    return Answer({"success": True, "tokens": [documents.token_row(token) for token in tokens]})


def create_token(request: Request) -> Answer:
    """``{success, token_id, raw_token, token_prefix, message}``; the raw token is told this once.

    ``capabilities`` limits it, null or absent does not; ``expires_in`` is a number of seconds, and none, 0 or
    less no end. Needs the role admin; an agent makes tokens for itself only, and none that may do more than
    its own. ``create_token_failed``: 403, 404 for an agent that is not there, 400 for what is too long.
    """
    params = request.params
    with _failed_as("create_token_failed"):
        minted = request.runtime.get(TokensService).create(
            request.principal,
            params["agent_id"],
            label=params["label"],
            capabilities=params.get("capabilities"),
            expires_in=params.get("expires_in"),
        )
    body = {
        "success": True,
        "token_id": minted.token.token_id,
        "raw_token": minted.raw,
        "token_prefix": minted.token.token_prefix,
        "message": "Token created. Save it now — it cannot be retrieved again.",
    }
    return Answer(body, headers=NOT_KEPT)


def revoke_token(request: Request) -> Answer:
    """``{success, message}``; the token is refused from now on, at every door.

    Needs the role admin: 403 ``revoke_token_failed``, 404 for a token the agent does not have.
    """
    params = request.params
    with _failed_as("revoke_token_failed"):
        request.runtime.get(TokensService).revoke(request.principal, params["agent_id"], params["token_id"])
    return Answer({"success": True, "message": "Token revoked successfully"})


@contextmanager
def _failed_as(code: str) -> Iterator[None]:
    """The code these routes always had; the status is the rule's own, and its code goes along as data."""
    try:
        yield
    except SidecarError as error:
        if error.status >= 500:
            raise
        raise type(error)(
            error.message, code=code, data={"ability_error_code": error.code, **error.data}
        ) from error


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
