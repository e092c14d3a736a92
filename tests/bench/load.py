"""Requests to an HTTP server from several connections at once, by one thread that does little else."""

from __future__ import annotations

import re
import selectors
import socket
import statistics
import time
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
TIMEOUT = 60.0


@dataclass
class Load:
    """What came of it."""

    #: Requests answered with 200 within the measured time, and that time in seconds.
    answered: int
    seconds: float
    #: Milliseconds each of them took, in ascending order.
    taken: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.answered / self.seconds

    @property
    def p50(self) -> float:
        return statistics.median(self.taken)

    @property
    def p99(self) -> float:
        return self.taken[int(len(self.taken) * 0.99)]


class _Client:
    """One connection and the request that is under way on it."""

    def __init__(self, address: str | tuple[str, int], request: bytes) -> None:
        self._address = address
        self._request = request
        self.sock: socket.socket | None = None
        self._buffer = b""
        self._needed: int | None = None
        self._closes = False
        self.started = 0.0

    def send(self) -> bool:
        """Begin the next request; whether it needed a new connection."""
        fresh = self.sock is None
        if self.sock is None:
            family = socket.AF_UNIX if isinstance(self._address, str) else socket.AF_INET
            self.sock = socket.socket(family, socket.SOCK_STREAM)
            self.sock.settimeout(TIMEOUT)
        self._buffer, self._needed, self._closes = b"", None, False
        self.started = time.perf_counter()
        if fresh:
            self.sock.connect(self._address)
        self.sock.sendall(self._request)
        return fresh

    def read(self) -> bool:
        """Take what has arrived; whether the answer is complete. AssertionError unless it is a 200."""
        assert self.sock is not None
        piece = self.sock.recv(262144)
        self._buffer += piece
        if self._needed is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                head = self._buffer[:end]
                assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")), self._buffer[:600]
                length = _LENGTH.search(head)
                self._closes = _CLOSES.search(head) is not None
                self._needed = end + 4 + int(length[1]) if length else -1
        if self._needed is not None and self._needed >= 0:
            return len(self._buffer) >= self._needed
        assert piece or self._needed == -1, "the server hung up"
        return not piece

    def finish(self) -> bool:
        """Whether the connection is over with this answer."""
        return self._closes or self._needed == -1

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
            self.sock = None


def run(
    address: str | tuple[str, int], request: bytes, *, connections: int, seconds: float, warm: float = 1.0
) -> Load:
    """Ask again and again on ``connections`` connections for ``seconds``, after ``warm`` that do not count.

    A connection is kept where the server keeps it. AssertionError for any answer but 200.
    """
    selector = selectors.DefaultSelector()
    clients = [_Client(address, request) for _ in range(connections)]
    taken: list[float] = []

    def begin(client: _Client) -> None:
        if client.send():
            assert client.sock is not None
            selector.register(client.sock, selectors.EVENT_READ, client)

    try:
        for client in clients:
            begin(client)
        counted_from = time.perf_counter() + warm
        end = counted_from + seconds
        while True:
            ready = selector.select(TIMEOUT)
            assert ready, "no answer"
            for key, _ in ready:
                client = key.data
                if not client.read():
                    continue
                now = time.perf_counter()
                if counted_from <= now < end:
                    taken.append((now - client.started) * 1e3)
                if client.finish():
                    selector.unregister(client.sock)
                    client.close()
                if now >= end:
                    return Load(len(taken), seconds, sorted(taken))
                begin(client)
    finally:
        for client in clients:
            client.close()
        selector.close()


def request(path: str, host: str, **headers: str) -> bytes:
    """A GET request's bytes."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
