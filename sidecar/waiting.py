"""Threads that wait for something to happen, and how many of them a process can bear."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Set when this process is about to end: whoever waits answers what he knows.
STOPPING = threading.Event()


class Seats:
    """At most so many wait at a time; others are told at once."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count) if count > 0 else None

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Whether there was a seat; it is free again after the block."""
        free = self._free
        if free is None or not free.acquire(blocking=False):
            yield False
            return
        try:
            yield True
        finally:
            free.release()
