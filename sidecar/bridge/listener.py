"""Accepting connections: threads that wait together, each serving the connection it accepted."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection

from sidecar.bridge import handshake
from sidecar.bridge.channel import Channel
from sidecar.bridge.context import Handler
from sidecar.bridge.errors import HandshakeFailed
from sidecar.bridge.frames import MAX_FRAME_TO_PYTHON, FrameStream
from sidecar.bridge.watcher import Watcher
from sidecar.errors import SidecarError

#: Threads that wait for a connection while others serve.
SPARE = 4
#: Connections one process serves at once; more wait in the socket's queue.
MOST = 64
#: How long a thread waits for a connection before it looks whether to stop: a timeval of half a second.
_ACCEPT_WAIT = struct.pack("ll", 0, 500_000)

log = logging.getLogger("datamachine.bridge")


class Listener:
    """Serves one listening socket in this process, which others may share.

    There is no hand-over between threads: the one that accepts also does the handshake and serves, which
    keeps a first call short.
    """

    def __init__(
        self,
        sock: socket.socket,
        dispatch: Handler,
        *,
        secret_of: Callable[[str], bytes | None],
        uids: Collection[int],
        watcher: Watcher,
    ) -> None:
        """``uids``: the users that may connect. ``secret_of``: a site's secret by name, None if unknown."""
        # Threads wait in accept() itself: the kernel then wakes exactly one of all that share the socket,
        # where waiting in epoll woke every one. Now and then they look whether to stop.
        sock.setblocking(True)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _ACCEPT_WAIT)
        self._sock = sock
        self._dispatch = dispatch
        self._secret_of = secret_of
        self._uids = frozenset(uids)
        self._watcher = watcher
        self._lock = threading.Lock()
        self._idle = 0
        self._threads = 0
        self._stopping = False

    def start(self) -> None:
        """Begin accepting."""
        with self._lock:
            for _ in range(SPARE):
                self._spawn()

    def stop_accepting(self) -> None:
        """Wait for connections no more; those that exist go on.

        A thread that is waiting may still get one and serves it: :meth:`drain` waits for that, too.
        """
        self._stopping = True

    def drain(self, seconds: float) -> list[Channel]:
        """Close each connection once it is between calls; those still busy after ``seconds`` are returned."""
        self.stop_accepting()
        until = time.monotonic() + seconds
        while True:
            left = self._watcher.channels()
            for channel in left:
                channel.retire()
            with self._lock:
                busy = self._threads - self._idle
            if (not left and not busy) or time.monotonic() >= until:
                return left
            time.sleep(0.01)

    def _spawn(self) -> None:
        self._idle += 1
        self._threads += 1
        threading.Thread(target=self._run, name="bridge", daemon=True).start()

    def _run(self) -> None:
        while True:
            connection = self._accept()
            with self._lock:
                self._idle -= 1
                if connection is None:
                    self._threads -= 1
                    return
                if self._idle == 0 and self._threads < MOST:
                    self._spawn()
            try:
                self._serve(connection)
            except Exception:  # one connection's failure is not the others'
                log.exception("A connection broke")
            finally:
                connection.close()
            with self._lock:
                self._idle += 1
                if self._idle > SPARE:
                    self._idle -= 1
                    self._threads -= 1
                    return

    def _accept(self) -> socket.socket | None:
        while not self._stopping:
            try:
                return self._sock.accept()[0]
            except BlockingIOError:
                continue  # nobody came
            except OSError as error:
                log.warning("Cannot accept a connection: %s", error)
                time.sleep(0.1)
        return None

    def _serve(self, connection: socket.socket) -> None:
        stream = FrameStream(connection, handshake.MAX_HELLO)
        try:
            handshake.check_peer(connection, self._uids)
            offer = handshake.Offer(stream, self._secret_of, time.monotonic() + handshake.SERVER_SECONDS)
            # The client verifies us now: time to prepare. Its first call comes with its proof.
            channel = Channel(stream, self._dispatch)
            stream.look_longer()
            offer.verify()
        except HandshakeFailed as error:
            log.warning("A connection was refused: %s", error)
            return
        except SidecarError as error:
            log.info("A handshake did not end: %s", error)
            return
        stream.limit = MAX_FRAME_TO_PYTHON
        number = self._watcher.watch(channel)
        try:
            channel.serve()
        finally:
            self._watcher.forget(number, channel)
