"""One request to PHP-FPM over FastCGI: the protocol's records, as far as one request needs them."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from sidecar.host.errors import HostUnavailable

VERSION = 1
BEGIN_REQUEST = 1
END_REQUEST = 3
PARAMS = 4
STDIN = 5
STDOUT = 6
STDERR = 7
RESPONDER = 1
REQUEST_ID = 1

_HEADER = struct.Struct("!BBHHBx")
#: What of PHP's output is kept to explain a failure.
KEPT = 4000


def record(kind: int, content: bytes) -> bytes:
    """One record; content of at most 65535 bytes."""
    return _HEADER.pack(VERSION, kind, REQUEST_ID, len(content), 0) + content


def stream(kind: int, content: bytes) -> bytes:
    """Content as records of a stream, with the empty record that ends it."""
    parts = [record(kind, content[start : start + 65535]) for start in range(0, len(content), 65535)]
    return b"".join([*parts, record(kind, b"")])


def pairs(values: Mapping[str, str]) -> bytes:
    """Name-value pairs in FastCGI's own encoding."""

    def size(length: int) -> bytes:
        return bytes([length]) if length < 128 else struct.pack("!I", length | 0x80000000)

    encoded = bytearray()
    for name, value in values.items():
        key, text = name.encode(), value.encode()
        encoded += size(len(key)) + size(len(text)) + key + text
    return bytes(encoded)


def connect(address: str, timeout: float) -> socket.socket:
    """Connect to ``/path.sock``, ``unix:/path.sock`` or ``host:port``."""
    path = address.removeprefix("unix:")
    try:
        if path.startswith("/"):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(timeout)
            sock.connect(path)
            return sock
        host, _, port = path.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout)
    except (OSError, ValueError) as error:
        raise HostUnavailable(f"PHP-FPM does not answer at {address}: {error}.") from error


@dataclass
class Request:
    """A request under way. PHP's output is read by a thread, or PHP would block on it."""

    sock: socket.socket
    output: bytearray = field(default_factory=bytearray)
    done: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(cls, address: str, params: Mapping[str, str], timeout: float = 5.0) -> Request:
        """Send a request without a body."""
        request = cls(connect(address, timeout))
        try:
            request.sock.sendall(
                record(BEGIN_REQUEST, struct.pack("!HB5x", RESPONDER, 0))
                + stream(PARAMS, pairs(params))
                + record(STDIN, b"")
            )
        except OSError as error:
            request.sock.close()
            raise HostUnavailable(f"PHP-FPM hung up at {address}: {error}.") from error
        request.sock.settimeout(None)
        threading.Thread(target=request._read, name="fastcgi", daemon=True).start()
        return request

    def text(self) -> str:
        """What PHP said so far: headers, output and errors, shortened."""
        return self.output.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Hang up; wakes the reader."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def _read(self) -> None:
        try:
            while True:
                _, kind, _, length, padding = _HEADER.unpack(self._exactly(_HEADER.size))
                content = self._exactly(length)
                self._exactly(padding)
                if kind in {STDOUT, STDERR}:
                    self.output += content[: max(0, KEPT - len(self.output))]
                elif kind == END_REQUEST:
                    return
        except (OSError, EOFError):
            return
        finally:
            self.done.set()

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            more = self.sock.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data
