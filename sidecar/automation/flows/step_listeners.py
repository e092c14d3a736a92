"""Filters that answer what a flow and its steps are configured with. PHP plugins apply them."""

from __future__ import annotations

from typing import Any

from sidecar.automation import identifiers
from sidecar.automation.flows import step_display
from sidecar.automation.flows.step_display import StepDisplay
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, is_step
from sidecar.hooks import Bus

#: Before everybody's default priority: what we say is what others may change.
PRIORITY = 5


def subscribe(bus: Bus, flows: FlowsRepository, display: StepDisplay) -> None:
    """Whoever may apply a filter runs code in this process or in PHP: nobody is asked for rights."""

    def step(flow_step_id: Any) -> Document | None:
        parts = identifiers.split_flow_step_id(str(flow_step_id))
        found = flows.config(parts.flow_id).get(str(flow_step_id)) if parts else None
        return found if is_step(found) else None

    def flow_config(value: Any, flow_id: Any = None) -> Any:
        """``datamachine_get_flow_config``: every key of the column."""
        return value or flows.config(number(flow_id)) or value

    def flow_step_config(value: Any, flow_step_id: Any = "") -> Any:
        """``datamachine_get_flow_step_config``."""
        return value or step(flow_step_id) or value

    def flow_id_from_step(value: Any, flow_step_id: Any = "") -> Any:
        """``datamachine_get_flow_id_from_step``: null for what is no id of a step."""
        parts = identifiers.split_flow_step_id(str(flow_step_id))
        return value if value is not None or parts is None else parts.flow_id

    def settings_display(value: Any, flow_step_id: Any = "", _step_type: Any = "") -> Any:
        """``datamachine_get_handler_settings_display``."""
        if value:
            return value
        found = step_display.shown(str(flow_step_id)) or step(flow_step_id)
        return display.items(found) if found is not None else value

    bus.add_filter("datamachine_get_flow_config", flow_config, PRIORITY, 2)
    bus.add_filter("datamachine_get_flow_step_config", flow_step_config, PRIORITY, 2)
    bus.add_filter("datamachine_get_flow_id_from_step", flow_id_from_step, PRIORITY, 2)
    bus.add_filter(step_display.HOOK, settings_display, PRIORITY, 3)
