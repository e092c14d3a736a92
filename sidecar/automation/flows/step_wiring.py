"""Steps of flows for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.abilities import Registry
from sidecar.automation.flows import step_abilities, step_listeners
from sidecar.automation.flows.configure_steps import ConfigureSteps
from sidecar.automation.flows.step_display import StepDisplay
from sidecar.automation.flows.step_settings import FlowSteps
from sidecar.automation.handlers.settings import HandlerSettings

if TYPE_CHECKING:
    from sidecar.automation.parts import Parts
    from sidecar.runtime import Runtime


def wire(runtime: Runtime, parts: Parts) -> None:
    """Provide the services, offer the abilities, answer the filters."""
    settings, units = runtime.get(HandlerSettings), runtime.hosts
    display = StepDisplay(settings, units)
    steps = FlowSteps(parts.flows, parts.access, settings, units, runtime.clock)
    configure = ConfigureSteps(steps, parts.flows, parts.pipelines, parts.access, units)
    runtime.provide(StepDisplay, display)
    runtime.provide(FlowSteps, steps)
    runtime.provide(ConfigureSteps, configure)
    step_listeners.subscribe(runtime.bus, parts.flows, display)
    for name, callback in step_abilities.callbacks(steps, configure).items():
        runtime.get(Registry).add(name, callback)
