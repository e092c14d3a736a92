"""What a handler knows of the run it works in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sidecar import hooks
from sidecar.automation import log
from sidecar.automation.repositories.processed_items import Item, ProcessedItemsRepository
from sidecar.hooks import dispatch

#: Ids of a pipeline and a flow that are not there.
DIRECT = "direct"
#: Levels at which a handler says what went wrong.
COMPLAINTS = ("warning", "error", "critical")
NOTHING = Item(processed=False, claimed_by=0)
REPROCESS = "datamachine_should_reprocess_item"


class ExecutionContext(msgspec.Struct, frozen=True):
    """The flow step a fetch handler works for. ``source_type`` is the handler's own name for what it
    brings.
    """

    items: ProcessedItemsRepository
    #: ``direct`` both, where a run has no flow: then no item counts as known, and none is claimed.
    pipeline_id: int | str
    flow_id: int | str
    flow_step_id: str
    job_id: int
    source_type: str
    agent_id: int | None = None
    #: Where a trial collects what the handler complains of.
    complaints: list[str] | None = None

    @property
    def direct(self) -> bool:
        """Whether nothing is remembered of what the run fetches."""
        return DIRECT in (self.pipeline_id, self.flow_id)

    def log(self, level: str, message: str, extra: Mapping[str, Any]) -> None:
        """Write to the log with where we are around ``extra``."""
        context: dict[str, Any] = {
            "execution_mode": DIRECT if self.direct else "flow",
            "pipeline_id": self.pipeline_id,
            "flow_id": self.flow_id,
            # Why this very job brought nothing is what a log is asked; a trial has no job.
            **({"job_id": self.job_id} if self.job_id and level in COMPLAINTS else {}),
            **extra,
            "handler": self.source_type,
        }
        if self.agent_id:
            context["agent_id"] = self.agent_id
        if self.complaints is not None and level in COMPLAINTS:
            self.complaints.append(" ".join(filter(None, (message, str(extra.get("error") or "")))))
        log.write(level, message, context)

    def fresh(self, identifiers: Sequence[str]) -> set[str]:
        """Those that are neither processed nor claimed by another job.

        The filter ``datamachine_should_reprocess_item`` decides about each: despite its name its value true
        means "skip".
        """
        if self.direct:
            return set(identifiers)
        known = self.items.state(self.flow_step_id, self.source_type, identifiers)
        # A source may offer thousands of known items: nobody is asked where nobody listens.
        asked = dispatch.listens(hooks.bus(), REPROCESS)
        fresh = set()
        for identifier in identifiers:
            item = known.get(identifier, NOTHING)
            skip = item.processed
            if asked:
                about = {
                    "flow_step_id": self.flow_step_id,
                    "source_type": self.source_type,
                    "item_identifier": identifier,
                    "job_id": self.job_id,
                }
                skip = hooks.apply_filters(REPROCESS, skip, about)
            if not skip and item.claimed_by in (0, self.job_id):
                fresh.add(identifier)
        return fresh

    def claim(self, identifier: str) -> bool:
        """Claim an item for this job, for an hour."""
        return self.direct or self.items.claim(self.flow_step_id, self.source_type, identifier, self.job_id)
