"""The queue: doorbells that WordPress can see, leases that say who works, workers, recovery.

``enqueue`` rings, ``current_run`` tells a handler about its attempt. Handlers are registered by the packages
that own the work, in ``runtime.queue_handlers[hook] = handler(args, run)``; this package knows none of them.
"""

from __future__ import annotations

from sidecar.queue.doorbells import CREATED, GROUP, enqueue, log, stored
from sidecar.queue.effects import NOT_DONE, OutcomeUnknown
from sidecar.queue.handlers import traits
from sidecar.queue.leases import LeaseLost, Timing
from sidecar.queue.run import Run, current_run
from sidecar.queue.schedules import Async, Cron, Interval, Single
from sidecar.queue.waking import wake

__all__ = [
    "CREATED",
    "GROUP",
    "NOT_DONE",
    "Async",
    "Cron",
    "Interval",
    "LeaseLost",
    "OutcomeUnknown",
    "Run",
    "Single",
    "Timing",
    "current_run",
    "enqueue",
    "log",
    "stored",
    "traits",
    "wake",
]
