"""Somebody lets a program act as an agent: what is asked, the approval, and the code that becomes a token."""

from __future__ import annotations

from typing import Any

import msgspec

from sidecar.identity.principal import Principal
from sidecar.identity.values import Agent


class Asked(msgspec.Struct, frozen=True):
    """What the page of consent shows: whose agent it is, and whether this user may let others act as it."""

    agent: Agent
    #: The owner's display name; '' for an owner whose account is gone.
    owner: str
    may: bool


class Exchanged(msgspec.Struct, frozen=True):
    """A token that a program got for its code; ``raw`` is shown this once."""

    raw: str
    token_id: int
    label: str
    agent: Agent


class AuthorizationService:
    """The rules of the authorize flow that need no browser."""

    def request(self, principal: Principal, slug: str) -> Asked | None:
        """Who would be acted as; None for a slug nobody has here."""
        raise NotImplementedError

    def approve(
        self,
        principal: Principal,
        agent_id: int,
        *,
        redirect_uri: str,
        label: str,
        code_challenge: str,
        capabilities: Any,
    ) -> str:
        """A code (64 hex characters) for whoever knows the verifier of that challenge."""
        raise NotImplementedError

    def approve_legacy(
        self, principal: Principal, agent_id: int, *, label: str, capabilities: Any
    ) -> Exchanged:
        """A token at once, for clients without PKCE; only where the site's settings allow it."""
        raise NotImplementedError

    def exchange(self, code: str, verifier: str, redirect_uri: str, *, blog_id: int) -> Exchanged:
        """The token for a code, once."""
        raise NotImplementedError
