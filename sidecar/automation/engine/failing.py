"""A step that fails: its job fails with it, unless a policy has it tried again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sidecar.automation import log
from sidecar.automation.engine import relay
from sidecar.automation.engine.ringing import StepScheduler
from sidecar.automation.jobs.retry_policy import STATE, RetryPolicy
from sidecar.automation.steps.base import StepRun
from sidecar.clock import Clock


def _told(context: Mapping[str, Any]) -> Any:
    keys = ("error_message", "ai_error", "exception_message")
    return next((context[key] for key in keys if context.get(key)), None)


class RetryScheduled(Exception):
    """The step has failed and is tried again later: nothing else may be made of it now."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"tried again in {seconds:g} s")
        self.seconds = seconds


class Failing:
    """Where every step that cannot go on ends."""

    def __init__(self, scheduler: StepScheduler, clock: Clock) -> None:
        self._scheduler = scheduler
        self._clock = clock

    def fail(self, run: StepRun, code: str, context: Mapping[str, Any], *, cause: str = "") -> None:
        """Fire ``datamachine_fail_job``, or raise :class:`RetryScheduled`.

        A job that is tried again stays ``processing`` and keeps what it has claimed and its packets.
        ``cause``: the code of the error behind it, where that says more than ``context`` does.
        """
        reason = cause or str(context.get("reason") or code)
        seconds = RetryPolicy.next(run, reason)
        if seconds is None:
            relay.fire("datamachine_fail_job", run.job_id, code, dict(context))
            return
        now = self._clock.now()
        message = str(_told(context) or reason)
        entry = RetryPolicy.entry(run, seconds, message, now)
        self._scheduler.again(run, now + timedelta(seconds=seconds), entry)
        log.warning("Step failed and is tried again", run.about(reason=reason, **entry[STATE]))
        raise RetryScheduled(seconds)
