"""Tools of a pipeline: those of the handlers beside an AI step, and those registered for the mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.automation import registry
from sidecar.automation.flows import step_config
from sidecar.automation.handlers import plugins, skip_item, wordpress_publish, wordpress_update
from sidecar.automation.values import Document
from sidecar.conversation import tools

#: The tools of the product's own handlers, by slug and by the name a model knows them by.
_OWN: dict[str, Callable[[Mapping[str, Any]], Document]] = {
    wordpress_publish.SLUG: wordpress_publish.definition,
    wordpress_update.SLUG: wordpress_update.definition,
}


def adjacent_handlers(_mode: str, arguments: Mapping[str, Any]) -> Document:
    """The tools of every handler of the step before and the step after; the later one wins a name."""
    found: Document = {}
    engine = arguments.get("engine_data")
    for step in (arguments.get("previous_step_config"), arguments.get("next_step_config")):
        if isinstance(step, dict):
            for slug in registry.handler_slugs(step):
                config = step_config.handler_config(step, slug)
                found |= handler_tools(slug, config, engine if isinstance(engine, dict) else {})
    return found


def handler_tools(slug: str, config: Document, engine_data: Document) -> Document:
    """The tools one handler offers: our own, and those of wrappers that others registered."""
    found = plugins.tools(slug, config, engine_data)
    # A plugin's own tools need no question to PHP, which would ask back.
    wrappers = {} if found is not None else tools.registered()
    found = found or {}
    kind = registry.handlers().get(slug, {}).get("type")
    for wrapper in wrappers.values():
        if not isinstance(wrapper, Mapping) or not callable(wrapper.get("_handler_callable")):
            continue
        kinds = wrapper.get("handler_types")
        if wrapper.get("handler") == slug or (isinstance(kinds, list) and kind in kinds):
            offered = wrapper["_handler_callable"](slug, config, engine_data)
            if isinstance(offered, Mapping):
                found |= {name: _complete(one, slug, config, wrapper) for name, one in offered.items()}
    if kind in step_config.FETCHING:
        found.setdefault(skip_item.NAME, skip_item.definition(slug, config))
    own = _OWN.get(slug)
    if own is not None:
        found.setdefault(slug, own(config))
    return found


def static_registry(mode: str, _arguments: Mapping[str, Any]) -> Document:
    """Registered tools of a mode; wrappers of handlers belong to their steps."""
    found: Document = {}
    for name, definition in tools.registered().items():
        if not isinstance(definition, Mapping) or definition.get("_handler_callable") is not None:
            continue
        if mode in step_config.names(definition.get("modes")):
            lazy = definition.get("_callable")
            resolved = lazy() if callable(lazy) else definition
            if isinstance(resolved, Mapping) and resolved:
                found[str(name)] = dict(resolved)
    return found


def _complete(one: Any, slug: str, config: Document, wrapper: Mapping[str, Any]) -> Document:
    definition: Document = dict(one) if isinstance(one, Mapping) else {}
    definition.setdefault("handler", slug)
    definition.setdefault("handler_config", config)
    definition.setdefault("modes", ["pipeline"])
    if wrapper.get("ability"):
        definition.setdefault("ability", wrapper["ability"])
    if "ability" not in definition:
        definition.setdefault("access_level", wrapper.get("access_level") or "admin")
    return definition
