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

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(count: int, work: Callable[[], int]) -> int:
    """Fork ``count`` children that run ``work``; their highest exit code. TERM and INT are passed on."""
    children: set[int] = set()

    def pass_on(number: int, _frame: FrameType | None) -> None:
        for child in children:
            try:
                os.kill(child, number)
            except ProcessLookupError:
                continue

    # A signal that comes meanwhile waits: otherwise it would end this process and leave children behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        for _ in range(count):
            children.add(_fork(work))
        for number in SIGNALS:
            signal.signal(number, pass_on)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
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
        for number in SIGNALS:
            # Until the work has a handler of its own: there is nothing to finish yet.
            signal.signal(number, lambda *_: os._exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        code = work()
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's stack
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
