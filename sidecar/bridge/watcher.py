"""One thread a process that sees hang-ups at once and callbacks that do not end."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Callable

from sidecar.bridge.channel import Channel
from sidecar.bridge.context import Call

#: How often long calls are looked for, in seconds.
TICK = 0.25

log = logging.getLogger("datamachine.bridge")


class Watcher:
    """Watches the connections of this process.

    A hang-up sets the channel's cancel token while its thread is still busy in a handler. A call past twice
    its deadline is reported once to ``overdue``.
    """

    def __init__(self, overdue: Callable[[Channel, Call], None]) -> None:
        self._overdue = overdue
        self._epoll = select.epoll()
        self._watched: dict[int, Channel] = {}
        self._reported: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bridge-watcher", daemon=True)

    def start(self) -> None:
        """Begin watching."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; it looks at least every :data:`TICK`, however late a busy machine lets it."""
        self._stop.set()
        self._thread.join()
        self._epoll.close()

    def watch(self, channel: Channel) -> int:
        """Watch a channel until :meth:`forget` is called with the number returned."""
        number = channel.sock.fileno()
        self._watched[number] = channel
        # Only the hang-up: without EPOLLIN, ordinary traffic never wakes this thread.
        self._epoll.register(number, select.EPOLLRDHUP | select.EPOLLONESHOT)
        return number

    def forget(self, number: int, channel: Channel) -> None:
        """Stop watching; its descriptor may have been closed and given to another connection already."""
        if self._watched.get(number) is channel:
            self._watched.pop(number, None)

    def channels(self) -> list[Channel]:
        """The connections of this process."""
        return list(self._watched.values())

    def _run(self) -> None:
        looked = time.monotonic()
        while not self._stop.is_set():
            for number, _ in self._epoll.poll(TICK):
                channel = self._watched.get(number)
                if channel is not None and _has_hung_up(channel):
                    channel.hung_up()
            now = time.monotonic()
            if now - looked >= TICK:
                looked = now
                self._look(now)

    def _look(self, now: float) -> None:
        for channel in self.channels():
            call = channel.innermost
            if call is None or call.deadline is None or now <= 2 * call.deadline - call.started:
                continue
            if id(call) not in self._reported:
                self._reported.add(id(call))
                self._overdue(channel, call)


def _has_hung_up(channel: Channel) -> bool:
    """Ask again: the event may belong to a connection that had this descriptor before."""
    poll = select.poll()
    try:
        poll.register(channel.sock, select.POLLRDHUP)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True
