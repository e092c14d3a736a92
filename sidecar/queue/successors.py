"""How a doorbell written inside a run's transaction reaches that run, without the two knowing each other."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.db import Session
    from sidecar.queue.arguments import Arguments
    from sidecar.queue.run import Run

current: ContextVar[Run | None] = ContextVar("datamachine_queue_run", default=None)


def announce(session: Session, hook: str, args: Arguments) -> None:
    """Advance the current run when ``hook`` and ``args`` name the next step of its own job."""
    run = current.get()
    if run is not None:
        run.rang(session, hook, args)
