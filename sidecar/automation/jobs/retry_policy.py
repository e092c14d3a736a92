"""Whether a step that failed is tried again, and when.

A policy is ``{"max_attempts": n, "backoff": seconds, "factor": f}`` under ``retry_policy`` of a flow step,
else of the flow's ``scheduling_config``: ``n`` attempts in all, the second after ``backoff`` seconds and
each later one after a pause ``f`` times as long. Without a policy a step is not tried again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from sidecar.automation.steps.base import StepRun, number
from sidecar.automation.values import Document, document
from sidecar.clock import mysql
from sidecar.errors import InvalidInput

#: Where a policy stands in a flow step and in a schedule, and its state in the engine data of a job.
KEY: Final = "retry_policy"
STATE: Final = "retry"
ATTEMPTS: Final = 20
BACKOFF: Final = 60.0
FACTOR: Final = 2.0
#: No pause is longer: a week.
LONGEST: Final = 604_800.0
#: Characters of the last error that are kept.
ERROR: Final = 500

#: What no further attempt can mend.
FINAL_REASONS: Final = frozenset({
    "agent_deleted",
    "agent_not_found",
    "agent_owner_forbidden",
    "agent_owner_missing",
    "ai_provider_missing",
    "datamachine_content_format_bfb_missing",
    "handler_not_found",
    "handler_unavailable",
    "invalid_execution_plan",
    "invalid_handler_setting",
    "missing_flow_id_in_step_config",
    "missing_step_type_in_flow_step_config",
    "next_step_not_scheduled",
    "no_ai_step_before_publish",
    "no_ai_step_before_upsert",
    "no_first_step",
    "publish_forbidden",
    "required_handler_tool_unavailable",
    "rest_forbidden",
    "step_given_up",
    "step_type_not_available",
    "step_type_not_found",
    "step_type_not_found_in_registry",
    "system_task_missing_task_type",
    "system_task_unknown_type",
    "unknown_handler_fields",
    "update_forbidden",
    "webhook_gate_timeout",
})  # fmt: skip


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often a step is tried, and how long the pauses are."""

    #: Attempts in all; 1 is no retry.
    max_attempts: int = 1
    #: Seconds before the second attempt.
    backoff: float = BACKOFF
    #: By what each later pause is longer than the one before.
    factor: float = FACTOR

    @classmethod
    def of(cls, run: StepRun) -> RetryPolicy:
        """The policy of the step, else of the flow as the job's snapshot has it, else none."""
        schedule = document(run.engine.map("flow").get("scheduling"))
        for place in (run.config, schedule):
            given = place.get(KEY)
            if isinstance(given, Mapping):
                return cls.read(given)
        return cls()

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> RetryPolicy:
        """A stored policy; values that are none count as the defaults, too large ones as the largest."""
        attempts = _number(given.get("max_attempts"), 1.0)
        return cls(
            max_attempts=int(min(max(attempts, 1.0), ATTEMPTS)),
            backoff=min(max(_number(given.get("backoff"), BACKOFF), 0.0), LONGEST),
            factor=max(_number(given.get("factor"), FACTOR), 1.0),
        )

    def pause(self, attempt: int) -> float:
        """Seconds between the ``attempt``-th attempt (1 is the first) and the one after it."""
        try:
            seconds = self.backoff * self.factor ** max(attempt - 1, 0)
        except OverflowError:
            seconds = LONGEST
        return min(seconds, LONGEST)

    @classmethod
    def next(cls, run: StepRun, reason: str) -> float | None:
        """Seconds until a step that just failed is tried again; None when its job fails now."""
        policy, made = cls.of(run), attempts(run)
        if reason in FINAL_REASONS or made >= policy.max_attempts:
            return None
        return policy.pause(made)

    @classmethod
    def entry(cls, run: StepRun, seconds: float, error: str, now: datetime) -> Document:
        """What to merge into the job's engine data before its doorbell is rung for ``now + seconds``.

        ``{retry: {flow_step_id, attempt, max_attempts, next_at, last_error}}``: ``attempt`` is the one that
        is due, ``next_at`` UTC.
        """
        return {
            STATE: {
                "flow_step_id": run.flow_step_id,
                "attempt": attempts(run) + 1,
                "max_attempts": cls.of(run).max_attempts,
                "next_at": mysql(now + timedelta(seconds=seconds)),
                "last_error": error[:ERROR],
            }
        }


def attempts(run: StepRun) -> int:
    """Which attempt at its step this run is: 1 is the first."""
    state = run.engine.map(STATE)
    if state.get("flow_step_id") != run.flow_step_id:
        return 1
    return max(number(state.get("attempt")), 1)


def parse(given: Any) -> Document:
    """A policy as it is stored; InvalidInput ``invalid_retry_policy`` says what is wrong with it."""
    if not isinstance(given, Mapping):
        raise _wrong("it must be an object")
    unknown = sorted(str(key) for key in given if key not in ("max_attempts", "backoff", "factor"))
    if unknown:
        raise _wrong(f"unknown key {unknown[0]}")
    attempts_given = _within(given, "max_attempts", 1, ATTEMPTS)
    if attempts_given is None or attempts_given != int(attempts_given):
        raise _wrong(f"max_attempts must be a whole number from 1 to {ATTEMPTS}")
    found: Document = {"max_attempts": int(attempts_given)}
    for key, least, most in (("backoff", 0.0, LONGEST), ("factor", 1.0, 100.0)):
        value = _within(given, key, least, most)
        if value is not None:
            found[key] = int(value) if value == int(value) else value
    return found


def _within(given: Mapping[str, Any], key: str, least: float, most: float) -> float | None:
    if given.get(key) is None:
        return None
    value = _number(given[key], math.nan)
    if not least <= value <= most:
        raise _wrong(f"{key} must be between {least:g} and {most:g}")
    return value


def _number(value: Any, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return default
    return found if math.isfinite(found) else default


def _wrong(what: str) -> InvalidInput:
    return InvalidInput(f"Invalid retry policy: {what}.", code="invalid_retry_policy")
