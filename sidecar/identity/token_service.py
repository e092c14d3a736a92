"""Making, listing and revoking tokens: the only place where tokens come from, whatever the door."""

from __future__ import annotations

from sidecar.identity.ceiling import Stored
from sidecar.identity.principal import Principal
from sidecar.identity.values import Minted, Token


class TokensService:
    """What every door does with an agent's tokens."""

    def create(
        self,
        principal: Principal,
        identifier: str | int,
        *,
        label: str = "",
        capabilities: Stored = None,
        expires_in: int | None = None,
        expires_at: str | None = None,
    ) -> Minted:
        """A new token of an agent."""
        raise NotImplementedError

    def list(self, principal: Principal, identifier: str | int) -> list[Token]:
        """An agent's tokens, the youngest first."""
        raise NotImplementedError

    def revoke(self, principal: Principal, identifier: str | int, token_id: int) -> None:
        """Take one token back."""
        raise NotImplementedError
