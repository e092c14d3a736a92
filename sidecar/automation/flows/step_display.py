"""Flow steps as doors show them: with what is configured in words, and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from sidecar import hooks
from sidecar.automation import registry, wordpress
from sidecar.automation.flows import step_handlers
from sidecar.automation.flows.masking import masked_step
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.values import Document, is_step
from sidecar.hooks import dispatch
from sidecar.host import context

if TYPE_CHECKING:
    from sidecar.host import HostPool

HOOK = "datamachine_get_handler_settings_display"

#: The step that is being shown, so that our own listener need not read it again.
_shown: ContextVar[Mapping[str, Any] | None] = ContextVar("datamachine_shown_step", default=None)


def shown(step_id: str) -> Mapping[str, Any] | None:
    """The step of that id, while it is being shown."""
    step = _shown.get()
    return step if step is not None and step.get("flow_step_id") == step_id else None


class StepDisplay:
    """Adds the derived fields of a step (``settings_display``, ``handler_settings_displays``,
    ``settings_summary``).
    """

    def __init__(self, settings: HandlerSettings, units: HostPool) -> None:
        self._settings = settings
        self._units = units

    def configs(self, flow_configs: Sequence[Mapping[str, Any]]) -> list[Document]:
        """The configurations of flows, each step with its derived fields; what is no step stays."""
        with wordpress.process(self._units), registry.reading(), self._settings.reading():
            apply = _filter()
            return [
                {
                    str(key): self._decorated(step, apply) if is_step(step) else step
                    for key, step in config.items()
                }
                for config in flow_configs
            ]

    def step(self, step: Mapping[str, Any]) -> Document:
        """One step with its derived fields, its secrets masked."""
        with wordpress.process(self._units), registry.reading(), self._settings.reading():
            return self._decorated(step, _filter())

    def items(self, step: Mapping[str, Any]) -> list[Document]:
        """``[{key, label, value, display_value}]`` of a step's primary handler, nothing for types that show
        no settings: what the filter begins with.
        """
        with wordpress.process(self._units), registry.reading(), self._settings.reading():
            kind = registry.known_step_types().get(str(step.get("step_type", "")), {})
            if not kind.get("show_settings_display", True):
                return []
            return next(iter(self._displays(step).values()), [])

    def _decorated(self, step: Mapping[str, Any], apply: Callable[..., Any]) -> Document:
        kind = registry.known_step_types().get(str(step["step_type"]), {})
        token = _shown.set(step)
        try:
            found = apply(HOOK, [], str(step.get("flow_step_id", "")), str(step["step_type"]))
        finally:
            _shown.reset(token)
        items = list(found.values()) if isinstance(found, Mapping) else found
        items = items if isinstance(items, list) else []
        displays = self._displays(step) if step_handlers.uses(kind) else {}
        derived: Document = {
            "settings_display": items,
            "handler_settings_displays": displays,
            "settings_summary": " | ".join(
                f"{one.get('label', '')}: {one.get('display_value', '')}"
                for one in items
                if isinstance(one, Mapping)
            ),
        }
        empty: Document = (
            {} if step_handlers.uses(kind) or "handler_config" in step else {"handler_config": []}
        )
        return {**masked_step(step), **empty, **derived}

    def _displays(self, step: Mapping[str, Any]) -> dict[str, list[Document]]:
        kind = registry.known_step_types().get(str(step.get("step_type", "")), {})
        held = step_handlers.configs(step, kind)
        return {slug: self._settings.display(slug, config) for slug, config in held.items()}


def _filter() -> Callable[..., Any]:
    """How the filter is applied: through WordPress only where somebody there listens, asked once a list."""
    host = context.current()
    if host is not None and (dispatch.silent(host, HOOK) or not host.has_listeners(HOOK)):
        return hooks.bus().apply_filters
    return hooks.apply_filters
