"""Tokens other sites gave us for their agents, and requests with them."""

from __future__ import annotations

from sidecar.identity.external.service import ExternalService
from sidecar.identity.external.values import Answer, Connection, Invitation, Secret, Who

__all__ = ["Answer", "Connection", "ExternalService", "Invitation", "Secret", "Who"]
