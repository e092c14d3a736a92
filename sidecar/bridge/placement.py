"""Keep a thread on the CPU of the process it talks to.

A call is strictly alternating: one side runs while the other waits. On two CPUs each direction has to wake an
idle CPU, which costs 20 to 25 µs on a virtual machine; on one CPU a round trip takes a fifth of that (measured:
10 µs instead of 50). The scheduler does not find this out by itself, so the serving thread moves to where its
client is. A call that turns out to be long is let go again: it should run wherever there is room.
"""

from __future__ import annotations

import os
import socket
import struct
import threading

#: Set to ``0`` to leave placement to the scheduler.
ENVIRONMENT = "DATAMACHINE_BRIDGE_PLACEMENT"
#: A call that runs longer than this many seconds may run anywhere.
LONG_CALL = 0.02

_PROCESSOR = 36  # "processor" in /proc/PID/stat, counted from the field after the command's name


class Placement:
    """Where the thread of one connection runs. Does nothing where the system offers no way."""

    __slots__ = ("_calls", "_cpus", "_moved", "_next", "_stat", "_thread")

    def __init__(self, peer: socket.socket, cpus: frozenset[int]) -> None:
        """For the calling thread, which serves ``peer``; ``cpus`` are those this process may use."""
        self._cpus = cpus
        self._moved: int | None = None
        self._thread = threading.get_native_id()
        self._calls = 0
        self._next = 1
        self._stat = _open_stat(peer) if len(cpus) > 1 else -1

    def served(self, seconds: float) -> None:
        """A call has been answered, after so many seconds: look where the peer is, less and less often.

        The first look comes after the first answer, so that it costs nobody any waiting.
        """
        if self._stat < 0:
            return
        self._calls += 1
        if seconds > LONG_CALL:
            self.let_go()
            self._next = self._calls + 1
            return
        if self._calls >= self._next:
            self._next = self._calls * 4 if self._calls < 64 else self._calls + 64
            self._follow()

    def _follow(self) -> None:
        try:
            line = os.pread(self._stat, 1024, 0)
            cpu = int(line[line.rindex(b")") + 2 :].split()[_PROCESSOR])
            if cpu != self._moved and cpu in self._cpus:
                os.sched_setaffinity(0, {cpu})
                self._moved = cpu
        except (OSError, ValueError, IndexError):
            self.release()

    def let_go(self) -> None:
        """Let a thread in a long call run anywhere; from any thread."""
        if self._moved is not None:
            self._moved = None
            try:
                os.sched_setaffinity(self._thread, self._cpus)
            except OSError:
                pass  # the thread has ended

    def release(self) -> None:
        """Leave placement to the scheduler from now on; at the end of a connection."""
        self.let_go()
        if self._stat >= 0:
            os.close(self._stat)
            self._stat = -1


def enabled() -> bool:
    """Whether threads should move: Linux, and not switched off."""
    return hasattr(os, "sched_setaffinity") and os.environ.get(ENVIRONMENT, "1") != "0"


def _open_stat(peer: socket.socket) -> int:
    try:
        pid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        return os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC) if pid > 0 else -1
    except OSError:
        return -1
