"""``flows add-handler``, ``remove-handler``, ``list-handlers`` and ``bulk-config``, and what ``flows update``
does to steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sidecar.automation import registry, wordpress
from sidecar.automation.flows import step_handlers, step_input
from sidecar.automation.flows.configure_steps import ConfigureSteps, Outcome
from sidecar.automation.flows.masking import masked_handler
from sidecar.automation.flows.step_settings import FlowSteps, StepChange
from sidecar.automation.values import Document
from sidecar.commands.events import Event, Exit, Failure, Line, Notice, Success, Table
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.commands.run import listing
from sidecar.commands.synopsis import Assoc, Flag
from sidecar.db import php_json
from sidecar.errors import InvalidInput

ASSOCS = (
    Assoc("handler-config", "Settings of a handler; those not named stay.", value="json"),
    Assoc("config", "The same as --handler-config.", value="json"),
    Assoc("set-user-message", "The one prompt of the AI step; empty takes it away.", value="text"),
    Assoc("step-type", "bulk-config: only steps of this type.", value="type"),
    Assoc("target-handler", "bulk-config: the handler to change to.", value="slug"),
    Assoc("field-map", "bulk-config: settings to carry over, old name to new.", value="json"),
)
FLAGS = (Flag("all", "bulk-config: every flow that uses --handler."),)
DETAILS = (
    "flows list-handlers <id>    the handlers of its steps with their settings\n"
    "flows add-handler <id> --handler=<slug>, remove-handler <id> --handler=<slug>; --step, --config\n"
    "flows bulk-config --pipeline=<id>|--all --handler=<slug>  the same settings in many flows:\n"
    "                            --config, --target-handler, --field-map, --set-user-message, --step-type;\n"
    "                            --dry-run says what would change"
)


def add_handler(call: Invocation) -> Iterator[Event]:
    """``flows add-handler <id> --handler=<slug>``; the first handler of a step that takes only one, too."""
    number, slug = _flow_and_handler(call)
    config = _config(call)
    service = call.runtime.get(FlowSteps)
    with wordpress.process(call.runtime.hosts), registry.reading():
        steps = service.of_flow(call.principal, number).steps()
        fitting = [step for step in steps if slug in registry.handlers(str(step["step_type"]))]
        step = _the_step(call, number, fitting, f"No step of flow {number} takes the handler '{slug}'.")
        kind = registry.known_step_types().get(str(step["step_type"]), {})
        first = not step_handlers.configs(step, kind) or not step_handlers.several(kind, step)
    if first and step_handlers.configs(step, kind):
        raise InvalidInput(
            "The step takes one handler and has it. Change it with: flows update --step --handler-config"
        )
    change = (
        StepChange(handler_slug=slug, handler_config=config)
        if first
        else StepChange(add_handler=slug, add_handler_config=config)
    )
    service.update(call.principal, str(step["flow_step_id"]), change)
    yield Success(f"Added handler '{slug}' to flow step {step['flow_step_id']}")


def remove_handler(call: Invocation) -> Iterator[Event]:
    """``flows remove-handler <id> --handler=<slug>``."""
    number, slug = _flow_and_handler(call)
    service = call.runtime.get(FlowSteps)
    with wordpress.process(call.runtime.hosts), registry.reading():
        steps = service.of_flow(call.principal, number).steps()
        fitting = [step for step in steps if slug in _configs(step)]
        step = _the_step(call, number, fitting, f"No step of flow {number} has the handler '{slug}'.")
    service.update(call.principal, str(step["flow_step_id"]), StepChange(remove_handler=slug))
    yield Success(f"Removed handler '{slug}' from flow step {step['flow_step_id']}")


def list_handlers(call: Invocation) -> Iterator[Event]:
    """``flows list-handlers <id>``: a row for each handler; secrets are masked."""
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows list-handlers <id>")
    named = call.option("step")
    with wordpress.process(call.runtime.hosts), registry.reading():
        rows: list[dict[str, object]] = [
            {
                "flow_step_id": step["flow_step_id"],
                "step_type": step["step_type"],
                "handler": slug,
                "config": php_json.dumps(masked_handler(config, slug), unicode=True, slashes=False),
            }
            for step in call.runtime.get(FlowSteps).of_flow(call.principal, number).steps()
            if named is None or step["flow_step_id"] == named
            for slug, config in _configs(step).items()
            if call.option("handler") in (None, slug)
        ]
    columns = call.fields(["flow_step_id", "step_type", "handler", "config"])
    yield from listing(rows, columns, call.format, "handler", "No handlers found.")


def bulk_config(call: Invocation) -> Iterator[Event]:
    """``flows bulk-config``: every step that fits, in the flows of a pipeline or of the whole site."""
    given: dict[str, Any] = {
        "pipeline_id": call.integer("pipeline", call.integer("pipeline_id", 0)),
        "all_flows": call.flag("all"),
        # The word --all on the command line is the confirmation.
        "global_scope": call.flag("all"),
        "step_type": call.option("step-type"),
        "handler_slug": call.option("handler"),
        "target_handler_slug": call.option("target-handler"),
        "field_map": call.option("field-map"),
        "handler_config": call.option("config") or call.option("handler-config"),
        "user_message": _message(call),
    }
    service, selection = call.runtime.get(ConfigureSteps), step_input.selection(given)
    if call.flag("dry-run"):
        done = service.check(call.principal, selection)
        yield from _outcome(call, done, done.preview())
        return
    if call.flag("all") and not call.flag("yes"):
        planned = service.check(call.principal, selection)
        flows = len({one["flow_id"] for one in planned.updated})
        if not call.terminal.confirm(f"Change {len(planned.updated)} step(s) of {flows} flow(s)?"):
            yield Exit(0)
            return
    done = service.run(call.principal, selection)
    yield from _outcome(call, done, done.document())


def update(call: Invocation, flow_id: int) -> list[str]:
    """What ``flows update`` changes at steps: the ids of those that were changed.

    ``--set-user-message`` is for the AI step, ``--handler-config`` for the step with a handler, or for the
    one of ``--step``; settings may also stand under the slugs of the handlers they are for. ``--retry`` is
    for ``--step`` alone.
    """
    message, config = _message(call), _config(call)
    retry = call.option("retry") if call.option("step") is not None else None
    if message is None and config is None and (retry is None and "retry" not in call.assoc):
        return []
    service = call.runtime.get(FlowSteps)
    changes: list[tuple[str, StepChange]] = []
    with wordpress.process(call.runtime.hosts), registry.reading():
        steps = service.of_flow(call.principal, flow_id).steps()
        if message is not None:
            asking = [step for step in steps if step["step_type"] == "ai"]
            step = _the_step(call, flow_id, asking, f"Flow {flow_id} has no AI step.")
            changes.append((str(step["flow_step_id"]), StepChange(user_message=message)))
        # A step may have several of the handlers. The one that is changed last becomes its primary one: that
        # is the first that is named.
        for step, slug, settings in reversed([*_configured(call, flow_id, steps, config)]):
            change = StepChange(handler_slug=slug, handler_config=settings)
            changes.append((str(step["flow_step_id"]), change))
    for step_id, change in changes:
        service.update(call.principal, step_id, change)
    named = call.option("step")
    if named is not None and "retry" in call.assoc:
        policy = {} if retry in (None, "none") else step_input.mapping({"retry": retry}, "retry")
        change = StepChange(retry_policy=policy)
        service.update(call.principal, named, change)
        changes.append((named, change))
    return list(dict.fromkeys(step_id for step_id, _change in changes))


def _configured(
    call: Invocation, flow_id: int, steps: list[Document], config: Document | None
) -> Iterator[tuple[Document, str | None, Document]]:
    """Each step with the settings it gets, and the slug they were given under."""
    if config is None:
        return
    slugs = {slug: step for step in steps for slug in _configs(step)}
    if config and all(key in slugs and isinstance(value, dict) for key, value in config.items()):
        yield from ((slugs[slug], slug, settings) for slug, settings in config.items())
        return
    having = [step for step in steps if _configs(step) and step["step_type"] != "ai"]
    yield _the_step(call, flow_id, having, f"Flow {flow_id} has no step with a handler."), None, config


def _outcome(call: Invocation, done: Outcome, document: Document) -> Iterator[Event]:
    if call.format == "json":
        yield Line(pretty(document))
    else:
        columns = ["flow_id", "flow_step_id", "step_type", "handler_slug"]
        if done.updated:
            yield Table([{name: one.get(name, "") for name in columns} for one in done.updated], columns)
        for one in done.errors:
            yield Notice(f"Flow {one['flow_id']}: {one['error']}")
    if done.errors and not done.updated:
        yield Failure("No step was changed.")
    elif call.format != "json":
        yield Success(str(document["message"]))


def _the_step(call: Invocation, flow_id: int, fitting: list[Document], none: str) -> Document:
    """The step of ``--step``, else the only one that fits."""
    named = call.option("step")
    if named is not None:
        fitting = [step for step in fitting if step["flow_step_id"] == named]
    if not fitting:
        raise InvalidInput(none if named is None else f"Step {named} of flow {flow_id} does not fit.")
    if len(fitting) > 1:
        names = ", ".join(str(step["flow_step_id"]) for step in fitting)
        raise InvalidInput(f"Flow {flow_id} has multiple steps that fit. Use --step: {names}")
    return fitting[0]


def _configs(step: Document) -> dict[str, Document]:
    """Settings by handler; of a step without handlers under its type, when it has any."""
    kind = registry.known_step_types().get(str(step["step_type"]), {})
    held = step_handlers.configs(step, kind)
    return held if step_handlers.uses(kind) else {slug: config for slug, config in held.items() if config}


def _flow_and_handler(call: Invocation) -> tuple[int, str]:
    verb = call.argument(0)
    number = required_id(
        call.argument(1), f"Flow ID is required. Usage: datamachine flows {verb} <id> --handler=<slug>"
    )
    slug = call.option("handler")
    if slug is None:
        raise InvalidInput("Required: --handler=<slug>")
    return number, slug


def _config(call: Invocation) -> Document | None:
    given = call.option("config") or call.option("handler-config")
    return step_input.mapping({"--handler-config": given}, "--handler-config")


def _message(call: Invocation) -> str | None:
    """The text of the option, also an empty one."""
    value = call.assoc.get("set-user-message")
    return value if isinstance(value, str) else None


VERBS: dict[str, Callable[[Invocation], Iterator[Event]]] = {
    "add-handler": add_handler,
    "remove-handler": remove_handler,
    "list-handlers": list_handlers,
    "bulk-config": bulk_config,
}
