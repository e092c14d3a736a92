"""A trial run of a fetch handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation import registry
from sidecar.automation.access import FLOWS, OPERATOR, Access
from sidecar.automation.engine.context import ExecutionContext
from sidecar.automation.errors import FlowNotFound, HandlerNotFound
from sidecar.automation.flows import step_config
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.handlers.sources import Sources
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Document, Packet
from sidecar.errors import InvalidInput
from sidecar.identity import Principal


class Report(msgspec.Struct, frozen=True):
    """What a handler brought. ``config_used`` has secrets masked; ``packets`` are at most as many as asked
    for, ``packet_count`` is all of them.
    """

    handler_slug: str
    handler_label: str
    config_used: Document
    packets: list[Packet]
    packet_count: int
    execution_time_ms: float
    warnings: list[str]


class HandlerTest:
    """Runs a handler as the fetch step would, in no flow."""

    def __init__(
        self, flows: FlowsRepository, access: Access, settings: HandlerSettings, sources: Sources
    ) -> None:
        self._flows = flows
        self._access = access
        self._settings = settings
        self._sources = sources

    def run(
        self,
        principal: Principal,
        slug: str | None,
        config: Mapping[str, Any],
        *,
        flow_id: int | None,
        limit: int,
    ) -> Report:
        """Run it in the WordPress of the call. HandlerNotFound, HandlerUnavailable, FlowNotFound."""
        raise NotImplementedError
