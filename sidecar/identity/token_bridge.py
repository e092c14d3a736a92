"""Tokens for PHP code: what the class ``AgentTokens`` of the facade writes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sidecar.bridge import Call
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.ceiling import Stored
from sidecar.identity.principal import Principal
from sidecar.identity.token_service import TokensService
from sidecar.identity.wire import principal_of

logger = logging.getLogger("datamachine.identity")


class TokensBridge:
    """The bridge methods ``identity.tokens.*``.

    PHP code that asks has rights of its own, as it has on its database; while an agent acts, the rules of
    every other door hold for it.
    """

    def __init__(self, agents: AgentsRepository, service: Callable[[], TokensService]) -> None:
        self._agents = agents
        self._service = service

    def handlers(self) -> dict[str, Callable[[Call], Any]]:
        """By the name of the method."""
        return {
            "identity.tokens.create": self.create,
            "identity.tokens.revoke": self.revoke,
            "identity.tokens.revoke_all": self.revoke_all,
        }

    def create(self, call: Call) -> dict[str, Any] | None:
        """``{agent_id, label, capabilities, expires_at, principal}`` gives ``{token_id, raw_token,
        token_prefix}``; null when it was refused, with the reason in the sidecar's log."""
        params = call.params
        label, expires_at = params.get("label"), params.get("expires_at")
        if not isinstance(label, str | None) or not isinstance(expires_at, str | None):
            raise InvalidInput('"label" and "expires_at" are text.', code="invalid_parameter")
        agent_id, limit = _integer(params, "agent_id"), _stored(params.get("capabilities"))
        principal = self._acting(call)
        made = _or_none(
            lambda: self._service().create(
                principal, agent_id, label=label or "", capabilities=limit, expires_at=expires_at or None
            )
        )
        if made is None:
            return None
        return {
            "token_id": made.token.token_id,
            "raw_token": made.raw,
            "token_prefix": made.token.token_prefix,
        }

    def revoke(self, call: Call) -> bool:
        """``{token_id, agent_id, principal}``: whether there was such a token, and it may be revoked."""
        agent_id, token_id = _integer(call.params, "agent_id"), _integer(call.params, "token_id")
        principal = self._acting(call)
        return _or_none(lambda: self._revoked(principal, agent_id, token_id)) is True

    def revoke_all(self, call: Call) -> int:
        """``{agent_id, principal}``: how many tokens were revoked."""
        agent_id = _integer(call.params, "agent_id")
        principal = self._acting(call)
        return _or_none(lambda: self._service().revoke_all(principal, agent_id)) or 0

    def _revoked(self, principal: Principal, agent_id: int, token_id: int) -> bool:
        self._service().revoke(principal, agent_id, token_id)
        return True

    def _acting(self, call: Call) -> Principal:
        principal = principal_of(call, self._agents)
        return principal if principal.agent_id else Principal.system(blog_id=principal.blog_id)


def _or_none(work: Callable[[], Any]) -> Any:
    """PHP code of this class knows null and false, no errors; what broke is one all the same."""
    try:
        return work()
    except SidecarError as error:
        if error.status >= 499:
            raise
        logger.warning("PHP code was refused a change of tokens: %s (%s)", error.message, error.code)
        return None


def _stored(value: Any) -> Stored:
    """A limit as it crosses from PHP: a list whose keys have gaps arrives as a mapping of numbers."""
    if isinstance(value, Mapping):
        if value and all(str(key).isdigit() for key in value):
            return list(value.values())
        return dict(value)
    if value is None or isinstance(value, list):
        return value
    raise InvalidInput('"capabilities" must be a list, an object or null.', code="invalid_parameter")


def _integer(params: Mapping[str, Any], name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f'"{name}" must be a number.', code="invalid_parameter")
    return value
