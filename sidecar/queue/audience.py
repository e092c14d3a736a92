"""What WordPress hears of a worker: Action Scheduler's own hooks, in the unit of what is worked on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sidecar.errors import SidecarError
from sidecar.hooks import dispatch
from sidecar.host import LazyUnit
from sidecar.host import context as host_context
from sidecar.queue import leases
from sidecar.queue.acknowledgement import CONTEXT
from sidecar.queue.units import CONTEXT as LOADED

if TYPE_CHECKING:
    from sidecar.db import Database
    from sidecar.queue.claims import Due
    from sidecar.queue.run import Run
    from sidecar.queue.units import Units

logger = logging.getLogger(__name__)

#: What is told before a doorbell is marked as begun.
BEGINNING = ("before_execute", "begin_execute")


class Audience:
    """Tells the listeners there are; opens no WordPress for those there are not."""

    def __init__(self, db: Database, units: Units) -> None:
        self._db = db
        self._units = units
        #: WordPress was told that this claim began.
        self._announced = False
        #: The doorbell under way is served in WordPress.
        self._present = False
        #: Its lease was given back: a process that opens only hears of the end.
        self._over = False

    def leave(self) -> None:
        """Nobody hears of the next doorbell, unless it is served in WordPress."""
        self._present = False

    def absent(self, job_id: int) -> bool:
        """Whether nobody will hear that a job's doorbell begins; known without opening anything to ask."""
        unit = self._units.current
        if unit is not None and unit.opened and self._units.serves(("job", job_id)):
            return False
        return all(
            dispatch.listeners.known(LOADED, f"action_scheduler_{event}") is False for event in BEGINNING
        )

    def unit(self, run: Run) -> LazyUnit:
        """The WordPress of a run, whose listeners hear of it from here on."""
        self._present, self._over = True, False
        what = ("job", run.job_id) if run.job_id else ("action", run.action_id)
        return self._units.serve(what, lambda process: self._opened(run, process))

    def over(self) -> None:
        """The doorbell under way is acknowledged, or about to be; its work is done."""
        self._over = True

    def _opened(self, run: Run, process: Any) -> None:
        """A run has a WordPress process from here on: recovery must find it, as long as there is work."""
        if not self._over:
            with self._db.session() as session:
                leases.note_unit(
                    session, run.lease, getattr(process, "connection_id", None), getattr(process, "pid", None)
                )
        if not self._announced:
            self._announced = True
            process.call("queue.notify", {"event": "before_process_queue", "context": CONTEXT})

    def notify(self, event: str, due: Due | None, **more: Any) -> None:
        """Fire ``action_scheduler_{event}``; raises what asking WordPress raises."""
        unit = self._units.current
        if unit is None or not self._present or dispatch.silent(unit, f"action_scheduler_{event}"):
            return
        params: dict[str, Any] = {"event": event, "context": CONTEXT, **more}
        if due is not None:
            params["action_id"] = due.action_id
        with host_context.bind(unit):
            unit.call("queue.notify", params)

    def tell(self, event: str, due: Due | None, **more: Any) -> None:
        """As :meth:`notify`, after the fact: what listeners do wrong changes nothing any more."""
        try:
            self.notify(event, due, **more)
        except SidecarError as error:
            logger.warning("action_scheduler_%s: %s", event, error.message)
            self._units.close()

    def deaf(self, event: str) -> bool:
        """Whether nobody will hear ``action_scheduler_{event}`` of the doorbell under way; known without
        asking.
        """
        unit = self._units.current
        if unit is None or not self._present:
            return True
        return not unit.opened and dispatch.listeners.known(LOADED, f"action_scheduler_{event}") is False

    @property
    def announced(self) -> bool:
        """Whether WordPress was told that the claim under way began."""
        return self._announced

    def finish(self) -> None:
        """The claim is over: tell WordPress, when it was told of the beginning.

        The unit stays: the next claim often holds the next step of the same job.
        """
        self._present = self._announced
        if self._announced:
            self.tell("after_process_queue", None)
        self._announced = False
