"""Frames: a 4-byte big-endian length, then that many bytes. One write and, mostly, one read each."""

from __future__ import annotations

import select
import socket
from time import monotonic

from sidecar.bridge.errors import ConnectionLost, FrameTooLarge, ProtocolError
from sidecar.errors import DeadlineExceeded

#: A larger frame than this is an uncatchable fatal in PHP; larger values travel in chunks.
MAX_FRAME_TO_PHP = 1 << 20
#: Python can take more, but not anything.
MAX_FRAME_TO_PYTHON = 64 << 20
#: Once its first byte is there, a frame must be complete within this many seconds.
FRAME_SECONDS = 30.0

_READ = 16 << 10
# As plain integers: combining the enums would cost a microsecond a frame.
_NOW = int(socket.MSG_DONTWAIT)
_SEND_NOW = int(socket.MSG_DONTWAIT) | int(socket.MSG_NOSIGNAL)
#: Seconds to look for bytes before going to sleep. On an idle virtual machine being woken costs 20 to 25 µs,
#: each way, and looking saves that. On a busy one looking only takes the processor from the peer (measured:
#: 124 µs a round trip instead of 12), so each look in vain lets more waits pass before the next.
_LOOK = 50e-6
#: The same where the peer is known to be at work on exactly what is waited for: the end of a handshake.
_LOOK_LONGER = 200e-6
_FIRST_SKIPPED, _MOST_SKIPPED = 8, 32


class FrameStream:
    """Frames on a connected stream socket, with absolute deadlines on ``time.monotonic``.

    Not safe for two threads, and not usable after an exception: the stream is out of step.
    """

    __slots__ = ("_in_vain", "_look_for", "_pending", "_recv", "_send", "_skip", "limit", "sock")

    def __init__(self, sock: socket.socket, limit: int = MAX_FRAME_TO_PYTHON) -> None:
        sock.setblocking(True)
        self.sock = sock
        self.limit = limit
        self._pending = b""
        self._skip = 0
        self._look_for = _LOOK
        self._in_vain = 0
        self._recv = sock.recv
        self._send = sock.send

    def write(self, payload: bytes, deadline: float | None = None) -> None:
        """Send one frame; DeadlineExceeded or ConnectionLost."""
        data = len(payload).to_bytes(4, "big") + payload
        try:
            sent = self._send(data, _SEND_NOW)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise ConnectionLost("The other side hung up.") from error
        if sent != len(data):
            self._write_rest(memoryview(data)[sent:], deadline)

    def _write_rest(self, rest: memoryview, deadline: float | None) -> None:
        while rest:
            self._wait(select.POLLOUT, deadline)
            try:
                rest = rest[self._send(rest, _SEND_NOW) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise ConnectionLost("The other side hung up.") from error

    def read(self, deadline: float | None = None) -> bytes | None:
        """The next frame's payload; None at an orderly end of the stream.

        DeadlineExceeded, ConnectionLost (an end inside a frame) or FrameTooLarge, judged from the length.
        """
        data = self._pending
        if data:
            self._pending = b""
        else:
            data = self._receive(deadline)
            if not data:
                return None
        if len(data) >= 4:
            size = int.from_bytes(data[:4], "big")
            if len(data) == size + 4:
                return data[4:]
        return self._complete(data, deadline)

    def _complete(self, data: bytes, deadline: float | None) -> bytes:
        latest = monotonic() + FRAME_SECONDS
        deadline = latest if deadline is None or deadline > latest else deadline
        while len(data) < 4:
            data += self._more(deadline)
        size = int.from_bytes(data[:4], "big")
        if size > self.limit:
            raise FrameTooLarge(f"A frame of {size} bytes is larger than {self.limit}.")
        if size == 0:
            raise ProtocolError("An empty frame.")
        end = size + 4
        if len(data) < end:
            parts = [data]
            have = len(data)
            while have < end:
                more = self._more(deadline)
                parts.append(more)
                have += len(more)
            data = b"".join(parts)
        self._pending = data[end:]
        return data[4:end]

    def _more(self, deadline: float) -> bytes:
        data = self._receive(deadline)
        if not data:
            raise ConnectionLost("The other side hung up inside a frame.")
        return data

    def _receive(self, deadline: float | None) -> bytes:
        try:
            if self._skip:
                self._skip -= 1
            else:
                data = self._look()
                if data is not None:
                    return data
            return self._recv(_READ) if deadline is None else self._receive_until(deadline)
        except OSError as error:
            raise ConnectionLost("The connection broke.") from error

    def look_longer(self) -> None:
        """The next look may take longer than others."""
        self._look_for = _LOOK_LONGER

    def _look(self) -> bytes | None:
        recv = self._recv
        until = monotonic() + self._look_for
        self._look_for = _LOOK
        while monotonic() < until:
            try:
                data = recv(_READ, _NOW)
            except BlockingIOError:
                continue
            self._in_vain = 0
            return data
        self._in_vain = min(2 * self._in_vain or _FIRST_SKIPPED, _MOST_SKIPPED)
        self._skip = self._in_vain
        return None

    def _receive_until(self, deadline: float) -> bytes:
        while True:
            self._wait(select.POLLIN, deadline)
            try:
                return self._recv(_READ, _NOW)
            except BlockingIOError:
                continue

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self.sock, event)
        left = None if deadline is None else max(0.0, deadline - monotonic()) * 1000
        if not poll.poll(left):
            raise DeadlineExceeded("The other side did not answer in time; the outcome is unknown.")
