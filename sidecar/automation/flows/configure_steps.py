"""The same change at the steps of many flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from sidecar.automation import registry, wordpress
from sidecar.automation.access import ADMIN, FLOWS, Access
from sidecar.automation.errors import PipelineNotFound
from sidecar.automation.flows import step_handlers
from sidecar.automation.flows.step_settings import REFUSED, FlowSteps, StepChange, flow_of
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.repositories.pipelines import PipelinesRepository
from sidecar.automation.values import Document, Flow
from sidecar.errors import InvalidInput, NotFound, SidecarError
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

#: Flows that are read at a time, and changed in one call at most.
PAGE, MOST = 100, 1000


class Wanted(msgspec.Struct, frozen=True):
    """What becomes of a step; an empty slug is the handler it has, None no change of the prompt."""

    handler_slug: str = ""
    handler_config: Document = msgspec.field(default_factory=dict)
    user_message: str | None = None

    def over(self, below: Wanted) -> Wanted:
        """Both, where they say the same this one counts."""
        return Wanted(
            self.handler_slug or below.handler_slug,
            {**below.handler_config, **self.handler_config},
            below.user_message if self.user_message is None else self.user_message,
        )

    @property
    def empty(self) -> bool:
        return not self.handler_slug and not self.handler_config and self.user_message is None


class Selection(msgspec.Struct, frozen=True):
    """Which steps of which flows, and what becomes of them.

    The flows are those of a pipeline, every flow with a step of ``handler_slug`` (which has to be
    ``confirmed``), or the ones that ``updates`` names.
    """

    pipeline_id: int = 0
    every_flow: bool = False
    confirmed: bool = False
    step_type: str = ""
    handler_slug: str = ""
    #: The handler to change to.
    target_slug: str = ""
    #: Old name to new name of settings that are carried over to it.
    field_map: dict[str, str] = msgspec.field(default_factory=dict)
    wanted: Wanted = Wanted()
    #: By flow id, over what is wanted for all.
    flows: dict[int, Wanted] = msgspec.field(default_factory=dict)
    #: Flow id (0: the step's), step id or nothing, and what is wanted by step type or step id.
    updates: list[tuple[int, str, dict[str, Wanted]]] = msgspec.field(default_factory=list)
    #: Below every one of ``updates``, by step type; the empty key is for all.
    shared: dict[str, Wanted] = msgspec.field(default_factory=dict)


class Outcome(msgspec.Struct):
    """What was changed, or would be; what was left alone, and why; what went wrong."""

    updated: list[Document] = msgspec.field(default_factory=list)
    skipped: list[Document] = msgspec.field(default_factory=list)
    errors: list[Document] = msgspec.field(default_factory=list)

    def document(self) -> Document:
        """``{success, flows_updated, steps_modified, updated_steps, skipped, errors, message}``."""
        flows = len({one["flow_id"] for one in self.updated})
        return {
            "success": bool(self.updated) or not self.errors,
            "flows_updated": flows,
            "steps_modified": len(self.updated),
            "updated_steps": self.updated,
            "skipped": self.skipped,
            "errors": self.errors,
            "message": f"Updated {len(self.updated)} step(s) across {flows} flow(s).",
        } | ({} if self.updated or not self.errors else {"error": self.errors[0]["error"]})

    def preview(self) -> Document:
        """``{valid, would_update, skipped, errors, message}``."""
        return {
            "valid": not self.errors,
            "would_update": self.updated,
            "skipped": self.skipped,
            "errors": self.errors,
            "message": f"Would update {len(self.updated)} step(s).",
        }


class ConfigureSteps:
    """Each flow takes the role admin on it: one without is an error of its own, the others are changed.

    Raises InvalidInput for a selection that says too little, PipelineNotFound, NotFound
    ``no_matching_steps``.
    """

    def __init__(
        self,
        steps: FlowSteps,
        flows: FlowsRepository,
        pipelines: PipelinesRepository,
        access: Access,
        units: HostPool,
    ) -> None:
        self._steps = steps
        self._flows = flows
        self._pipelines = pipelines
        self._access = access
        self._units = units

    def run(self, principal: Principal, selection: Selection) -> Outcome:
        """Change the steps, each in a transaction of its own."""
        return self._each(principal, selection, store=True)

    def check(self, principal: Principal, selection: Selection) -> Outcome:
        """What would be changed; nothing is."""
        return self._each(principal, selection, store=False)

    def _each(self, principal: Principal, selection: Selection, *, store: bool) -> Outcome:
        self._access.enter(principal, FLOWS)
        outcome = Outcome()
        with wordpress.process(self._units), registry.reading():
            for flow, step, wanted in self._matching(principal, selection, outcome):
                self._one(flow, step, wanted, selection, outcome, store=store)
        if not outcome.updated and not outcome.errors and not outcome.skipped:
            raise NotFound("No matching steps found.", code="no_matching_steps")
        return outcome

    def _one(
        self,
        flow: Flow,
        step: Document,
        wanted: Wanted,
        selection: Selection,
        outcome: Outcome,
        *,
        store: bool,
    ) -> None:
        about = {
            "flow_id": flow.flow_id,
            "flow_name": flow.flow_name,
            "flow_step_id": step["flow_step_id"],
            "step_type": step["step_type"],
        }
        change, old = self._change(step, wanted, selection)
        if not change.fields():
            outcome.skipped.append({**about, "reason": "Nothing to change at this step."})
            return
        try:
            if store:
                self._steps.apply(flow, str(step["flow_step_id"]), change)
            else:
                self._steps.preview(step, change)
        except SidecarError as error:
            if error.status >= 500:
                raise
            outcome.errors.append({**about, "error": error.message, **error.data})
            return
        done = {**about, "handler_slug": change.handler_slug or old}
        if change.handler_slug and old and change.handler_slug != old:
            done["switched_from"] = old
        outcome.updated.append(done)

    def _change(self, step: Document, wanted: Wanted, selection: Selection) -> tuple[StepChange, str]:
        """The change of one step, and the handler it has had."""
        kind = _kind(step)
        held = step_handlers.configs(step, kind)
        if not step_handlers.uses(kind):
            return StepChange(
                handler_config=wanted.handler_config or None, user_message=wanted.user_message
            ), ""
        named = selection.handler_slug if selection.handler_slug in held else ""
        old = named or next(iter(held), "")
        slug = selection.target_slug or wanted.handler_slug or ("" if held else selection.handler_slug)
        carried: Document = {
            new: held[old][name] for name, new in selection.field_map.items() if old and name in held[old]
        }
        config: Document = {**carried, **wanted.handler_config}
        target = slug or named
        return (
            StepChange(
                handler_slug=target if config or (target and target != old) else None,
                handler_config=config or None,
                user_message=wanted.user_message,
            ),
            old,
        )

    def _matching(
        self, principal: Principal, selection: Selection, outcome: Outcome
    ) -> Iterator[tuple[Flow, Document, Wanted]]:
        if selection.updates:
            yield from self._updates(principal, selection, outcome)
            return
        _check(selection)
        for flow in self._selected(principal, selection):
            own = selection.flows.get(flow.flow_id)
            wanted = selection.wanted if own is None else own.over(selection.wanted)
            if wanted.empty and not selection.target_slug:
                continue
            matching = [step for step in flow.steps() if _fits(step, selection, wanted)]
            if matching and self._may(principal, flow, outcome):
                yield from ((flow, step, wanted) for step in matching)

    def _selected(self, principal: Principal, selection: Selection) -> list[Flow]:
        if selection.pipeline_id:
            pipeline = self._pipelines.get(selection.pipeline_id)
            if pipeline is None:
                raise PipelineNotFound("Pipeline not found")
            self._access.row(
                principal, pipeline.agent_id, pipeline.user_id, ADMIN,
                "You do not have permission to edit this pipeline.",
            )  # fmt: skip
            return self._flows.of_pipelines([selection.pipeline_id])
        scope = self._access.scope(principal, None, FLOWS)
        found: list[Flow] = []
        left = PAGE
        while left and len(found) <= MOST:
            page, there = self._flows.find(
                scope=scope,
                handler_slug=selection.handler_slug,
                limit=PAGE,
                after=found[-1].flow_id if found else 0,
            )
            found += page
            left = there - len(page) if page else 0
        if len(found) > MOST:
            raise InvalidInput(f"More than {MOST} flows: go pipeline by pipeline.", code="too_many_flows")
        return found

    def _updates(
        self, principal: Principal, selection: Selection, outcome: Outcome
    ) -> Iterator[tuple[Flow, Document, Wanted]]:
        wanted_flows = {flow_id or flow_of(step_id) for flow_id, step_id, _ in selection.updates}
        if len(wanted_flows) > MOST:
            raise InvalidInput(f"At most {MOST} flows at a time.", code="too_many_flows")
        found = {flow.flow_id: flow for flow in self._flows.of_ids(sorted(wanted_flows))}
        for named_flow, step_id, settings in selection.updates:
            flow_id = named_flow or flow_of(step_id)
            flow = found.get(flow_id)
            if flow is None:
                outcome.errors.append({"flow_id": flow_id, "error": f"Flow {flow_id} not found."})
                continue
            if self._may(principal, flow, outcome):
                yield from self._of_update(flow, step_id, settings, selection, outcome)

    @staticmethod
    def _of_update(
        flow: Flow,
        step_id: str,
        settings: Mapping[str, Wanted],
        selection: Selection,
        outcome: Outcome,
    ) -> Iterator[tuple[Flow, Document, Wanted]]:
        met: set[str] = set()
        for step in flow.steps():
            names = (str(step["flow_step_id"]), str(step.get("pipeline_step_id", "")), str(step["step_type"]))
            if step_id and step_id != names[0]:
                continue
            wanted = Wanted()
            for known in (selection.shared, settings):
                for key in ("", *reversed(names)):
                    if key in known and (key or _fits(step, selection, known[key])):
                        wanted = known[key].over(wanted)
                        met.add(key)
            if not wanted.empty:
                yield flow, step, wanted
        for key in settings.keys() - met:
            what = f'no step "{key}"' if key else "no step that this fits"
            outcome.errors.append({"flow_id": flow.flow_id, "error": f"The flow has {what}."})

    def _may(self, principal: Principal, flow: Flow, outcome: Outcome) -> bool:
        try:
            self._access.row(principal, flow.agent_id, flow.user_id, ADMIN, REFUSED)
        except SidecarError as error:
            outcome.errors.append({"flow_id": flow.flow_id, "error": error.message})
            return False
        return True


def _check(selection: Selection) -> None:
    """InvalidInput for a selection that would hit what nobody meant."""
    if not selection.pipeline_id:
        if not selection.every_flow:
            raise InvalidInput(
                "Name a pipeline_id, updates, or all_flows with a handler_slug.", code="missing_scope"
            )
        if not selection.handler_slug or not selection.confirmed:
            raise InvalidInput(
                "all_flows needs a handler_slug, and global_scope: true to confirm it.", code="missing_scope"
            )
    wanted = [selection.wanted, *selection.flows.values()]
    if all(one.empty for one in wanted) and not selection.target_slug:
        raise InvalidInput(
            "At least one of handler_config, flow_configs, user_message, or target_handler_slug must be"
            " provided",
            code="nothing_to_update",
        )
    if not selection.step_type and not selection.handler_slug and any(one.handler_config for one in wanted):
        raise InvalidInput("handler_config needs a step_type or a handler_slug.", code="missing_scope")


def _fits(step: Document, selection: Selection, wanted: Wanted) -> bool:
    """Whether a step is one of those that are meant."""
    kind = str(step["step_type"])
    if selection.step_type and kind != selection.step_type:
        return False
    slug = selection.handler_slug or (wanted.handler_slug if not selection.step_type else "")
    if slug:
        definition = _kind(step)
        if not step_handlers.uses(definition):
            return False
        held = step_handlers.configs(step, definition)
        return slug in held or (not held and slug in registry.handlers(kind))
    # A prompt alone is for the steps that ask a model.
    return bool(selection.step_type) or (kind == "ai" and not wanted.handler_config)


def _kind(step: Document) -> Document:
    """What is registered of a step's type."""
    return registry.known_step_types().get(str(step["step_type"]), {})
