"""Making flows: of a pipeline, several at once, or as the copy of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import identifiers, registry, wordpress
from sidecar.automation.access import ADMIN, FLOWS, Access
from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.flows import step_config, wanted
from sidecar.automation.flows import steps as flow_steps
from sidecar.automation.flows.masking import unmasked
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.pipelines import following, names
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document, Flow, Pipeline, StepConfig, is_step
from sidecar.clock import Clock
from sidecar.db import Database
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Flows that one call makes at most.
MOST = 100


class NewFlow(msgspec.Struct, frozen=True):
    """A flow to make: ``step_configs`` by step type or pipeline step id, ``scheduling`` as it was sent."""

    pipeline_id: int
    name: str = "Flow"
    step_configs: Mapping[str, StepConfig] = msgspec.field(default_factory=dict)
    scheduling: Any = None
    agent_id: int | None = None


class Refused(msgspec.Struct, frozen=True):
    """One of several flows that could not be made, and why."""

    index: int
    error: SidecarError


class _Prepared(msgspec.Struct, frozen=True):
    """A flow that passed every check; ``config`` has steps of flow 0."""

    pipeline: Pipeline
    name: str
    owner: int | None
    config: Document
    schedule: wanted.Wanted


class FlowCreation:
    """Makes flows, for admins of the pipeline's agent and of the flow's, when that is another one.

    Refusals are Unauthorized or Forbidden ``rest_forbidden``. Nothing is written before everything is
    checked.
    """

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        rows: PipelineFlows,
        schedules: FlowSchedules,
        access: Access,
        settings: HandlerSettings,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._db = db
        self._flows = flows
        self._pipelines = pipelines
        self._rows = rows
        self._schedules = schedules
        self._access = access
        self._settings = settings
        self._units = units
        self._clock = clock

    def create(self, principal: Principal, new: NewFlow) -> Flow:
        """One flow with a step for each step of its pipeline.

        It belongs to the pipeline's agent, unless ``agent_id`` names another one. PipelineNotFound,
        InvalidInput.
        """
        with wordpress.process(self._units), registry.reading():
            return self._store(principal, self._prepare(principal, new))

    def check(self, principal: Principal, new: NewFlow) -> None:
        """Everything that :meth:`create` would refuse; writes nothing."""
        with wordpress.process(self._units), registry.reading():
            self._prepare(principal, new)

    def create_many(
        self, principal: Principal, wished: Sequence[NewFlow], *, validate_only: bool = False
    ) -> tuple[list[Flow], list[Refused]]:
        """Make each flow by itself: those that were made, and those that could not be.

        InvalidInput for more than :data:`MOST`. With ``validate_only`` none is made.
        """
        self._access.enter(principal, FLOWS)
        if len(wished) > MOST:
            raise InvalidInput(f"At most {MOST} flows can be made at once.", code="too_many_flows")
        made: list[Flow] = []
        refused: list[Refused] = []
        with wordpress.process(self._units), registry.reading():
            for index, new in enumerate(wished):
                try:
                    prepared = self._prepare(principal, new)
                    if not validate_only:
                        made.append(self._store(principal, prepared))
                except SidecarError as error:
                    if error.status >= 500:
                        raise
                    refused.append(Refused(index, error))
        return made, refused

    def copy(
        self,
        principal: Principal,
        source: Flow,
        *,
        pipeline_id: int | None = None,
        name: str | None = None,
        scheduling: Any = None,
        overrides: Mapping[str, StepConfig] | None = None,
    ) -> Flow:
        """A flow like another, in the same pipeline or one with steps of the same types in the same order.

        The steps' handlers, settings and queues are copied; of the schedule what
        :func:`.wanted.of_copy` says. The caller has asked for the role on the source.
        """
        if scheduling is None:
            scheduling = wanted.of_copy(source.scheduling_config)
        target = pipeline_id or source.pipeline_id
        agent = source.agent_id if target == source.pipeline_id else None
        new = NewFlow(
            target,
            name or names.of_copy(source.flow_name),
            dict(overrides or {}),
            scheduling,
            agent,
        )
        with wordpress.process(self._units), registry.reading():
            return self._store(principal, self._prepare(principal, new, source))

    def _prepare(self, principal: Principal, new: NewFlow, source: Flow | None = None) -> _Prepared:
        self._access.enter(principal, FLOWS)
        pipeline = self._pipelines.get(new.pipeline_id)
        if pipeline is None:
            raise PipelineNotFound("Pipeline not found")
        self._access.row(
            principal,
            pipeline.agent_id,
            pipeline.user_id,
            ADMIN,
            "You do not have permission to create flows in this pipeline.",
        )
        owner = self._access.agent_of_new(principal, new.agent_id, pipeline.agent_id)
        configs = flow_steps.by_step(pipeline, new.step_configs)
        base = None if source is None else _carried(source, pipeline)
        config = flow_steps.assemble(
            pipeline, 0, configs if base is None else {}, self._clock, self._settings
        )
        if source is not None and base is not None:
            # What is no step (attached memory files) is the copy's too.
            config |= {key: value for key, value in source.flow_config.items() if not is_step(value)}
            for key, entry in base.items():
                config[key] |= entry
            for step_id, settings in configs.items():
                entry = config[identifiers.flow_step_id(step_id, 0)]
                flow_steps.configure(entry, settings, self._clock, self._settings)
        schedule = self._schedules.read({} if new.scheduling is None else new.scheduling)
        return _Prepared(pipeline, names.clean(new.name, "Flow name"), owner, config, schedule)

    def _store(self, principal: Principal, prepared: _Prepared) -> Flow:
        pipeline_id = prepared.pipeline.pipeline_id
        with write(self._db) as session:
            # The pipeline's row is locked: a step that is added now is either seen here, or sees the flow.
            pipeline, flows = self._rows.lock(session, pipeline_id)
            slug = names.free(names.slug(prepared.name, "flow"), {str(each.portable_slug) for each in flows})
            flow_id = self._rows.insert_flow(
                session,
                {
                    "pipeline_id": pipeline_id,
                    "user_id": principal.user_id,
                    "agent_id": prepared.owner,
                    "flow_name": prepared.name,
                    "portable_slug": slug,
                    "scheduling_config": {"interval": "manual"},
                },
            )
            config = following.follow(
                _of_flow(prepared.config, flow_id), pipeline.steps(), pipeline_id, flow_id
            )
            schedule, rung = self._schedules.begin(session, flow_id, prepared.schedule)
            self._rows.update_flow(session, flow_id, {"flow_config": config, "scheduling_config": schedule})
        self._schedules.told(rung)
        found = self._flows.get(flow_id)
        if found is None:
            raise PipelineNotFound("The pipeline was deleted meanwhile.")
        return found


def given_steps(given: Any) -> dict[str, StepConfig]:
    """Settings of steps as they were sent: a map, or its JSON text; InvalidInput ``invalid_step_configs``.

    By step type, pipeline step id or flow step id, of ``{handler_slug?, handler_config?, user_message?}``, or
    of flow steps as answers show them. What is no step cannot be set here.
    """
    configs: dict[str, StepConfig] = {}
    for key, value in wanted.document({} if given is None else given).items():
        if not isinstance(value, Mapping):
            raise InvalidInput(f'Step "{key}" must be an object.', code="invalid_step_configs")
        named = identifiers.split_flow_step_id(str(key))
        try:
            configs[named.pipeline_step_id if named else str(key)] = msgspec.convert(
                _step_config(value), StepConfig
            )
        except msgspec.ValidationError as error:
            raise InvalidInput(f'Step "{key}": {error}', code="invalid_step_configs") from None
    return configs


def _step_config(value: Mapping[str, Any]) -> Document:
    found = {name: value[name] for name in ("handler_slug", "user_message") if value.get(name) is not None}
    slug = step_config.handler_slug(value)
    if slug is not None:
        found["handler_slug"] = slug
    found["handler_config"] = unmasked(step_config.handler_config(value, slug or ""), {})
    queue = value.get("prompt_queue")
    if "user_message" not in found and isinstance(queue, list) and queue and isinstance(queue[0], Mapping):
        found["user_message"] = queue[0].get("prompt") or ""
    return found


def _carried(source: Flow, pipeline: Pipeline) -> Document:
    """The source's steps under the ids of flow 0 of the target pipeline, without what names their place."""
    old, new = source.steps(), pipeline.steps()
    kinds = [[str(step["step_type"]) for step in steps] for steps in (old, new)]
    if kinds[0] != kinds[1]:
        raise InvalidInput(
            "The target pipeline has other steps than the flow.", code="incompatible_pipelines"
        )
    places = ("flow_step_id", "pipeline_step_id", "pipeline_id", "flow_id", "execution_order")
    return {
        identifiers.flow_step_id(str(target["pipeline_step_id"]), 0): {
            key: value
            for key, value in step.items()
            if key not in places and key != "_queue_consume_revision"
        }
        for step, target in zip(old, new, strict=True)
    }


def _of_flow(config: Document, flow_id: int) -> Document:
    """A configuration made for flow 0 as this flow's."""
    found: Document = {}
    for key, entry in config.items():
        if not is_step(entry):
            found[key] = entry
            continue
        step_id = identifiers.flow_step_id(str(entry["pipeline_step_id"]), flow_id)
        found[step_id] = {**entry, "flow_step_id": step_id, "flow_id": flow_id}
    return found
