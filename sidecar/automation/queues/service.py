"""Queues of flow steps, for every door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.automation import wordpress
from sidecar.automation.access import ADMIN, FLOWS, OPERATOR, VIEWER, Access
from sidecar.automation.errors import FlowNotFound
from sidecar.automation.flows import step_config
from sidecar.automation.flows.masking import unmasked
from sidecar.automation.queues import duplicates, entries
from sidecar.automation.queues.duplicates import DuplicateCheck, Queued, Verdict
from sidecar.automation.queues.entries import PATCHES, PROMPTS, Queue
from sidecar.automation.queues.text import prompt_text
from sidecar.automation.repositories.flows import FlowsRepository
from sidecar.automation.values import Document, Flow
from sidecar.clock import Clock, iso
from sidecar.errors import Conflict, InvalidInput
from sidecar.identity import Principal

if TYPE_CHECKING:
    from sidecar.host import HostPool

REFUSED = "You do not have permission to manage queues of this flow."


class DuplicateRejected(Conflict):
    """There is a post or a prompt like it. ``data`` has reason, match, source and strategy."""

    code = "duplicate_rejected"


class Added(msgspec.Struct, frozen=True):
    """What became of prompts: the queue as it is now, and which were refused for what is like them."""

    queue: Queue
    added: int
    rejected: list[tuple[str, Verdict]]


class QueuesService:
    """Shows and edits queues. A viewer may look, an operator edits prompts; a patch overrides the settings of
    a step, so it takes an admin.

    Every method may raise FlowNotFound, NotFound ``flow_step_not_found``, and refusals as
    Forbidden ``rest_forbidden``.
    """

    def __init__(
        self,
        flows: FlowsRepository,
        access: Access,
        duplicates: DuplicateCheck,
        units: HostPool,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._access = access
        self._duplicates = duplicates
        self._units = units
        self._clock = clock

    def show(self, principal: Principal, flow_id: int, step_id: str, slot: str = PROMPTS) -> Queue:
        """A queue as it is."""
        flow = self._permitted(principal, flow_id, VIEWER)
        return entries.of_step(step_config.step_of(flow.flow_config, step_id), flow_id, step_id, slot)

    def steps(self, principal: Principal, flow_id: int) -> list[Document]:
        """The steps of a flow that use a queue: those that fetch, and those of an AI."""
        flow = self._permitted(principal, flow_id, VIEWER)
        return [step for step in flow.steps() if step_config.is_fetch(step) or step["step_type"] == "ai"]

    def add(
        self,
        principal: Principal,
        flow_id: int,
        step_id: str,
        prompts: Sequence[str],
        *,
        validate: bool = True,
        context: Mapping[str, Any] | None = None,
    ) -> Added:
        """Put prompts at the end of the queue, but those that are empty or, when asked to ``validate``, like
        a post or a prompt that waits.

        InvalidInput ``no_prompts`` when there is nothing to add.
        """
        flow = self._permitted(principal, flow_id, OPERATOR)
        step = step_config.step_of(flow.flow_config, step_id)
        texts = [text for text in map(prompt_text, prompts) if text]
        if not texts:
            raise InvalidInput("No prompts were given.", code="no_prompts")
        if len(texts) > entries.AT_ONCE:
            raise InvalidInput(f"At most {entries.AT_ONCE} prompts at once.", code="too_many_prompts")
        _check_lengths(texts)
        rejected: list[tuple[str, Verdict]] = []
        if validate:
            # What others say and what is published is asked before the row is locked; the queue under it.
            question = duplicates.of_flow(flow, step, context or {})
            with wordpress.process(self._units):
                verdicts = self._duplicates.published(question, texts)
            rejected = [(text, found) for text, found in zip(texts, verdicts, strict=True) if found.duplicate]
            texts = [text for text, found in zip(texts, verdicts, strict=True) if not found.duplicate]
        outcome: list[Added] = []
        # Worked out before the row is locked, and again only if the queue has changed until then.
        known = entries.entries(step, PROMPTS)
        planned = _sorted_out(texts, known, validate)

        def append(step: Document) -> bool:
            held = entries.entries(step, PROMPTS)
            fresh, alike = planned if held == known else _sorted_out(texts, held, validate)
            entries.add(step, PROMPTS, [entries.entry(PROMPTS, text, self._now()) for text in fresh])
            queue = entries.of_step(step, flow_id, step_id, PROMPTS)
            outcome[:] = [Added(queue, len(fresh), rejected + alike)]
            return bool(fresh)

        self._change(flow_id, step_id, append)
        return outcome[0]

    def add_one(
        self,
        principal: Principal,
        flow_id: int,
        step_id: str,
        prompt: str,
        *,
        validate: bool = True,
        context: Mapping[str, Any] | None = None,
    ) -> Queue:
        """Put a prompt at the end; DuplicateRejected."""
        done = self.add(principal, flow_id, step_id, [prompt], validate=validate, context=context)
        for _text, found in done.rejected:
            raise DuplicateRejected(found.reason, data=found.document())
        return done.queue

    def validate(self, principal: Principal, flow_id: int, step_id: str, prompt: str) -> Verdict:
        """Whether :meth:`add` would refuse a prompt for what is like it; adds nothing."""
        flow = self._permitted(principal, flow_id, VIEWER)
        step, text = step_config.step_of(flow.flow_config, step_id), prompt_text(prompt)
        if not text:
            raise InvalidInput("No prompts were given.", code="no_prompts")
        with wordpress.process(self._units):
            (found,) = self._duplicates.published(duplicates.of_flow(flow, step, {}), [text])
        if found.duplicate:
            return found
        return Queued(entries.entries(step, PROMPTS)).like(text) or duplicates.CLEAR

    def add_patch(self, principal: Principal, flow_id: int, step_id: str, patch: Mapping[str, Any]) -> Queue:
        """Put a patch at the end of a fetch step's queue."""
        self._permitted(principal, flow_id, ADMIN)
        _check_patch(patch)

        def append(step: Document) -> bool:
            _check_fetch(step)
            entries.add(step, PATCHES, [entries.entry(PATCHES, unmasked(patch, None), self._now())])
            return True

        return self._queue(flow_id, step_id, PATCHES, append)

    def clear(
        self, principal: Principal, flow_id: int, step_id: str, slot: str = PROMPTS
    ) -> tuple[Queue, int]:
        """Remove every entry; how many there were."""
        self._permitted(principal, flow_id, _role(slot))
        counts: list[int] = []

        def work(step: Document) -> bool:
            counts[:] = [entries.clear(step, slot)]
            return counts[0] > 0

        return self._queue(flow_id, step_id, slot, work), counts[0]

    def remove(
        self, principal: Principal, flow_id: int, step_id: str, index: int, slot: str = PROMPTS
    ) -> tuple[Queue, Any]:
        """Remove one entry; what it held. InvalidInput ``index_out_of_range``."""
        self._permitted(principal, flow_id, _role(slot))
        gone: list[Document] = []

        def work(step: Document) -> bool:
            gone[:] = [entries.remove(step, slot, index)]
            return True

        return self._queue(flow_id, step_id, slot, work), gone[0].get(entries.KEYS[slot])

    def update(
        self, principal: Principal, flow_id: int, step_id: str, index: int, prompt: str
    ) -> tuple[Queue, bool]:
        """Replace the text of one prompt, and whether that changed anything.

        InvalidInput ``index_out_of_range``, ``empty_value`` or ``prompt_too_long``.
        """
        self._permitted(principal, flow_id, OPERATOR)
        _check_lengths([prompt])
        return self._update(flow_id, step_id, PROMPTS, index, prompt_text(prompt))

    def update_patch(
        self, principal: Principal, flow_id: int, step_id: str, index: int, patch: Mapping[str, Any]
    ) -> tuple[Queue, bool]:
        """Replace one patch. A masked secret stays what it was."""
        self._permitted(principal, flow_id, ADMIN)
        _check_patch(patch)
        return self._update(flow_id, step_id, PATCHES, index, dict(patch))

    def move(  # noqa: PLR0917  a place and two positions in it
        self, principal: Principal, flow_id: int, step_id: str, start: int, end: int, slot: str = PROMPTS
    ) -> Queue:
        """Put the entry of one position at another."""
        self._permitted(principal, flow_id, _role(slot))

        def work(step: Document) -> bool:
            entries.move(step, slot, start, end)
            return start != end

        return self._queue(flow_id, step_id, slot, work)

    def set_mode(self, principal: Principal, flow_id: int, step_id: str, mode: str) -> Queue:
        """Set how the step uses its queue. InvalidInput ``invalid_mode``."""
        flow = self._permitted(principal, flow_id, OPERATOR)
        fetches = step_config.is_fetch(step_config.step_of(flow.flow_config, step_id))

        def work(step: Document) -> bool:
            entries.set_mode(step, mode)
            return True

        return self._queue(flow_id, step_id, PATCHES if fetches else PROMPTS, work)

    def _update(self, flow_id: int, step_id: str, slot: str, index: int, value: Any) -> tuple[Queue, bool]:
        changed: list[bool] = []

        def work(step: Document) -> bool:
            held = entries.entries(step, slot)
            old = held[index].get(entries.KEYS[slot]) if index < len(held) else None
            wanted = unmasked(value, old) if slot == PATCHES else value
            changed[:] = [entries.update(step, slot, index, wanted, self._now())]
            return changed[0]

        return self._queue(flow_id, step_id, slot, work), changed[0]

    def _queue(self, flow_id: int, step_id: str, slot: str, work: Callable[[Document], bool]) -> Queue:
        flow = self._change(flow_id, step_id, work)
        return entries.of_step(step_config.step_of(flow.flow_config, step_id), flow_id, step_id, slot)

    def _change(self, flow_id: int, step_id: str, work: Callable[[Document], bool]) -> Flow:
        """Run ``work`` on the step as it is now; it says whether there is something to write."""

        def change(config: Document) -> Document | None:
            return config if work(step_config.step_of(config, step_id)) else None

        return self._flows.change(flow_id, change)

    def _permitted(self, principal: Principal, flow_id: int, role: str) -> Flow:
        self._access.enter(principal, FLOWS)
        flow = self._flows.get(flow_id)
        if flow is None:
            raise FlowNotFound(f"Flow {flow_id} not found.")
        self._access.row(principal, flow.agent_id, flow.user_id, role, REFUSED)
        return flow

    def _now(self) -> str:
        return iso(self._clock.now())


def _sorted_out(
    texts: Sequence[str], waiting: Sequence[Document], validate: bool
) -> tuple[list[str], list[tuple[str, Verdict]]]:
    """The texts that are like nothing that waits, nor like one another; and the others with why."""
    if not validate:
        return list(texts), []
    queued = Queued(waiting)
    fresh: list[str] = []
    alike: list[tuple[str, Verdict]] = []
    for text in texts:
        found = queued.like(text)
        if found is None:
            queued.add(text)
            fresh.append(text)
        else:
            alike.append((text, found))
    return fresh, alike


def _role(slot: str) -> str:
    return ADMIN if slot == PATCHES else OPERATOR


def _check_lengths(texts: Iterable[str]) -> None:
    if any(len(text) > entries.LONGEST for text in texts):
        raise InvalidInput(f"A prompt has at most {entries.LONGEST} characters.", code="prompt_too_long")


def _check_patch(patch: Mapping[str, Any]) -> None:
    if not patch:
        raise InvalidInput("A patch needs at least one setting.", code="empty_patch")


def _check_fetch(step: Document) -> None:
    if not step_config.is_fetch(step):
        raise InvalidInput("Only fetch steps take config patches.", code="not_a_fetch_step")
