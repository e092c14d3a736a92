"""Pipelines that begin with a flow, and several pipelines at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.flows.service import FlowsService
from sidecar.automation.pipelines.service import PipelinesService
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.values import Document, Flow, NewPipelineStep, Pipeline, StepConfig
from sidecar.db import Database
from sidecar.errors import InvalidInput, SidecarError
from sidecar.identity import Principal

#: Pipelines in one call.
MOST = 100


class FirstFlow(msgspec.Struct, frozen=True):
    """The flow a pipeline begins with; ``configs`` by the position of the step."""

    name: str
    scheduling: Document
    configs: Mapping[int, StepConfig] = msgspec.field(default_factory=dict)


class NewPipeline(msgspec.Struct, frozen=True):
    """What a pipeline is to be."""

    name: str
    steps: Sequence[NewPipelineStep] = ()
    flow: FirstFlow | None = None
    agent_id: int | None = None


class PipelineCreated(msgspec.Struct, frozen=True):
    """A new pipeline and its flow, if it has one."""

    pipeline: Pipeline
    flow: Flow | None


class Many(msgspec.Struct, frozen=True):
    """What became of several: what was made, and by index why another one was not."""

    created: list[PipelineCreated]
    refused: dict[int, SidecarError]


class PipelineCreation:
    """Creates for every door; whom it belongs to and who may is :class:`PipelinesService`'s."""

    def __init__(
        self,
        db: Database,
        service: PipelinesService,
        flows: Callable[[], FlowsService],
        rows: PipelineFlows,
        schedules: FlowSchedules,
    ) -> None:
        self._db = db
        self._service = service
        self._flows = flows
        self._rows = rows
        self._schedules = schedules

    def create(self, principal: Principal, new: NewPipeline) -> PipelineCreated:
        """The pipeline and its flow, or neither; InvalidInput, NotFound ``agent_not_found``."""
        if new.flow is not None:
            self._schedules.read(new.flow.scheduling)
        pipeline = self._service.create(principal, new.name, new.steps, agent_id=new.agent_id)
        if new.flow is None:
            return PipelineCreated(pipeline, None)
        ids = [str(step["pipeline_step_id"]) for step in pipeline.steps()]
        try:
            flow = self._flows().create(
                principal,
                pipeline.pipeline_id,
                new.flow.name,
                step_configs={ids[at]: config for at, config in new.flow.configs.items()},
                scheduling=new.flow.scheduling,
            )
        except SidecarError:
            with self._db.transaction() as session:
                self._rows.delete(session, pipeline.pipeline_id)
            raise
        return PipelineCreated(pipeline, flow)

    def check(self, principal: Principal, several: Sequence[NewPipeline]) -> dict[int, SidecarError]:
        """What is wrong with each, by index; nothing is written."""
        found: dict[int, SidecarError] = {}
        for at, new in enumerate(several):
            try:
                if new.flow is not None:
                    self._schedules.read(new.flow.scheduling)
                self._service.check(principal, new.name, new.steps, agent_id=new.agent_id)
            except SidecarError as error:
                if error.code == "rest_forbidden":
                    raise
                found[at] = error
        return found

    def create_many(self, principal: Principal, several: Sequence[NewPipeline]) -> Many:
        """Each by itself: what is wrong with one does not touch the others. A missing right ends all."""
        created: list[PipelineCreated] = []
        refused: dict[int, SidecarError] = {}
        for at, new in enumerate(several):
            try:
                created.append(self.create(principal, new))
            except SidecarError as error:
                if error.code == "rest_forbidden" or error.status >= 500:
                    raise
                refused[at] = error
        return Many(created, refused)


def read(given: Mapping[str, Any], *, agent_id: int | None = None) -> NewPipeline:
    """One pipeline as clients describe it: ``{pipeline_name, steps?, workflow?, flow_config?}``."""
    steps, configs = read_steps(given.get("steps")), dict[int, StepConfig]()
    workflow = given.get("workflow")
    if not steps and isinstance(workflow, Mapping):
        steps, configs = _workflow(workflow.get("steps"))
    name = str(given.get("pipeline_name") or "")
    about = given.get("flow_config")
    if isinstance(about, list):
        about = {}
    if about is not None and not isinstance(about, Mapping):
        raise InvalidInput("flow_config must be an object.", code="invalid_flow_config")
    flow = None
    if about or configs:
        about = about or {}
        scheduling = about.get("scheduling_config") or {"interval": "manual"}
        flow = FirstFlow(str(about.get("flow_name") or name), scheduling, configs)
    return NewPipeline(name, steps, flow, agent_id)


def read_many(several: Any, template: Mapping[str, Any], *, agent_id: int | None = None) -> list[NewPipeline]:
    """Pipelines of one call: ``[{name, steps?, flow_name?, scheduling_config?}]`` over what they share."""
    if not isinstance(several, list) or len(several) > MOST:
        raise InvalidInput(f"pipelines must be a list of at most {MOST}.", code="invalid_pipelines")
    found = []
    for at, each in enumerate(several):
        if not isinstance(each, Mapping):
            raise InvalidInput(f"Pipeline {at} must be an object.", code="invalid_pipelines")
        name = str(each.get("name") or "")
        scheduling = each.get("scheduling_config") or template.get("scheduling_config")
        flow = None
        if each.get("flow_name") or scheduling:
            flow = FirstFlow(str(each.get("flow_name") or name), scheduling or {"interval": "manual"})
        steps = read_steps(each.get("steps") or template.get("steps"))
        found.append(NewPipeline(name, steps, flow, agent_id))
    return found


def read_steps(given: Any) -> list[NewPipelineStep]:
    """Steps as clients send them, a list of objects; InvalidInput ``invalid_steps``."""
    if given in (None, "", {}):
        return []
    if isinstance(given, Mapping):
        given = list(given.values())
    try:
        return msgspec.convert(given, list[NewPipelineStep], strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"Invalid steps: {error}", code="invalid_steps") from None


def _workflow(given: Any) -> tuple[list[NewPipelineStep], dict[int, StepConfig]]:
    """Steps of a workflow, whose handlers and messages are those of a first flow."""
    if not isinstance(given, list) or not all(isinstance(step, Mapping) for step in given):
        raise InvalidInput("workflow.steps must be a list of objects.", code="invalid_workflow")
    steps = read_steps([{**step, "step_type": step.get("step_type") or step.get("type")} for step in given])
    configs: dict[int, StepConfig] = {}
    for at, step in enumerate(given):
        try:
            config = msgspec.convert(
                {name: step[name] for name in StepConfig.__struct_fields__ if step.get(name)}, StepConfig
            )
        except msgspec.ValidationError as error:
            raise InvalidInput(f"Invalid workflow: {error}", code="invalid_workflow") from None
        if config != StepConfig():
            configs[at] = config
    return steps, configs
