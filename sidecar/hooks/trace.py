"""`DATAMACHINE_TRACE_HOOKS=1`: each hook, its time, and who answered, one line each on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.hooks.callbacks import Callback

VARIABLE = "DATAMACHINE_TRACE_HOOKS"

#: Read once: the hook path must not look at the environment.
enabled = os.environ.get(VARIABLE, "") not in ("", "0")


def line(hook: str, seconds: float, who: str) -> None:
    """Print one event."""
    stamp = time.strftime("%H:%M:%S")
    print(f"{stamp} hook {hook} {seconds * 1e6:.0f} µs {who}", file=sys.stderr, flush=True)


@contextmanager
def callback(hook: str, subscribed: Callback) -> Iterator[None]:
    """Around one Python callback."""
    started = time.perf_counter()
    outcome = "failed in"
    try:
        yield
        outcome = "answered by"
    finally:
        line(hook, time.perf_counter() - started, f"{outcome} {subscribed.owner} ({subscribed.name})")


@contextmanager
def fired(hook: str, where: str) -> Iterator[None]:
    """Around one hook fired from Python; ``where`` says who decides the order (request, unit, python)."""
    started = time.perf_counter()
    try:
        yield
    finally:
        line(hook, time.perf_counter() - started, f"fired from Python, ran in {where}")
