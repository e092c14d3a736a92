"""One JSON object a line: how the host process talks to its clients and to its zygotes.

Only bookkeeping travels here, a few messages a unit. Calls into WordPress use the bridge channel.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

import msgspec

#: Far above any message; what is longer is not ours.
LIMIT = 4 * 1024 * 1024


class LineSocket:
    """A socket of JSON lines. One reader; any number of writers."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._pending = bytearray()
        self._writing = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Write one message; OSError when the peer is gone."""
        with self._writing:
            self.sock.sendall(msgspec.json.encode(message) + b"\n")

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next message, None at the end of file; TimeoutError when none came in time."""
        while True:
            line, found, rest = self._pending.partition(b"\n")
            if found:
                self._pending = bytearray(rest)
                message = msgspec.json.decode(bytes(line))
                if not isinstance(message, dict):
                    raise ValueError("A message of the host is a JSON object.")
                return message
            if len(self._pending) > LIMIT:
                raise ValueError("A message of the host is longer than its limit.")
            self.sock.settimeout(timeout)
            try:
                chunk = self.sock.recv(65536)
            except ConnectionResetError:
                return None
            if not chunk:
                return None
            self._pending += chunk

    def close(self) -> None:
        """Hang up; wakes a reader in another thread."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
