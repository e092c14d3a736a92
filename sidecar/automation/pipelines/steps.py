"""The steps of pipelines: adding, changing, removing and reordering them, in every flow at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import identifiers, registry, wordpress
from sidecar.automation.access import ADMIN, PIPELINES, VIEWER, Access
from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.flows.step_config import names as texts
from sidecar.automation.pipelines import following
from sidecar.automation.repositories.pipeline_flows import PipelineFlows
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.steps.models import AgentModels
from sidecar.automation.values import Document, Flow, Pipeline, is_step, place
from sidecar.db import Database, Session
from sidecar.errors import InvalidInput, NotFound
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Of a step these are its identity; nobody sets them from outside.
IDENTITY = ("pipeline_step_id", "step_type", "execution_order")
#: What older versions kept in a step; the model is the agent's or the site's now.
OLD = ("provider", "model")


class StepAdded(msgspec.Struct, frozen=True):
    """A new step, what its type is like, and its ids in the pipeline's flows."""

    pipeline_id: int
    step: Document
    definition: Document
    flow_step_ids: list[str]


class StepRemoved(msgspec.Struct, frozen=True):
    """Of which pipeline, and from how many flows."""

    pipeline_id: int
    pipeline_name: str
    flows: int

    @property
    def message(self) -> str:
        """One sentence for people."""
        return (
            f'Step deleted successfully from pipeline "{self.pipeline_name}". '
            f"{self.flows} flows were updated and processed items cleaned."
        )


