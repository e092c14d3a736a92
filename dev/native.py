"""Runs commands of ``datamachine`` in children of one process that has imported it (:mod:`dev.forking`)."""

from __future__ import annotations

import contextlib
import io
import json
import os
import selectors
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev import paths

#: An interpreter looks at these when it starts, so a forked one cannot take them on.
_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_")


@dataclass
class Native:
    """One such process, started at the first command; it ends with this one, or by :meth:`close`."""

    _process: subprocess.Popen[bytes] | None = None
    _socket: socket.socket | None = None
    _starting: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def can(environment: Mapping[str, str]) -> bool:
        """Whether a command of this environment may be forked from a process of ours."""
        return all(
            environment.get(name) == os.environ.get(name)
            for name in {*environment, *os.environ}
            if name.startswith(_AT_START) and name != "PYTHONDONTWRITEBYTECODE"
        )

    def run(
        self, *words: str, environment: Mapping[str, str], stdin: str, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """As ``subprocess.run([datamachine, *words], capture_output=True, text=True, ...)``.

        ``timeout`` in seconds, after which the command is killed and ``TimeoutExpired`` raised.
        """
        command = [str(paths.VENV / "bin" / "datamachine"), *words]
        request = {"words": command, "environment": dict(environment), "folder": os.getcwd()}
        with contextlib.ExitStack() as opened:
            given = _file(opened, stdin.encode())
            asked = _file(opened, json.dumps(request).encode())
            pipes = [os.pipe() for _ in range(3)]
            reading = [opened.enter_context(open(each, "rb", buffering=0)) for each, _ in pipes]
            writing = [each for _, each in pipes]
            try:
                socket.send_fds(self._asking(), [b"x"], [given, *writing, asked])
            finally:
                for each in writing:
                    os.close(each)
            # First the pid; the command has begun.
            pid = int.from_bytes(os.read(reading[2].fileno(), 4), "little")
            said, complained, told = _read(reading, command, timeout, pid) if pid else (b"", b"", b"")
        if not told:
            raise RuntimeError(f"{command}: the process that forks commands is gone")
        code = int.from_bytes(told, "little", signed=True)
        return subprocess.CompletedProcess(command, code, _text(said), _text(complained))

    def _asking(self) -> socket.socket:
        with self._starting:
            if self._socket is None:
                # Each request is one byte with five descriptors, which a stream would not keep apart.
                self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with theirs:
                    self._process = subprocess.Popen(
                        [
                            paths.VENV / "bin" / "python",
                            Path(__file__).with_name("forking.py"),
                            str(theirs.fileno()),
                        ],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        pass_fds=(theirs.fileno(),),
                        start_new_session=True,
                    )
            return self._socket

    def close(self) -> None:
        """End the process; commands that run go on."""
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait(timeout=30)
            self._socket = self._process = None


def _file(opened: contextlib.ExitStack, content: bytes) -> int:
    file = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    file.write(content)
    file.seek(0)
    return file.fileno()


def _read(pipes: list[io.FileIO], command: list[str], timeout: float, pid: int) -> list[bytes]:
    """Everything until each pipe ends; after ``timeout`` seconds the command is killed."""
    parts = [bytearray() for _ in pipes]
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as waiting:
        for number, pipe in enumerate(pipes):
            waiting.register(pipe, selectors.EVENT_READ, number)
        while waiting.get_map():
            ready = waiting.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(command, timeout, bytes(parts[0]), bytes(parts[1]))
            for key, _ in ready:
                more = os.read(key.fd, 65536)
                if more:
                    parts[key.data] += more
                else:
                    waiting.unregister(key.fileobj)
    return [bytes(each) for each in parts]


def _text(said: bytes) -> str:
    return said.decode().replace("\r\n", "\n").replace("\r", "\n")
