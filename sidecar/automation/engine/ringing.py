"""Ringing for a step: the ability ``datamachine/schedule-next-step``, and the same step once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sidecar import queue
from sidecar.automation import log
from sidecar.automation.engine.announcing import Announcement
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.repositories.processed_items import CLAIM, ProcessedItemsRepository
from sidecar.automation.repositories.promises import BEGIN, Promises
from sidecar.automation.repositories.writing import once
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Document, Packet
from sidecar.clock import Clock
from sidecar.db import Database, Session

HOOK = "datamachine_execute_step"


class StepScheduler:
    """Stores the packets a step begins with and rings for it, in one commit with the step before it."""

    def __init__(
        self, db: Database, store: EngineStore, files: JobFiles, items: ProcessedItemsRepository, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._files = files
        self._items = items
        self._clock = clock
        self._begun = Promises(db, BEGIN)

    def schedule(self, job_id: int, flow_step_id: str, packets: Sequence[Packet]) -> Document:
        """``{success, action_id}``. New packets go in front of those the job has."""
        place = None
        if packets:
            place = self._store.place(job_id)
            stored = self._files.read(*place)
            self._files.prepare(*place, flow_step_id, [*packets, *stored])

        announcement = Announcement()

        def ring(session: Session) -> int:
            now = self._clock.now()
            return announcement.write(session, self._ring(session, job_id, flow_step_id, now), now)

        action_id = self._committed(job_id, flow_step_id, ring)
        if place is not None:
            self._files.adopt(*place, flow_step_id)
        announcement.tell(self._db, action_id)
        if packets:
            log.debug(
                "Next step scheduled via Action Scheduler",
                {"job_id": job_id, "flow_step_id": flow_step_id, "action_id": action_id, "success": True},
            )
        return {"success": True, "action_id": action_id}

    def again(self, run: StepRun, when: datetime, data: Mapping[str, Any]) -> int:
        """Ring for the step of ``run`` once more, in one commit with ``data`` in the job's engine data.

        What the job has claimed stays claimed until then.
        """
        job = run.engine.job
        until = when + CLAIM
        announcement = Announcement()

        def ring(session: Session) -> int:
            self._store.merge_in(session, run.job_id, data)
            self._items.extend(session, [run.job_id, job.get("parent_job_id")], until)
            action_id = self._ring(session, run.job_id, run.flow_step_id, when)
            return announcement.write(session, action_id, self._clock.now())

        action_id = self._committed(run.job_id, f"again:{run.flow_step_id}", ring)
        announcement.tell(self._db, action_id)
        return action_id

    def _committed(self, job_id: int, key: str, ring: Callable[[Session], int]) -> int:
        run = queue.current_run()
        if run is not None and run.job_id == job_id and run.hook == HOOK:
            # The step that rings advances its own lease in this very transaction.
            with run.transaction() as session:
                return ring(session)

        def begin(session: Session) -> int:
            self._begun.kept(session, job_id)
            return ring(session)

        return int(once(self._db, f"ring:{job_id}:{key}"[:191], begin))

    @staticmethod
    def _ring(session: Session, job_id: int, flow_step_id: str, when: datetime) -> int:
        return queue.enqueue(session, HOOK, {"job_id": job_id, "flow_step_id": flow_step_id}, when)
