"""Several workers of one command: children that die with their parent's TERM and are reported by its exit
code.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType


def run(count: int, work: Callable[[], int]) -> int:
    """Fork ``count`` children that run ``work``; their highest exit code. TERM and INT are passed on."""
    children = {_fork(work) for _ in range(count)}

    def pass_on(number: int, _frame: FrameType | None) -> None:
        for child in children:
            try:
                os.kill(child, number)
            except ProcessLookupError:
                continue

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    worst = 0
    while children:
        child, status = os.wait()
        if child in children:
            children.discard(child)
            code = os.waitstatus_to_exitcode(status)
            worst = max(worst, code if code >= 0 else 128 - code)
    return worst


def _fork(work: Callable[[], int]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        code = work()
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's stack
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
