"""The lines of the log about tokens. None of them holds a secret."""

from __future__ import annotations

import logging
from typing import Any

from sidecar import hooks
from sidecar.errors import Cancelled, SidecarError
from sidecar.identity.caller import Caller
from sidecar.identity.values import Agent, Token

logger = logging.getLogger("datamachine.identity")

HOOK = "datamachine_log"
#: Characters of a token that was refused; its random part is never among them.
SHOWN = 20


def refused(token: str) -> None:
    """A token that opens nothing was shown.

    Told in Python alone: strangers must not make this process open WordPress.
    """
    name = token.rpartition("_")[0]
    hooks.bus().do_action(
        HOOK,
        "warning",
        "Agent auth: invalid or expired token presented",
        {"token_prefix": f"{name[:SHOWN]}..."},
    )


def too_deep(agent: Agent, caller: Caller, ceiling: int) -> None:
    """A chain of agents was ended."""
    hooks.bus().do_action(
        HOOK,
        "warning",
        "Agent auth: chain depth exceeded",
        {
            "agent_id": agent.agent_id,
            "agent_slug": agent.agent_slug,
            "budget": "chain_depth",
            "ceiling": ceiling,
            "current": caller.depth,
            "caller_site": caller.site,
            "caller_agent": caller.agent,
            "chain_id": caller.chain_id,
        },
    )


def created(agent: Agent, token: Token) -> None:
    """A token was made."""
    _tell(
        "Agent token created",
        {
            "agent_id": agent.agent_id,
            "agent_slug": agent.agent_slug,
            "token_id": token.token_id,
            "label": token.label,
            "has_expiry": token.expires_at is not None,
            "has_cap_restriction": token.capabilities is not None,
        },
    )


def issued(agent: Agent, token: Token, user_id: int) -> None:
    """A token was given to somebody's runtime after he agreed in his browser."""
    _tell(
        "Agent token issued via authorize flow",
        {
            "agent_id": agent.agent_id,
            "agent_slug": agent.agent_slug,
            "user_id": user_id,
            "token_id": token.token_id,
            "label": token.label,
        },
    )


def revoked(agent_id: int, token_id: int) -> None:
    """A token was taken back."""
    _tell("Agent token revoked", {"agent_id": agent_id, "token_id": token_id})


def _tell(message: str, context: dict[str, Any]) -> None:
    try:
        hooks.do_action(HOOK, "info", message, context)
    except Cancelled:
        raise
    except SidecarError:
        # What was done stands, and a new token's text must not be lost for a line in a log.
        logger.exception("%s, which could not be told to WordPress: %s", message, context)
