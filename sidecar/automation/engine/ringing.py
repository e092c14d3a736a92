"""Ringing for a step: the ability ``datamachine/schedule-next-step``."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar import hooks, queue
from sidecar.automation import log
from sidecar.automation.engine.engine_data import EngineStore
from sidecar.automation.files.job_files import JobFiles
from sidecar.automation.repositories.writing import once
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document, Packet
from sidecar.clock import Clock
from sidecar.db import Database, Session

HOOK = "datamachine_execute_step"


class StepScheduler:
    """Stores the packets a step begins with and rings for it, in one commit with the step before it."""

    def __init__(self, db: Database, store: EngineStore, files: JobFiles, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._files = files
        self._clock = clock

    def schedule(self, job_id: int, flow_step_id: str, packets: Sequence[Packet]) -> Document:
        """``{success, action_id}``. New packets go in front of those the job has."""
        place = None
        if packets:
            job = self._store.load(job_id).job
            flow_id, pipeline_id = number(job.get("flow_id")), number(job.get("pipeline_id"))
            if flow_id:
                place = (pipeline_id, flow_id, job_id)
                stored = self._files.read(*place)
                self._files.prepare(*place, flow_step_id, [*packets, *stored])

        def ring(session: Session) -> int:
            arguments = {"job_id": job_id, "flow_step_id": flow_step_id}
            return queue.enqueue(session, HOOK, arguments, self._clock.now())

        run = queue.current_run()
        if run is not None and run.job_id == job_id:
            # The step that rings advances its own lease in this very transaction.
            with run.transaction() as session:
                action_id = ring(session)
        else:
            action_id = int(once(self._db, f"ring:{job_id}:{flow_step_id}"[:191], ring))
        if place is not None:
            self._files.adopt(*place, flow_step_id)
        hooks.do_action("action_scheduler_stored_action", action_id)
        with self._db.session() as session:
            queue.log(session, action_id, queue.CREATED)
        if packets:
            log.debug(
                "Next step scheduled via Action Scheduler",
                {"job_id": job_id, "flow_step_id": flow_step_id, "action_id": action_id, "success": True},
            )
        return {"success": True, "action_id": action_id}