class StepChanges(msgspec.Struct, frozen=True):
    """What is to become different; None leaves it as it is."""

    system_prompt: str | None = None
    disabled_tools: Sequence[str] | None = None
    tool_categories: Sequence[str] | None = None

    def fields(self) -> Document:
        """What was named, as it is stored."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return {
            name: value if isinstance(value, str) else texts(list(value))
            for name, value in given.items()
            if value is not None
        }


class PipelineSteps:
    """Viewers of a pipeline's agent see its steps, its admins change them; else ``rest_forbidden``."""

    def __init__(  # noqa: PLR0917  composed in one place
        self,
        db: Database,
        pipelines: PipelinesRepository,
        rows: PipelineFlows,
        access: Access,
        models: AgentModels,
        units: HostPool,
    ) -> None:
        self._db = db
        self._pipelines = pipelines
        self._rows = rows
        self._access = access
        self._models = models
        self._units = units

    def all(self, principal: Principal, pipeline_id: int) -> list[Document]:
        """The steps in their order, for a viewer; PipelineNotFound."""
        return self._permitted(principal, pipeline_id, VIEWER).steps()

    def one(self, principal: Principal, step_id: str) -> tuple[int, Document] | None:
        """A step and its pipeline's id, for a viewer; None when there is no such step."""
        named = identifiers.split_pipeline_step_id(step_id)
        self._access.enter(principal, PIPELINES)
        if named is None or self._pipelines.get(named.pipeline_id) is None:
            return None
        step = self._permitted(principal, named.pipeline_id, VIEWER).pipeline_config.get(step_id)
        return (named.pipeline_id, step) if isinstance(step, dict) else None

    def add(
        self, principal: Principal, pipeline_id: int, step_type: str, config: Mapping[str, Any] | None = None
    ) -> StepAdded:
        """A step at the end of the pipeline and of each of its flows, without handler there.

        ``config`` may hold a label, a system prompt and whatever else the step's type knows. Raises
        PipelineNotFound, and InvalidInput ``invalid_step_type`` for a type nobody registered.
        """
        pipeline = self._permitted(principal, pipeline_id, ADMIN)
        with wordpress.process(self._units):
            types = registry.step_types()
        definition = types.get(step_type)
        if definition is None:
            raise InvalidInput(
                f"Invalid step_type '{step_type}'. Must be one of: {', '.join(types)}",
                code="invalid_step_type",
            )
        step = self._new(pipeline, step_type, definition, config or {})

        def work(session: Session) -> list[Flow]:
            locked, flows = self._rows.lock(session, pipeline_id)
            steps = locked.steps()
            step["execution_order"] = max((place(each) for each in steps), default=-1) + 1
            step_id = str(step["pipeline_step_id"])
            self._rows.store(session, pipeline_id, _appended(locked.pipeline_config, step_id, step))
            self._follow(session, pipeline_id, flows, [*steps, step])
            return flows

        flows = self._db.run(work)
        step_id = str(step["pipeline_step_id"])
        ids = [identifiers.flow_step_id(step_id, flow.flow_id) for flow in flows]
        return StepAdded(pipeline_id, step, dict(definition), ids)

    def update(self, principal: Principal, step_id: str, changes: StepChanges) -> list[str]:
        """Change what is named; which fields that were.

        Tools that were disabled for all flows are again as each flow has them. NotFound ``step_not_found``;
        InvalidInput when nothing is named.
        """
        pipeline_id = self._pipeline_of(principal, step_id)
        fields = changes.fields()
        if not fields:
            raise InvalidInput(
                "At least one of system_prompt, disabled_tools or tool_categories is required.",
                code="nothing_to_change",
            )

        def work(session: Session) -> None:
            locked, flows = self._rows.lock(session, pipeline_id)
            step = _step(locked, step_id)
            new = {key: value for key, value in step.items() if key not in OLD} | fields
            if new != step:
                self._rows.store(session, pipeline_id, {**locked.pipeline_config, step_id: new})
            before, after = texts(step.get("disabled_tools")), texts(new.get("disabled_tools"))
            if before == after:
                return
            for flow in flows:
                key = identifiers.flow_step_id(step_id, flow.flow_id)
                own = flow.flow_config.get(key)
                if isinstance(own, dict):
                    config = {**flow.flow_config, key: following.with_tools(own, before, after)}
                    self._rows.store_flow(session, flow.flow_id, config)

        self._db.run(work)
        return list(fields)

    def delete(self, principal: Principal, pipeline_id: int, step_id: str) -> StepRemoved:
        """Remove a step from the pipeline and its flows, with what it had taken in there.

        Jobs that run keep it: they work by the plan they began with. PipelineNotFound, NotFound
        ``step_not_found``.
        """
        self._permitted(principal, pipeline_id, ADMIN)

        def work(session: Session) -> StepRemoved:
            locked, flows = self._rows.lock(session, pipeline_id)
            _step(locked, step_id)
            left = [str(each["pipeline_step_id"]) for each in locked.steps()]
            left.remove(step_id)
            kept = {key: value for key, value in locked.pipeline_config.items() if key != step_id}
            config = following.arranged(kept, left)
            self._rows.store(session, pipeline_id, config)
            ids = [identifiers.flow_step_id(step_id, flow.flow_id) for flow in flows]
            affected = sum(key in flow.flow_config for key, flow in zip(ids, flows, strict=True))
            self._follow(session, pipeline_id, flows, [config[each] for each in left], removed=(step_id,))
            self._rows.forget_items(session, ids)
            return StepRemoved(pipeline_id, locked.pipeline_name, affected)

        return self._db.run(work)

    def reorder(self, principal: Principal, pipeline_id: int, step_ids: Sequence[str]) -> int:
        """Put the steps into this order; how many there are.

        Raises PipelineNotFound, and InvalidInput unless every step is named exactly once.
        """
        self._permitted(principal, pipeline_id, ADMIN)

        def work(session: Session) -> int:
            locked, flows = self._rows.lock(session, pipeline_id)
            known = [str(each["pipeline_step_id"]) for each in locked.steps()]
            if len(step_ids) != len(known):
                raise InvalidInput("Step count mismatch during reorder", code="step_count_mismatch")
            if set(step_ids) != set(known):
                raise InvalidInput(
                    "Every step of the pipeline has to be named once.", code="step_order_invalid"
                )
            config = following.arranged(locked.pipeline_config, step_ids)
            self._rows.store(session, pipeline_id, config)
            self._follow(session, pipeline_id, flows, [config[each] for each in step_ids])
            return len(known)

        return self._db.run(work)

    def _follow(
        self,
        session: Session,
        pipeline_id: int,
        flows: Sequence[Flow],
        steps: Sequence[Document],
        *,
        removed: Sequence[str] = (),
    ) -> None:
        for flow in flows:
            config = following.follow(flow.flow_config, steps, pipeline_id, flow.flow_id, removed=removed)
            if list(config.items()) != list(flow.flow_config.items()):
                self._rows.store_flow(session, flow.flow_id, config)

    def _new(
        self, pipeline: Pipeline, step_type: str, definition: Mapping[str, Any], config: Mapping[str, Any]
    ) -> Document:
        given = {str(key): value for key, value in config.items() if key not in IDENTITY}
        label = given.pop("label", None)
        step: Document = {
            "step_type": step_type,
            "execution_order": 0,
            "pipeline_step_id": identifiers.new_pipeline_step_id(pipeline.pipeline_id),
            "label": str(label or definition.get("label") or step_type),
        }
        if step_type == "ai":
            choice = self._models.choose(0, "pipeline")
            step |= {"provider": choice.provider, "model": choice.model}
        return step | given

    def _pipeline_of(self, principal: Principal, step_id: str) -> int:
        """The pipeline of a step, for its admins."""
        self._access.enter(principal, PIPELINES)
        named = identifiers.split_pipeline_step_id(step_id)
        if named is None:
            raise _missing()
        try:
            _step(self._permitted(principal, named.pipeline_id, ADMIN), step_id)
        except PipelineNotFound:
            raise _missing() from None
        return named.pipeline_id

    def _permitted(self, principal: Principal, pipeline_id: int, role: str) -> Pipeline:
        self._access.enter(principal, PIPELINES)
        found = self._pipelines.get(pipeline_id)
        if found is None:
            raise PipelineNotFound("Pipeline not found")
        verb = "view" if role == VIEWER else "edit"
        message = f"You do not have permission to {verb} this pipeline."
        self._access.row(principal, found.agent_id, found.user_id, role, message)
        return found


def named_order(given: object) -> list[str]:
    """Step ids of ``[{pipeline_step_id}]`` or ``[pipeline_step_id]``; InvalidInput for anything else."""
    listed = given if isinstance(given, list) else []
    found = [each.get("pipeline_step_id") if isinstance(each, Mapping) else each for each in listed]
    if not found or not all(isinstance(each, str) and each for each in found):
        raise InvalidInput("Each step needs a pipeline_step_id.", code="step_order_invalid")
    return [str(each) for each in found]


def _appended(config: Document, step_id: str, step: Document) -> Document:
    """Behind the other steps; what is no step stays at the end."""
    steps = {key: value for key, value in config.items() if is_step(value)}
    return {**steps, step_id: step, **{key: value for key, value in config.items() if key not in steps}}


def _step(pipeline: Pipeline, step_id: str) -> Document:
    step = pipeline.pipeline_config.get(step_id)
    if not is_step(step):
        raise _missing()
    return step


def _missing() -> NotFound:
    return NotFound("Step not found in pipeline", code="step_not_found")
