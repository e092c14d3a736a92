"""Steps of flows: shown and configured one at a time, for every door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import identifiers, registry, wordpress
from sidecar.automation.access import ADMIN, FLOWS, OPERATOR, VIEWER, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.flows import step_config, step_handlers
from sidecar.automation.flows import steps as flow_steps
from sidecar.automation.flows.masking import unmasked
from sidecar.automation.handlers.settings import HandlerSettings
from sidecar.automation.jobs import retry_policy
from sidecar.automation.queues import entries
from sidecar.automation.queues.text import prompt_text
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Document, Flow
from sidecar.clock import Clock, iso
from sidecar.errors import Conflict, InvalidInput
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

REFUSED = "You do not have permission to edit this flow."
UNSEEN = "You do not have permission to view this flow."
#: How often a change is made again because the step's handlers changed while it was made.
ATTEMPTS = 5


class StepChange(msgspec.Struct, frozen=True):
    """What a caller changes at a step; None is not named."""

    handler_slug: str | None = None
    #: Settings by key; those that are not named stay as they are.
    handler_config: Document | None = None
    #: The standing prompt; empty takes it away.
    user_message: str | None = None
    add_handler: str | None = None
    add_handler_config: Document | None = None
    remove_handler: str | None = None
    #: When the step is tried again; an empty one removes it.
    retry_policy: Document | None = None

    def fields(self) -> list[str]:
        """The names of what is changed."""
        return [
            name
            for name in self.__struct_fields__
            if getattr(self, name) is not None and name != "add_handler_config"
        ]

    def handlers(self) -> bool:
        """Whether anything of the step's handlers changes."""
        named = (self.handler_slug, self.add_handler, self.remove_handler)
        return self.handler_config is not None or any(named)


