"""Agents, who may use them, and how declared agents become rows."""

from __future__ import annotations

from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.attempts import Attempts, TooManyAttempts
from sidecar.identity.authentication import Authenticated, Tokens
from sidecar.identity.caller import Caller
from sidecar.identity.owners import Owners
from sidecar.identity.people import AccessService
from sidecar.identity.permissions import Permissions, WordPressAnswers
from sidecar.identity.places import AgentPlaces
from sidecar.identity.principal import Answers, Principal
from sidecar.identity.renaming import finish_renames
from sidecar.identity.scope import Scope, requested_agent
from sidecar.identity.service import AgentsService
from sidecar.identity.token_service import TokensService
from sidecar.identity.tokens import TokensRepository
from sidecar.identity.values import (
    AccessGrant,
    Agent,
    AgentDetail,
    AgentSummary,
    Created,
    Deleted,
    GrantDetail,
    Minted,
    Person,
    Renamed,
    Token,
)

__all__ = [
    "AccessGrant",
    "AccessRepository",
    "AccessService",
    "Agent",
    "AgentDetail",
    "AgentPlaces",
    "AgentSummary",
    "AgentsRepository",
    "AgentsService",
    "Answers",
    "Attempts",
    "Authenticated",
    "Caller",
    "Created",
    "Deleted",
    "GrantDetail",
    "Minted",
    "Owners",
    "Permissions",
    "Person",
    "Principal",
    "Renamed",
    "Scope",
    "Token",
    "Tokens",
    "TokensRepository",
    "TokensService",
    "TooManyAttempts",
    "WordPressAnswers",
    "finish_renames",
    "requested_agent",
]
