"""Reading one entry of a flow's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.values import Document, is_step, ordered
from sidecar.errors import NotFound

#: Step types whose packets come from outside; ``event_import`` is an extension's.
FETCHING = ("fetch", "event_import")


def step_of(config: Mapping[str, Any], step_id: str) -> Document:
    """A step of a flow's configuration; NotFound ``flow_step_not_found``, also for other keys."""
    step = config.get(step_id)
    if not is_step(step):
        raise NotFound("Flow step not found in flow config", code="flow_step_not_found")
    return step


def is_fetch(step: Mapping[str, Any]) -> bool:
    return step.get("step_type") in FETCHING


def handler_slugs(step: Mapping[str, Any] | None) -> list[str]:
    """The handlers of a step, primary first, whichever of the two shapes it has."""
    if not step:
        return []
    slugs = step.get("handler_slugs")
    if isinstance(slugs, list) and slugs:
        return [slug for slug in slugs if isinstance(slug, str) and slug]
    slug = step.get("handler_slug")
    return [slug] if isinstance(slug, str) and slug else []


def handler_slug(step: Mapping[str, Any]) -> str | None:
    """The primary handler."""
    return next(iter(handler_slugs(step)), None)


def handler_config(step: Mapping[str, Any], slug: str) -> Document:
    """The settings of one handler of the step."""
    configs = step.get("handler_configs")
    if isinstance(configs, dict) and isinstance(configs.get(slug), dict):
        return dict(configs[slug])
    own = step.get("handler_config")
    return dict(own) if isinstance(own, dict) else {}


def required_for_ai(step: Mapping[str, Any] | None) -> list[str]:
    """The handlers an AI step beside this one must be able to call."""
    if not step:
        return []
    if step.get("step_type") == "publish":
        return handler_slugs(step)
    if step.get("step_type") == "upsert":
        required = step.get("required_handler_slugs")
        if isinstance(required, list) and required:
            return [slug for slug in required if isinstance(slug, str) and slug]
        return handler_slugs(step)[:1]
    return []


def neighbours(config: Mapping[str, Any], step: Mapping[str, Any]) -> tuple[Document | None, Document | None]:
    """The steps before and after one, by execution order."""
    steps = ordered(dict(config))
    at = next((i for i, one in enumerate(steps) if one.get("flow_step_id") == step.get("flow_step_id")), None)
    if at is None:
        return None, None
    return (steps[at - 1] if at else None), (steps[at + 1] if at + 1 < len(steps) else None)


def names(values: Any) -> list[str]:
    """The non-empty texts of a list, each once, in order."""
    if not isinstance(values, list):
        return []
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))