class FlowSteps:
    """A viewer may look at steps, an operator set the prompt, an admin everything.

    Methods raise InvalidInput ``invalid_flow_step_id``, FlowNotFound, NotFound ``flow_step_not_found``, and
    refusals as Forbidden ``rest_forbidden``.
    """

    def __init__(
        self,
        flows: FlowsRepository,
        access: Access,
        settings: HandlerSettings,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._access = access
        self._settings = settings
        self._units = units
        self._clock = clock

    def of_flow(self, principal: Principal, flow_id: int) -> Flow:
        """A flow, to be asked for its steps."""
        return self._permitted(principal, flow_id, VIEWER, UNSEEN)

    def get(self, principal: Principal, step_id: str) -> tuple[Flow, Document]:
        """A step and its flow."""
        flow = self._permitted(principal, flow_of(step_id), VIEWER, UNSEEN)
        return flow, step_config.step_of(flow.flow_config, step_id)

    def update(self, principal: Principal, step_id: str, change: StepChange) -> Document:
        """Change a step; the step as it is afterwards.

        HandlerNotFound; UnknownFields and other InvalidInput of the handler's settings; Conflict
        ``flow_step_changed`` when others keep changing its handlers.
        """
        check(change)
        only_prompt = change.fields() == ["user_message"]
        role = OPERATOR if only_prompt else ADMIN
        flow = self._permitted(principal, flow_of(step_id), role, REFUSED)
        return self.apply(flow, step_id, change)

    def save_handler(  # noqa: PLR0917  what the caller believes the step to be
        self,
        principal: Principal,
        step_id: str,
        slug: str,
        pipeline_id: int,
        step_type: str,
        settings: Document,
    ) -> Document:
        """Set a step's handler with its settings, if the step is what the caller says."""
        if not slug or not step_type or not step_id:
            raise InvalidInput(
                "handler_slug, step_type and flow_step_id are required.", code="missing_required_fields"
            )
        flow = self._permitted(principal, flow_of(step_id), ADMIN, REFUSED)
        step = step_config.step_of(flow.flow_config, step_id)
        if flow.pipeline_id != pipeline_id or step["step_type"] != step_type:
            raise InvalidInput(
                "The step is of another pipeline or of another type.", code="invalid_flow_step_id"
            )
        return self.apply(flow, step_id, StepChange(handler_slug=slug, handler_config=settings))

    def apply(self, flow: Flow, step_id: str, change: StepChange) -> Document:
        """Change a step of a flow without asking for rights: the caller has."""
        # Nothing is asked of WordPress while the row is locked: what the handlers become is worked out for
        # the step as it was read, and stored only if it still is so.
        for _ in range(ATTEMPTS):
            before = step_config.step_of(flow.flow_config, step_id)
            after = self._handlers(before, change) if change.handlers() else before
            stored: list[bool] = []
            flow = self._flows.change(flow.flow_id, self._work(step_id, before, after, change, stored))
            # That the handlers are as they are wanted does not say it: others may have wanted the same ones,
            # and not what else is changed.
            if stored[-1]:
                return step_config.step_of(flow.flow_config, step_id)
        raise Conflict("The step was changed by others at the same time.", code="flow_step_changed")

    def _work(
        self, step_id: str, before: Document, after: Document, change: StepChange, stored: list[bool]
    ) -> Callable[[Document], Document | None]:
        """``stored`` gets whether there is something to write: not if the handlers changed meanwhile."""

        def work(config: Document) -> Document | None:
            step = step_config.step_of(config, step_id)
            stored.append(not change.handlers() or _shape(step) == _shape(before))
            if not stored[-1]:
                return None
            if change.handlers():
                # Queues may have moved on meanwhile: only the handlers' keys are the ones worked out.
                kept = {
                    key: value for key, value in step.items() if key in after or key not in step_handlers.KEYS
                }
                step = {**kept, **_shape(after), "enabled": True}
            if change.user_message is not None:
                entries.stand(step, prompt_text(change.user_message), self._now())
            if change.retry_policy is not None:
                _set_policy(step, change.retry_policy)
            config[step_id] = step
            return config

        return work

    def preview(self, step: Document, change: StepChange) -> Document:
        """The step as a change would leave it; nothing is stored. The same errors."""
        after = dict(step)
        if change.handlers():
            after = self._handlers(step, change)
        if change.user_message is not None:
            entries.stand(after, prompt_text(change.user_message), self._now())
        return after

    def _handlers(self, step: Document, change: StepChange) -> Document:
        """The step with its handlers as a change wants them."""
        with wordpress.process(self._units), registry.reading(), self._settings.reading():
            kind = registry.known_step_types().get(str(step["step_type"]), {})
            if change.remove_handler:
                step = step_handlers.removed(step, kind, change.remove_handler)
            if change.add_handler:
                slug = change.add_handler
                flow_steps.check_handler(step, kind, slug)
                held = step_handlers.configs(step, kind).get(slug, {})
                given = unmasked(change.add_handler_config or {}, held)
                step = step_handlers.added(step, kind, slug, self._settings.sanitize(slug, given, held))
            if change.handler_slug or change.handler_config is not None:
                step = flow_steps.with_handler(
                    step, kind, change.handler_slug or "", change.handler_config or {}, self._settings
                )
        return step

    def _permitted(self, principal: Principal, flow_id: int, role: str, message: str) -> Flow:
        self._access.enter(principal, FLOWS)
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        self._access.row(principal, flow.agent_id, flow.user_id, role, message)
        return flow

    def _now(self) -> str:
        return iso(self._clock.now())


def flow_of(step_id: str) -> int:
    """The flow a step id names."""
    parts = identifiers.split_flow_step_id(step_id)
    if parts is None:
        raise InvalidInput("Invalid flow_step_id format", code="invalid_flow_step_id")
    return parts.flow_id


def check(change: StepChange) -> None:
    """InvalidInput for a change of nothing."""
    if not change.fields():
        raise InvalidInput(
            "At least one of handler_slug, handler_config, user_message, add_handler, or remove_handler must"
            " be provided",
            code="nothing_to_update",
        )
    if change.add_handler_config is not None and not change.add_handler:
        raise InvalidInput("add_handler_config needs add_handler.", code="nothing_to_update")


def _shape(step: Mapping[str, Any]) -> Document:
    return {key: step[key] for key in step_handlers.KEYS if key in step}


def _set_policy(step: Document, policy: Mapping[str, Any]) -> None:
    if policy:
        step[retry_policy.KEY] = retry_policy.parse(policy)
    else:
        step.pop(retry_policy.KEY, None)
