"""Agents, who may use them, and how declared agents become rows."""

from __future__ import annotations

from sidecar.identity.access import AccessRepository
from sidecar.identity.agents import AgentsRepository
from sidecar.identity.owners import Owners
from sidecar.identity.places import AgentPlaces
from sidecar.identity.service import AgentsService
from sidecar.identity.values import AccessGrant, Agent, AgentDetail, AgentSummary, Caller

__all__ = [
    "AccessGrant",
    "AccessRepository",
    "Agent",
    "AgentDetail",
    "AgentPlaces",
    "AgentSummary",
    "AgentsRepository",
    "AgentsService",
    "Caller",
    "Owners",
]
