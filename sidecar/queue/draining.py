"""Working the queue off: a worker that ends when nothing is due, or when its budget is used up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from sidecar.queue import overview
from sidecar.queue.claims import Only
from sidecar.queue.tally import Tally
from sidecar.queue.worker import LARGEST_CLAIM, Worker

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


class Budget(msgspec.Struct, frozen=True):
    """How much to do at most. 0 means no limit."""

    #: Doorbells.
    limit: int = 0
    #: Doorbells in one claim.
    batch_size: int = 25
    #: Seconds; the doorbell under way is finished.
    time_limit: float = 0
    #: Whether to wait for more when nothing is due.
    stay: bool = False


class Drained(msgspec.Struct, frozen=True):
    """What was done. ``stop_reason``: ``empty``, ``limit``, ``time_limit``, ``cancelled`` or ``inactive``."""

    tally: Tally
    stop_reason: str
    remaining: overview.Overview


def drain(
    runtime: Runtime, budget: Budget, *, only: Only | None = None, cancelled: Callable[[], bool] | None = None
) -> Drained:
    """Work in this thread, beside whatever workers there are: a doorbell is claimed by one of them only.

    ``only`` names the jobs to work for; ``cancelled`` is asked between doorbells. What is begun is ended.
    """
    tally = Tally()
    end = time.monotonic() + budget.time_limit if budget.time_limit else None
    limited = False
    if overview.read(runtime.db).mode != "inactive":
        worker = Worker(
            runtime,
            max_time=budget.time_limit or None,
            max_jobs=budget.limit or None,
            once=not budget.stay,
            largest_claim=budget.batch_size or LARGEST_CLAIM,
            only=only,
            tally=tally,
            until=cancelled,
        )
        worker.work()
        limited = worker.used_up
    left = overview.read(runtime.db)
    if left.mode == "inactive":
        reason = "inactive"
    elif cancelled is not None and cancelled():
        reason = "cancelled"
    elif limited:
        reason = "limit"
    elif end is not None and time.monotonic() >= end:
        reason = "time_limit"
    else:
        reason = "empty"
    return Drained(tally, reason, left)
