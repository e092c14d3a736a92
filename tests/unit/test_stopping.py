"""A process that is told to stop twice, in the middle of anything, stops."""

from __future__ import annotations

import subprocess
import sys
import time

from sidecar.stopping import Stop

_TOLD_A_THOUSAND_TIMES = """
import os, signal, threading
from sidecar.stopping import Stop

stop = Stop()
stop.on(signal.SIGTERM, signal.SIGINT)

def tell():
    for _ in range(1000):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=tell).start()
while not stop.wait(0.001):
    pass
for _ in range(2000):
    stop.set()
    stop.wait(0.001)
print("stopped")
"""


def test_signals_inside_signals_lock_nothing_up() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _TOLD_A_THOUSAND_TIMES],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.stdout, run.returncode) == ("stopped\n", 0), run.stderr


def test_waiting_ends_with_the_time_or_when_told() -> None:
    stop = Stop()
    began = time.monotonic()
    assert stop.wait(0.05) is False
    assert time.monotonic() - began >= 0.05
    assert stop.wait(0) is False
    stop.set()
    assert stop.is_set()
    assert stop.wait() is True
