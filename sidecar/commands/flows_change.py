"""``flows create``, ``run``, ``update``, ``delete``, ``pause`` and ``resume``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sidecar.automation import registry, wordpress
from sidecar.automation.flows import wanted
from sidecar.automation.flows.abilities import FlowServices, pausing_answer, resuming_answer
from sidecar.automation.flows.creation import NewFlow, given_steps
from sidecar.automation.flows.documents import row
from sidecar.automation.flows.pausing import Scope
from sidecar.automation.values import Flow, StepConfig
from sidecar.commands import flows_steps
from sidecar.commands.agent_option import agent_id
from sidecar.commands.drain import drain
from sidecar.commands.events import Event, Exit, Failure, Line, Notice, Success
from sidecar.commands.invocation import Invocation, required_id
from sidecar.commands.phptext import pretty
from sidecar.commands.synopsis import Assoc, Flag
from sidecar.display import flows
from sidecar.display.numbers import leading_int
from sidecar.errors import InvalidInput

MOST_RUNS = 10
ASSOCS = (
    Assoc("count", "How many runs to start, 1 to 10.", value="number", default="1"),
    Assoc("timestamp", "When to run it once, as a Unix time.", value="unix"),
    Assoc("pipeline_id", "The pipeline of the new flow.", value="id"),
    Assoc("name", "The flow's name."),
    Assoc("step_configs", "Settings of the new flow's steps, by step type or step id.", value="json"),
    Assoc(
        "scheduling",
        "When the flow runs: manual, one_time, an interval (hourly, daily, ...) or a cron expression in UTC."
        " New flows are manual.",
        value="interval",
    ),
    Assoc("scheduled-at", "The moment of --scheduling=one_time; UTC, if it says nothing.", value="datetime"),
    Assoc(
        "retry",
        "How often a step that fails is tried, as {max_attempts, backoff, factor}; none for once.",
        value="json",
    ),
    Assoc("pipeline", "All flows of this pipeline.", value="id"),
)
FLAGS = (
    Flag("drain", "Wait until the run has ended (the default); --no-drain returns at once."),
    Flag("dry-run", "Say what would be done."),
    Flag("yes", "Do not ask."),
)
DETAILS = (
    "flows create                make a flow of --pipeline_id, called --name\n"
    "flows run <id>              start a run, and wait for its end; --timestamp, --count\n"
    "flows update <id>           change --name, --scheduling, --retry, or its steps: --handler-config,\n"
    "                            --set-user-message, with --step where there are several\n"
    "flows delete <id>           delete a flow; what it still does is cancelled\n"
    "flows pause <id>            start it no more (also: --pipeline=<id>, --agent=<slug>)\n"
    "flows resume <id>           start it again by its schedule (also: --pipeline=<id>, --agent=<slug>)"
)


def create(call: Invocation) -> Iterator[Event]:
    """``flows create --pipeline_id=<id> --name=<name>``."""
    pipeline_id = call.integer("pipeline_id", 0)
    name = call.option("name")
    if pipeline_id <= 0 or name is None:
        raise InvalidInput("Required: --pipeline_id=<id> --name=<name>")
    configs = _step_configs(call)
    scheduling = _scheduling(call)
    new = NewFlow(pipeline_id, name, configs, scheduling, agent_id(call))
    services = call.runtime.get(FlowServices)
    if call.flag("dry-run"):
        services.creation.check(call.principal, new)
        interval = call.option("scheduling", "manual")
        yield Success("Validation passed.")
        yield Line(f'Would create: "{name}" on pipeline {pipeline_id} (scheduling: {interval})')
        return
    flow = services.creation.create(call.principal, new)
    yield Success(f"Flow created: ID {flow.flow_id}")
    yield Line(f"Name: {flow.flow_name}")
    yield Line(f"Pipeline ID: {flow.pipeline_id}")
    yield Line(f"Synced steps: {len(flow.steps())}")
    configured = _configured(flow, configs)
    if configured:
        yield Line(f"Configured steps: {', '.join(configured)}")
    if call.format == "json":
        yield Line(pretty(row(flow)))


def run(call: Invocation) -> Iterator[Event]:
    """``flows run <id>``: at once, several times, or once later."""
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows run <id>")
    count = call.integer("count", 1)
    if not 1 <= count <= MOST_RUNS:
        raise InvalidInput(f"Count must be between 1 and {MOST_RUNS}.")
    service = call.runtime.get(FlowServices).flows
    timestamp = call.option("timestamp")
    if timestamp is not None:
        if count > 1:
            raise InvalidInput("Cannot schedule multiple runs with a timestamp.")
        if not timestamp.isdecimal():
            raise InvalidInput("--timestamp takes a Unix time, in seconds.")
        at = leading_int(timestamp)
        if at > call.runtime.clock.now().timestamp():
            later = service.run_at(call.principal, number, at)
            yield Success(f"Flow {number} scheduled for {later.scheduled_time}.")
            return
    started = [service.run(call.principal, number).job_id]
    if count == 1:
        yield Success(f"Flow {number} execution started.")
        yield Line(f"Job ID: {started[0]}")
    else:
        started += [service.run(call.principal, number).job_id for _ in range(count - 1)]
        yield Success(f"Flow {number}: {len(started)}/{count} runs started.")
        yield Line(f"Job IDs: {', '.join(map(str, started))}")
    if not call.flag("drain", default=True):
        return
    running = drain(call.runtime, call.principal, started)
    yield Line("Drained due Data Machine step actions.")
    for job_id in running:
        yield Notice(f"Job {job_id} is still running; the workers go on with it.")


def update(call: Invocation) -> Iterator[Event]:
    """``flows update <id>``: the flow's own settings, then those of its steps."""
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows update <id>")
    name, scheduling = call.option("name"), _scheduling(call)
    own = name is not None or scheduling is not None
    if own:
        call.runtime.get(FlowServices).flows.update(call.principal, number, name=name, scheduling=scheduling)
    steps = flows_steps.update(call, number)
    if not own and not steps:
        raise InvalidInput(
            "Nothing to change. Use --name, --scheduling, --retry, --handler-config or --set-user-message."
        )
    yield Success(f"Flow {number} updated.")
    if name is not None:
        yield Line(f"Name: {name}")
    if scheduling is not None:
        found = call.runtime.get(FlowServices).flows.get(call.principal, number).flow
        if "interval" in scheduling:
            yield Line(f"Scheduling: {flows.schedule(found)}")
        if "retry_policy" in scheduling:
            yield Line(f"Retries: {flows.retries(found) or 'none'}")
    if steps:
        yield Line(f"Changed steps: {', '.join(steps)}")


