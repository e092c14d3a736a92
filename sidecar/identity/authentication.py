"""Who presents a token: the rule of the sidecar's own door, the same as PHP's at WordPress's doors."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

import msgspec

from sidecar import blog
from sidecar import clock as clock_module
from sidecar.errors import SidecarError, Unauthorized
from sidecar.identity import bearer
from sidecar.identity.expiry import expired
from sidecar.identity.principal import Principal
from sidecar.identity.tokens import TokensRepository
from sidecar.identity.values import Agent, Token

AGENT_GONE, OWNER_GONE = "datamachine_agent_not_found", "datamachine_owner_not_found"
_MESSAGES = {
    bearer.INVALID: bearer.MESSAGE,
    AGENT_GONE: "Agent associated with this token no longer exists.",
    OWNER_GONE: "Agent owner account no longer exists.",
}


class Authenticated(msgspec.Struct, frozen=True):
    """What a good token stands for."""

    #: The agent, acting for its owner below the token's ceiling; WordPress was not asked anything yet.
    principal: Principal
    token: Token
    agent: Agent
    #: The state of the site's access rights, as read with the token: answers kept under it still hold.
    epoch: str = ""


class Tokens:
    """Authenticates tokens. Nothing is kept: what was revoked is refused at once."""

    def __init__(
        self,
        tokens: TokensRepository,
        multisite: Callable[[], bool],
        clock: clock_module.Clock = clock_module.SYSTEM,
    ) -> None:
        self._tokens = tokens
        self._multisite = multisite
        self._clock = clock

    def authenticate(self, raw: str, *, blog_id: int | None = None) -> Authenticated:
        """The agent of a token, for a request to a blog (the one worked for).

        Unauthorized ``datamachine_invalid_token`` for an unknown or expired token,
        ``datamachine_agent_not_found`` (an agent that is gone, or another blog's) and
        ``datamachine_owner_not_found``. Notes that the token was used.
        """
        blog_id = blog.current() if blog_id is None else blog_id
        presented = bearer.digest(raw)
        found = self._tokens.presented(presented)
        agent = None if found is None else found.agent
        if agent is not None and agent.site_scope not in {None, blog_id} and self._multisite():
            agent = None
        code = verdict(
            presented,
            None if found is None else found.token_hash,
            None if found is None else found.token.expires_at,
            agent=agent is not None,
            owner=found is not None and found.owner,
            now=self._clock.now(),
        )
        if code is not None or found is None or agent is None:
            raise refusal(code or bearer.INVALID)
        token = found.token
        self._tokens.touch(token)
        principal = Principal(
            "agent",
            user_id=agent.owner_id,
            agent_id=agent.agent_id,
            ceiling=token.ceiling.capabilities,
            token_id=token.token_id,
            blog_id=blog_id,
        )
        return Authenticated(principal, token, agent, found.epoch)


def verdict(
    presented: str, stored: str | None, expires_at: str | None, *, agent: bool, owner: bool, now: datetime
) -> str | None:
    """Why a token is refused, None when it is good.

    ``presented`` is the hash of what was shown, ``stored`` that of the row found by it, None without a row.
    """
    # In constant time, and with or without a row.
    known = hmac.compare_digest(presented.encode(), (stored or "").encode())
    if stored is None or not known or expired(expires_at, now):
        return bearer.INVALID
    if not agent:
        return AGENT_GONE
    return None if owner else OWNER_GONE


def refusal(code: str) -> SidecarError:
    """The error of a code of :func:`verdict`."""
    return Unauthorized(_MESSAGES[code], code=code)
