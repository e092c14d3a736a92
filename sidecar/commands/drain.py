"""Waiting for jobs that a command has started, as long as an operator is willing to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextvars import Context

from sidecar import blog, queue
from sidecar.automation import JobsService
from sidecar.bridge import check
from sidecar.identity import Principal
from sidecar.queue.worker import Worker
from sidecar.runtime import Runtime

#: Seconds until the command returns although jobs still run.
PATIENCE = 300.0
#: Seconds between looks at the jobs.
PAUSE = 0.1


def drain(runtime: Runtime, principal: Principal, job_ids: Sequence[int]) -> list[int]:
    """Let workers do what is due until these jobs have ended or wait; those that still run after PATIENCE.

    Without a worker on this machine the due steps are done here, by a worker that ends when nothing is due.
    """
    if not queue.wake(runtime.site.run_dir):
        # A context of its own: the worker's units must not be taken for the process that waits for us.
        alone = Context()
        alone.run(blog.set_current, blog.current())
        alone.run(Worker(runtime, once=True).work)
    end = time.monotonic() + PATIENCE
    jobs = runtime.get(JobsService)
    running = list(jobs.unfinished(principal, job_ids))
    while running and time.monotonic() < end:
        check()
        time.sleep(PAUSE)
        running = list(jobs.unfinished(principal, running))
    return running
