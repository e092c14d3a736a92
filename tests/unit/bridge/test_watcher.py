"""The thread that watches connections."""

from __future__ import annotations

import select
import threading
from typing import Any

from sidecar.bridge.watcher import TICK, Watcher


def test_it_has_ended_before_what_it_waits_with_is_closed() -> None:
    late = threading.Event()

    class Busy:
        """As on a machine that comes back to the thread later."""

        def __init__(self) -> None:
            self._epoll = select.epoll()

        def poll(self, seconds: float) -> list[Any]:
            late.set()
            threading.Event().wait(3 * TICK)
            return self._epoll.poll(seconds)

        def close(self) -> None:
            self._epoll.close()

    watcher = Watcher(lambda *_: None)
    watcher._epoll = Busy()  # type: ignore[assignment]
    watcher.start()
    assert late.wait(10)
    # A thread that polls what is closed ends with an exception, which fails this test.
    watcher.stop()
    assert not watcher._thread.is_alive()
