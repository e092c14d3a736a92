"""What flows hear: the ends of their jobs, and what older sites left in the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sidecar.automation import log
from sidecar.automation.engine import relay
from sidecar.automation.flows.schedules import FlowSchedules
from sidecar.automation.steps.base import number
from sidecar.db import Database
from sidecar.errors import SidecarError

if TYPE_CHECKING:
    from sidecar.automation.engine.actors import Actors
    from sidecar.automation.flows.service import FlowsService
    from sidecar.hooks import Bus
    from sidecar.queue import Run

LATER = "datamachine_run_flow_later"


class FlowListeners:
    """Hears the ends of jobs, and doorbells of ``datamachine_run_flow_later``."""

    def __init__(self, db: Database, flows: FlowsService, schedules: FlowSchedules, actors: Actors) -> None:
        self._db = db
        self._flows = flows
        self._schedules = schedules
        self._actors = actors

    def subscribe(self, bus: Bus) -> None:
        """``datamachine_run_flow_later`` is heard in PHP, where it has the rights of whoever fires it."""
        bus.add_action("datamachine_job_complete", relay.listener(self.ended), 10, 2, mode="durable")

    def ring(self, args: Mapping[str, Any] | Sequence[Any], _run: Run) -> None:
        """``datamachine_run_flow_later(flow_id, interval_or_timestamp)`` as a doorbell of an older site."""
        flow_id, when, *_ = [*(list(args.values()) if isinstance(args, Mapping) else list(args)), 0, ""]
        try:
            self._flows.schedule(self._actors.here(), number(flow_id), when)
        except SidecarError as error:
            if error.status >= 500:
                raise
            # Nobody waits for an answer, and doing it again would not help.
            log.warning(
                "Flow could not be scheduled",
                {"flow_id": flow_id, "schedule": when, "error": error.message},
            )

    def ended(self, job_id: Any = 0, _status: Any = "") -> None:
        """A flow that was to run once has run: it is manual again."""
        names = self._db.tables()
        with self._db.session() as session:
            flow_id = session.scalar(
                f"SELECT f.flow_id FROM {names.jobs} j JOIN {names.flows} f"
                " ON f.flow_id = CAST(j.flow_id AS UNSIGNED) WHERE j.job_id = :id"
                ' AND j.parent_job_id IS NULL AND f.scheduling_config LIKE \'%"interval":"one\\_time"%\'',
                {"id": number(job_id)},
            )
        if flow_id is not None:
            self._schedules.over(int(flow_id))
