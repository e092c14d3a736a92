"""A trial run of a fetch handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.automation import registry
from sidecar.automation.access import FLOWS, OPERATOR, Access
from sidecar.automation.engine.context import DIRECT, ExecutionContext
from sidecar.automation.errors import FlowNotFound, HandlerNotFound
from sidecar.automation.flows import step_config
from sidecar.automation.flows.masking import masked_handler
from sidecar.automation.handlers import credentials
from sidecar.automation.handlers.base import max_items
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.handlers.sources import Sources
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.processed_items import ProcessedItemsRepository
from sidecar.automation.values import Document, Packet
from sidecar.clock import Clock
from sidecar.errors import InvalidInput
from sidecar.identity import Principal

#: Complaints of a handler that are told.
MOST = 20
NOTHING = "The handler brought nothing: see the log for why."


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

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        flows: FlowsRepository,
        items: ProcessedItemsRepository,
        access: Access,
        settings: HandlerSettings,
        sources: Sources,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._items = items
        self._access = access
        self._settings = settings
        self._sources = sources
        self._clock = clock

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
        slug, stored = self._of_flow(principal, flow_id, slug)
        entry = registry.handlers("fetch").get(slug) or registry.handlers("event_import").get(slug)
        if entry is None:
            raise HandlerNotFound(f"There is no fetch handler '{slug}'.")
        used = self._settings.sanitize(slug, config, stored)
        # As many as are shown, unless the configuration says how many.
        if "max_items" not in config and "max_items" not in stored:
            used["max_items"] = limit
        source = self._sources.find(slug)
        complaints: list[str] = []
        context = ExecutionContext(
            items=self._items,
            pipeline_id=DIRECT,
            flow_id=DIRECT,
            flow_step_id="",
            job_id=0,
            source_type=source.source_type,
            agent_id=principal.agent_id,
            complaints=complaints,
        )
        began = self._clock.monotonic()
        found = self._sources.packets(source, self._resolved(slug, used), context)
        took = (self._clock.monotonic() - began) * 1000
        warnings = list(dict.fromkeys(complaints))[:MOST]
        if not found:
            warnings.append("The handler brought nothing." if warnings else NOTHING)
        if max_items(used) == 0 and len(found) > limit:
            warnings.append(f"Only {limit} of {len(found)} packets are shown.")
        return Report(
            handler_slug=slug,
            handler_label=str(entry.get("label") or slug),
            config_used=masked_handler(used, slug),
            packets=found[:limit],
            packet_count=len(found),
            execution_time_ms=round(took, 2),
            warnings=warnings,
        )

    def _of_flow(self, principal: Principal, flow_id: int | None, slug: str | None) -> tuple[str, Document]:
        """The handler to try, and its settings in a flow. Its credentials are used: for operators."""
        if flow_id is None:
            if not slug:
                raise InvalidInput("handler_slug or flow_id is required.", code="missing_handler")
            return slug, {}
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        self._access.row(principal, flow.agent_id, flow.user_id, OPERATOR, FLOWS)
        for step in flow.steps():
            found = step_config.handler_slug(step) if step_config.is_fetch(step) else None
            if found is not None and slug in (None, found):
                return found, step_config.handler_config(step, found)
        wanted = f"fetch handler '{slug}'" if slug else "fetch handler"
        raise HandlerNotFound(f"Flow {flow_id} has no {wanted}.")

    @staticmethod
    def _resolved(slug: str, config: Document) -> Document:
        """With credentials in place of references to them."""
        context = {"flow_step_id": "", "pipeline_id": DIRECT, "flow_id": DIRECT, "runtime": True}
        told = {**config, "flow_step_id": "", "pipeline_id": DIRECT, "flow_id": DIRECT}
        return credentials.resolved(told, slug, context)
