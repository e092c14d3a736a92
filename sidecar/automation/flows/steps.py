"""How a pipeline's step becomes a flow's, and how it is configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sidecar.automation import identifiers, registry
from sidecar.automation.errors import HandlerNotFound
from sidecar.automation.flows import step_handlers
from sidecar.automation.flows.masking import unmasked
from sidecar.automation.flows.step_config import FETCHING
from sidecar.automation.queues import entries
from sidecar.automation.queues.entries import PATCHES, PROMPTS
from sidecar.automation.queues.text import prompt_text
from sidecar.automation.values import Document, Pipeline, StepConfig, place
from sidecar.clock import Clock, iso
from sidecar.errors import InvalidInput

if TYPE_CHECKING:
    from sidecar.automation.handlers.settings import HandlerSettings


def assemble(
    pipeline: Pipeline,
    flow_id: int,
    configs: Mapping[str, StepConfig],
    clock: Clock,
    settings: HandlerSettings | None = None,
) -> Document:
    """The configuration of a flow: one step for each step of its pipeline, by flow step id."""
    built: Document = {}
    for step in pipeline.steps():
        entry = build(step, pipeline.pipeline_id, flow_id)
        wanted = configs.get(str(step["pipeline_step_id"]))
        if wanted is not None:
            configure(entry, wanted, clock, settings)
        built[str(entry["flow_step_id"])] = entry
    return built


def build(step: Document, pipeline_id: int, flow_id: int) -> Document:
    """A flow step without handler."""
    pipeline_step_id = str(step["pipeline_step_id"])
    kind = str(step["step_type"])
    return {
        "flow_step_id": identifiers.flow_step_id(pipeline_step_id, flow_id),
        "step_type": kind,
        "pipeline_step_id": pipeline_step_id,
        "pipeline_id": pipeline_id,
        "flow_id": flow_id,
        "execution_order": place(step),
        "disabled_tools": step.get("disabled_tools") or [],
        "queue_mode": "static",
        PATCHES if kind in FETCHING else PROMPTS: [],
    }


def configure(
    entry: Document, wanted: StepConfig, clock: Clock, settings: HandlerSettings | None = None
) -> None:
    """Apply a step's configuration in place: a handler with its settings, or a standing prompt.

    ``settings`` cleans the handler's; without it they are stored as they are given. HandlerNotFound,
    InvalidInput.
    """
    if wanted.user_message:
        text = prompt_text(wanted.user_message)
        entries.stand(entry, text, iso(clock.now()))
    if not wanted.handler_slug and not wanted.handler_config:
        return
    kind = registry.known_step_types().get(str(entry["step_type"]), {})
    changed = with_handler(entry, kind, wanted.handler_slug, wanted.handler_config, settings)
    entry.clear()
    entry.update(changed)


def with_handler(
    step: Document,
    kind: Mapping[str, Any],
    slug: str,
    given: Mapping[str, Any],
    settings: HandlerSettings | None,
) -> Document:
    """The step with a handler and its settings; ``slug`` is empty for the handler it has.

    Of another handler's settings those stay that the new one has as well, and what is not named stays.
    HandlerNotFound; InvalidInput; UnknownFields.
    """
    if slug and not step_handlers.uses(kind):
        raise InvalidInput(f'A step of type "{step["step_type"]}" takes no handler.', code="invalid_handler")
    name = step_handlers.effective(step, kind, slug)
    if not name:
        raise InvalidInput("The step has no handler yet: name one.", code="no_handler")
    check_handler(step, kind, name)
    held = step_handlers.configs(step, kind)
    if name in held:
        before = held[name]
    else:
        primary = next(iter(held.values()), {})
        before = {} if settings is None else settings.kept(name, primary)
    whole = unmasked(given, before)
    config = {**before, **whole} if settings is None else settings.sanitize(name, whole, before)
    return step_handlers.saved(step, kind, name, config)


def check_handler(step: Mapping[str, Any], kind: Mapping[str, Any], slug: str) -> None:
    """HandlerNotFound unless the handler is registered for the step's type."""
    if step_handlers.uses(kind) and slug not in registry.handlers(str(step["step_type"])):
        raise HandlerNotFound(f'There is no {step["step_type"]} handler "{slug}".')


def by_step(pipeline: Pipeline, configs: Mapping[str, StepConfig]) -> dict[str, StepConfig]:
    """Configurations by pipeline step id; keys may be step ids or step types. Unknown keys are an error."""
    found: dict[str, StepConfig] = {}
    for key, config in configs.items():
        ids = [
            str(step["pipeline_step_id"])
            for step in pipeline.steps()
            if key in (step["pipeline_step_id"], step["step_type"])
        ]
        if not ids:
            raise InvalidInput(f'The pipeline has no step "{key}".', code="unknown_step")
        found.update(dict.fromkeys(ids, config))
    return found
