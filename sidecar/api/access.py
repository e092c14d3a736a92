"""Who calls at the sidecar's own door: whoever an agent token says. WordPress authenticates at its door."""

from __future__ import annotations

from typing import Protocol

import flask
import msgspec

from sidecar.errors import Unauthorized
from sidecar.identity import Principal, bearer, caller, token_log
from sidecar.identity.attempts import Attempts
from sidecar.identity.authentication import Tokens
from sidecar.identity.values import Agent
from sidecar.runtime import Runtime
from sidecar.wordpress import Options


class Visit(msgspec.Struct, frozen=True):
    """Who sends a request, with what was read to find that out, so that nobody reads it again."""

    #: A visitor (``Principal.user(0)``) without any credential. Its ``answers`` stay None: WordPress is asked
    #: when a decision needs them.
    principal: Principal
    #: The agent that acts.
    agent: Agent | None = None
    #: The state of the site's access rights when the token was read; None where it was not.
    epoch: str | None = None


VISITOR = Visit(Principal.user(0))


class Authenticator(Protocol):
    """Tells who sends a request."""

    def visit(self, request: flask.Request) -> Visit:
        """Who it is; Unauthorized for a wrong credential."""
        ...


class Bearer:
    """Knows agents by their tokens."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def visit(self, request: flask.Request) -> Visit:
        """The agent whose token the headers hold; a visitor without one.

        Unauthorized ``datamachine_invalid_token``, ``datamachine_agent_not_found`` or
        ``datamachine_owner_not_found`` for a token that opens nothing, TooManyAttempts (429) when too many of
        those came before it, ChainTooDeep (429) for an agent that was called by too many others.
        """
        # The peer's own address; whoever stands in front of it may say what he likes.
        address, token = request.remote_addr or "", ""
        try:
            found = bearer.read(
                request.headers.get("Authorization"), request.headers.get(bearer.FALLBACK_HEADER)
            )
            if found is None:
                return VISITOR
            token = found
            known = self._runtime.get(Tokens).authenticate(token)
        except Unauthorized:
            self._runtime.get(Attempts).failed(address, token)
            raise
        called_by = caller.read(dict(request.headers.items()))
        if called_by.depth > 0:
            self._check(called_by, known.agent)
        return Visit(msgspec.structs.replace(known.principal, caller=called_by), known.agent, known.epoch)

    def _check(self, called_by: caller.Caller, agent: Agent) -> None:
        settings = self._runtime.get(Options).get("datamachine_settings")
        ceiling = caller.ceiling(settings.get("max_chain_depth") if isinstance(settings, dict) else None)
        try:
            called_by.check(ceiling)
        except caller.ChainTooDeep:
            token_log.too_deep(agent, called_by, ceiling)
            raise