def delete(call: Invocation) -> Iterator[Event]:
    """``flows delete <id>``: asks first."""
    number = required_id(call.argument(1), "Flow ID is required. Usage: datamachine flows delete <id>")
    services = call.runtime.get(FlowServices)
    services.flows.get(call.principal, number)
    if not call.flag("yes") and not call.terminal.confirm(f"Are you sure you want to delete flow {number}?"):
        yield Exit(0)
        return
    services.deletion.delete(call.principal, number)
    yield Success(f"Flow {number} deleted.")


def pause(call: Invocation) -> Iterator[Event]:
    """``flows pause <id>``, or those of ``--pipeline`` or ``--agent``."""
    answer = pausing_answer(call.runtime.get(FlowServices).pausing.pause(call.principal, _scope(call)))
    yield from _changed(call, answer)


def resume(call: Invocation) -> Iterator[Event]:
    """``flows resume <id>``, or those of ``--pipeline`` or ``--agent``."""
    answer = resuming_answer(call.runtime.get(FlowServices).pausing.resume(call.principal, _scope(call)))
    yield from _changed(call, answer)


def _changed(call: Invocation, answer: dict[str, Any]) -> Iterator[Event]:
    if call.format == "json":
        yield Line(pretty({"success": True, **answer}))
        return
    failed = [one for one in answer["flows"] if one.get("error")]
    for one in failed:
        yield Notice(f"Flow {one['flow_id']}: {one['error']}")
    if failed and len(failed) == len(answer["flows"]):
        yield Failure(answer["message"])
        return
    yield Success(answer["message"])


def _scope(call: Invocation) -> Scope:
    flow_id = call.argument(1)
    if flow_id is not None:
        return Scope(flow_id=required_id(flow_id, "Flow ID must be a positive number."))
    pipeline = call.integer("pipeline", 0) or None
    agent = agent_id(call)
    if pipeline is None and agent is None:
        raise InvalidInput("Provide a flow ID, --pipeline=<id> or --agent=<slug_or_id>.")
    return Scope(None, pipeline, agent)


def _scheduling(call: Invocation) -> dict[str, Any] | None:
    """The schedule of ``--scheduling``, ``--scheduled-at`` and ``--retry``; None for none of them."""
    given: dict[str, Any] = {}
    interval, at = call.option("scheduling"), call.option("scheduled-at")
    if interval is not None:
        # The whole object as JSON is taken too.
        given |= wanted.document(interval)
    if at is not None:
        if interval not in (None, "one_time"):
            raise InvalidInput("--scheduled-at goes with --scheduling=one_time.")
        given |= {"interval": "one_time", "timestamp": _moment(at)}
    if "retry" in call.assoc and call.option("step") is None:
        text = call.option("retry")
        given["retry_policy"] = None if text in (None, "none") else text
    return given or None


def _moment(text: str) -> int:
    if text.isdecimal():
        return leading_int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--scheduled-at: '{text}' is no date and time.") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _step_configs(call: Invocation) -> dict[str, StepConfig]:
    """``--step_configs``, and ``--handler-config`` by the slug of each handler."""
    configs = _given(call, "step_configs")
    text = call.option("handler-config") or call.option("config")
    if text is None:
        return configs
    with wordpress.process(call.runtime.hosts):
        kinds = registry.handlers()
    for slug, config in _map(text, "handler-config").items():
        if slug not in kinds or not isinstance(config, dict):
            raise InvalidInput(f'--handler-config: there is no handler "{slug}".')
        configs[str(kinds[slug]["type"])] = StepConfig(handler_slug=slug, handler_config=config)
    return configs


def _given(call: Invocation, name: str) -> dict[str, StepConfig]:
    text = call.option(name)
    return {} if text is None else given_steps(_map(text, name))


def _map(text: str, name: str) -> dict[str, Any]:
    if not text.lstrip().startswith("{"):
        raise InvalidInput(f"Invalid JSON in --{name}")
    try:
        return wanted.document(text)
    except InvalidInput:
        raise InvalidInput(f"Invalid JSON in --{name}") from None


def _configured(flow: Flow, configs: dict[str, StepConfig]) -> list[str]:
    return [
        str(step["flow_step_id"])
        for step in flow.steps()
        if step["step_type"] in configs or step.get("pipeline_step_id") in configs
    ]


VERBS: dict[str, Callable[[Invocation], Iterator[Event]]] = {
    "create": create,
    "run": run,
    "update": update,
    "delete": delete,
    "pause": pause,
    "resume": resume,
}
