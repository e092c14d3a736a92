"""The handlers inside a flow step's document: which keys hold them, and how they come and go.

A step whose type takes one handler has ``handler_slug`` and ``handler_config``; one that takes several has
``handler_slugs``, the primary one first, and ``handler_configs`` by slug; one without handlers has a
``handler_config`` of its own. A step may be stored in another shape than its type's: it is read, and written
in its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.automation.flows import step_config
from sidecar.automation.values import Document
from sidecar.errors import InvalidInput, NotFound

#: What a step's handlers are stored under.
KEYS = ("handler_slug", "handler_config", "handler_slugs", "handler_configs")


def uses(kind: Mapping[str, Any]) -> bool:
    """Whether a type of step takes handlers; a type nobody registered may."""
    return bool(kind.get("uses_handler", True))


def several(kind: Mapping[str, Any], step: Mapping[str, Any]) -> bool:
    """Whether it takes more than one; of an unregistered type the step itself says it."""
    return bool(kind.get("multi_handler", "handler_slugs" in step))


def effective(step: Mapping[str, Any], kind: Mapping[str, Any], given: str = "") -> str:
    """Whose settings are meant: the given slug, else the primary one; without handlers the step's type."""
    if not uses(kind):
        return str(step.get("step_type", ""))
    return given or step_config.handler_slug(step) or ""


def configs(step: Mapping[str, Any], kind: Mapping[str, Any]) -> dict[str, Document]:
    """Settings by slug, the primary handler first; of a step without handlers those of its type."""
    if not uses(kind):
        slug = str(step.get("step_type", ""))
        return {slug: step_config.handler_config(step, slug)}
    slugs = step_config.handler_slugs(step)
    slugs = slugs if several(kind, step) else slugs[:1]
    return {slug: step_config.handler_config(step, slug) for slug in slugs}


def saved(step: Mapping[str, Any], kind: Mapping[str, Any], slug: str, config: Document) -> Document:
    """The step with settings of one handler: the only one, or of several the first.

    One that the step does not have yet takes the place of all it had.
    """
    if not uses(kind):
        return with_shape(step, {"handler_config": config})
    if not several(kind, step):
        return with_shape(step, {"handler_slug": slug, "handler_config": config})
    held = configs(step, kind)
    if slug not in held:
        held = {}
    return _listed(step, {slug: config, **{other: one for other, one in held.items() if other != slug}})


def added(step: Mapping[str, Any], kind: Mapping[str, Any], slug: str, config: Document) -> Document:
    """The step with a further handler; with new settings of it, where it has it already."""
    _check_several(step, kind)
    return _listed(step, {**configs(step, kind), slug: config})


def removed(step: Mapping[str, Any], kind: Mapping[str, Any], slug: str) -> Document:
    """The step without one of its handlers; InvalidInput for the only one."""
    _check_several(step, kind)
    held = configs(step, kind)
    if slug not in held:
        raise NotFound(f"Handler '{slug}' is not on this step.", code="handler_not_on_step")
    if len(held) == 1:
        raise InvalidInput("The only handler of a step cannot be removed.", code="last_handler")
    return _listed(step, {other: one for other, one in held.items() if other != slug})


def _check_several(step: Mapping[str, Any], kind: Mapping[str, Any]) -> None:
    if not uses(kind) or not several(kind, step):
        raise InvalidInput(
            f'A step of type "{step.get("step_type", "")}" does not take several handlers.',
            code="single_handler",
        )


def _listed(step: Mapping[str, Any], held: Mapping[str, Document]) -> Document:
    return with_shape(step, {"handler_slugs": list(held), "handler_configs": dict(held)})


def with_shape(step: Mapping[str, Any], shape: Document) -> Document:
    """The step with the keys of one shape and none of the other; where they were before, else at the end."""
    kept = {key: value for key, value in step.items() if key in shape or key not in KEYS}
    return {**kept, **shape, "enabled": True}
