"""Step types and handlers as everybody registered them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sidecar import hooks
from sidecar.automation import catalogue
from sidecar.automation.flows import step_config
from sidecar.host import running

Entries = dict[str, dict[str, Any]]

_types: ContextVar[Entries | None] = ContextVar("datamachine_step_types", default=None)


def step_types() -> Entries:
    """Every step type by slug: the filter ``datamachine_step_types`` over nothing, as PHP's own callers
    apply it.
    """
    found = hooks.apply_filters("datamachine_step_types", [])
    plugins = {slug: one.entry for slug, one in hooks.bus().registrations.step_types.items()}
    return _entries(found, catalogue.STEP_TYPES | plugins)


@contextmanager
def reading() -> Iterator[None]:
    """Read the step types once for everything inside that is content with :func:`known_step_types`."""
    if _types.get() is not None:
        yield
        return
    token = _types.set(step_types())
    try:
        yield
    finally:
        _types.reset(token)


def known_step_types() -> Entries:
    """The step types as they were when the running ability began."""
    return _types.get() or step_types()


def step_settings() -> Entries:
    """How types of steps are configured themselves, by slug: ``datamachine_step_settings``."""
    return _entries(hooks.apply_filters("datamachine_step_settings", []), catalogue.STEP_SETTINGS)


def handlers(step_type: str | None = None) -> Entries:
    """Handlers by slug: ``datamachine_handlers``, of one step type or all."""
    if step_type is None:
        found = hooks.apply_filters("datamachine_handlers", [])
    else:
        found = hooks.apply_filters("datamachine_handlers", [], step_type)
    plugins = {slug: one.entry for slug, one in hooks.bus().registrations.handlers.items()}
    every = catalogue.HANDLERS | plugins
    return _entries(found, {slug: one for slug, one in every.items() if step_type in (None, one["type"])})


def handler_slugs(step: Mapping[str, Any] | None) -> list[str]:
    """The handlers of a flow step, which its type may have none, one or several of."""
    if not step:
        return []
    kind = step_types().get(str(step.get("step_type", "")), {})
    if not kind.get("uses_handler", True):
        return []
    slugs = step_config.handler_slugs(step)
    return slugs if kind.get("multi_handler") else slugs[:1]


def required_for_ai(neighbours: Sequence[Mapping[str, Any] | None]) -> list[str]:
    """The handlers the steps around an AI step need it to call, each once."""
    kinds = step_types()
    slugs = [
        slug
        for step in neighbours
        if step and kinds.get(str(step.get("step_type", "")), {}).get("uses_handler")
        for slug in step_config.required_for_ai(step)
    ]
    return list(dict.fromkeys(slugs))


def _entries(found: Any, own: Entries) -> Entries:
    """What the filter gave. Where no WordPress was asked nobody has put in the product's own entries, and
    those of Python plugins: they are added here.

    A process may have been opened just to learn that nobody else listens: then it runs, and was not asked.
    """
    entries = {str(slug): dict(one) for slug, one in _items(found) if isinstance(one, Mapping)}
    if not running() or not own.keys() & entries.keys():
        entries = {**own, **entries}
    return entries


def _items(found: Any) -> list[tuple[Any, Any]]:
    return list(found.items()) if isinstance(found, Mapping) else []
