"""What the pages of the authorize flow ask: they have the browser and its cookie, we have the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidecar.bridge import Call
from sidecar.errors import InvalidInput
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.authorization import AuthorizationService
from sidecar.identity.bridge import row
from sidecar.identity.wire import principal_of


class AuthorizationBridge:
    """The bridge methods ``identity.authorization.*``."""

    def __init__(self, agents: AgentsRepository, service: AuthorizationService) -> None:
        self._agents = agents
        self._service = service

    def handlers(self) -> dict[str, Callable[[Call], Any]]:
        """By the name of the method."""
        return {
            "identity.authorization.request": self.request,
            "identity.authorization.approve": self.approve,
        }

    def request(self, call: Call) -> dict[str, Any] | None:
        """``{agent_slug, principal}``: ``{agent: row, owner, may}``, null for an unknown slug."""
        asked = self._service.request(principal_of(call, self._agents), _text(call.params, "agent_slug"))
        if asked is None:
            return None
        return {"agent": row(asked.agent), "owner": asked.owner, "may": asked.may}

    def approve(self, call: Call) -> dict[str, Any]:
        """``{agent_id, redirect_uri, label, code_challenge, capabilities, legacy, principal}``: ``{code}``.

        With ``legacy``, and the setting ``legacy_token_redirect`` on, ``{token, agent_slug, agent_id}``.
        ``capabilities`` is the value of a token's column: null, a list, or a later version's object. Errors:
        ``access_denied``, ``agent_not_found``, ``token_creation_failed``, ``invalid_request``.
        """
        params = call.params
        principal = principal_of(call, self._agents)
        agent_id, label = _id(params, "agent_id"), _text(params, "label")
        if params.get("legacy") is True:
            made = self._service.approve_legacy(
                principal, agent_id, label=label, capabilities=params.get("capabilities")
            )
            agent = made.agent
            return {"token": made.raw, "agent_slug": agent.agent_slug, "agent_id": agent.agent_id}
        code = self._service.approve(
            principal,
            agent_id,
            redirect_uri=_text(params, "redirect_uri"),
            label=label,
            code_challenge=_text(params, "code_challenge"),
            capabilities=params.get("capabilities"),
        )
        return {"code": code}


def _text(params: dict[str, Any], name: str) -> str:
    value = params.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(f'"{name}" must be text.', code="invalid_request")
    return value


def _id(params: dict[str, Any], name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f'"{name}" must be a number.', code="invalid_request")
    return value
