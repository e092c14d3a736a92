"""Being told to stop, by a signal."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType


class Stop:
    """A flag that a signal handler may set at any moment, and that one thread can wait for.

    ``threading.Event`` is not made for that: a handler runs in the main thread, between any two instructions,
    also inside ``Event.wait`` and (a second signal) inside ``Event.set``. There it would wait for ever for
    the lock that its own thread holds. This one has no lock.
    """

    def __init__(self) -> None:
        self._told = False
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def on(self, *numbers: signal.Signals) -> None:
        """Set the flag when one of these signals arrives. Main thread only."""
        for number in numbers:
            signal.signal(number, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.set()

    def set(self) -> None:
        """From a signal handler or any thread; again is harmless."""
        self._told = True
        try:
            os.write(self._writing, b"x")
        except BlockingIOError:  # full: whoever waits is woken already
            return

    def is_set(self) -> bool:
        """Whether this process was told to stop."""
        return self._told

    def wait(self, seconds: float | None = None) -> bool:
        """Sleep until told, at most ``seconds``; whether told."""
        if not self._told:
            waiting = select.poll()
            waiting.register(self._reading, select.POLLIN)
            waiting.poll(None if seconds is None else max(0.0, seconds) * 1000)
        return self._told
