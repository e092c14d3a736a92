"""Waking idle workers: one datagram socket a worker in the run folder, an empty datagram means "look now".

Losing a wake-up costs at most one poll interval; nothing else depends on it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import select
import socket
from pathlib import Path
from typing import Self

from sidecar import blog

#: Names of the workers' sockets in the run folder begin so; the PHP side knows it too. The blog follows.
NAME = "work-"


_run_dir: list[str] = []


def configure(run_dir: str | os.PathLike[str]) -> None:
    """The run folder of this process's site, for :func:`nudge`."""
    _run_dir[:] = [os.fspath(run_dir)]


def nudge() -> None:
    """Wake the workers of this process's site."""
    for folder in _run_dir:
        wake(folder)


def wake(run_dir: str | os.PathLike[str]) -> int:
    """Tell every worker of the current blog that something is due; how many heard it."""
    heard = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in Path(run_dir).glob(f"{NAME}{blog.current()}-*.sock"):
            try:
                sender.sendto(b"", str(path))
                heard += 1
            except OSError as error:
                # A full buffer means that the worker has wake-ups waiting already.
                if error.errno in {errno.EAGAIN, errno.ENOBUFS}:
                    heard += 1
                elif error.errno == errno.ECONNREFUSED:
                    path.unlink(missing_ok=True)
    return heard


class Alarm:
    """The worker's end; also woken by the process itself (signals) through :meth:`ring`."""

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        folder = Path(run_dir)
        self._path = folder / f"{NAME}{blog.current()}-{os.getpid()}-{secrets.token_hex(2)}.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        folder.mkdir(parents=True, exist_ok=True)
        self._socket.bind(str(self._path))
        # The folder belongs to the sidecar and the PHP pool's group; PHP rings too.
        with contextlib.suppress(PermissionError):  # not root: the socket has our own group
            os.chown(self._path, -1, folder.stat().st_gid, follow_symlinks=False)
        self._path.chmod(0o660)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ring(self) -> None:
        """From a signal handler or another thread of this process."""
        # No file to be had is no reason to stop whatever the handler came in between.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(b"", str(self._path))

    def wait(self, seconds: float) -> bool:
        """Sleep until woken, at most ``seconds``; True when woken."""
        # Not select(): a process with more than a thousand files open has none of its file numbers left.
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        if not waiting.poll(max(0.0, seconds) * 1000):
            return False
        while True:
            try:
                self._socket.recv(1)
            except BlockingIOError:
                return True

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)
