"""The native command line without its start: it is imported once, and forked for every command.

``python dev/forking.py DESCRIPTOR`` takes requests from a socket (see :mod:`dev.native`) and answers each
from a child of its own, which runs ``sidecar.cli.main`` and ends as a Python process does. Most of what a
test of a command costs is importing the package again.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
import types
from typing import Any


def _import() -> None:
    """What a command line imports, none of which starts anything."""
    from sidecar import runtime

    importlib.import_module("sidecar.commands.native").commands()
    for package in runtime.PACKAGES:
        importlib.import_module(f"sidecar.{package}.wiring")
    importlib.import_module("sqlalchemy.dialects.mysql.pymysql")
    gc.freeze()


class Server:
    """Forks a child a request; the child leaves :meth:`serve` with what it is to run."""

    def __init__(self, listening: socket.socket) -> None:
        self._requests = listening
        #: Children by the descriptor that tells their end, with their pid and where to write its status.
        self._children: dict[int, tuple[int, int]] = {}

    def serve(self) -> dict[str, Any] | None:
        """Until nobody can ask any more (None); in a child its request, with the descriptors in place."""
        poll = select.poll()
        poll.register(self._requests, select.POLLIN)
        while True:
            for ready, _ in poll.poll():
                if ready in self._children:
                    poll.unregister(ready)
                    self._ended(ready)
                    continue
                _, descriptors, _, _ = socket.recv_fds(self._requests, 1, 5)
                if not descriptors:
                    return None
                *streams, told, text = descriptors
                pid = os.fork()
                if pid == 0:
                    return self._become(streams, told, text)
                os.write(told, pid.to_bytes(4, "little"))
                for each in (*streams, text):
                    os.close(each)
                watched = os.pidfd_open(pid)
                self._children[watched] = pid, told
                poll.register(watched, select.POLLIN)

    def _ended(self, watched: int) -> None:
        pid, told = self._children.pop(watched)
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(BrokenPipeError):  # who asked has given up
            os.write(told, os.waitstatus_to_exitcode(status).to_bytes(4, "little", signed=True))
        os.close(told)
        os.close(watched)

    def _become(self, streams: list[int], told: int, text: int) -> dict[str, Any]:
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        os.lseek(text, 0, os.SEEK_SET)
        with open(text, "rb") as file:
            request: dict[str, Any] = json.load(file)
        for descriptor in (*streams, told, *(each for _, each in self._children.values()), *self._children):
            os.close(descriptor)
        self._requests.close()
        return request


def _run(request: dict[str, Any]) -> None:
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    _renew_streams()
    sys.argv = request["words"]
    sys.path[0] = os.path.dirname(sys.argv[0])
    # Nothing of this file is to be seen in what the command says of itself.
    sys.modules["__main__"] = types.ModuleType("__main__")
    importlib.import_module("sidecar.cli").main()


def _renew_streams() -> None:
    """Python's objects for the three descriptors: those of before know what kind of file was there."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old: io.TextIOWrapper = getattr(sys, name)
        raw = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115  (the process's own)
        new = io.TextIOWrapper(
            raw, old.encoding, old.errors, line_buffering=number == 2, write_through=old.write_through
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as Python begins
    _import()
    with socket.socket(fileno=int(sys.argv[1])) as _asking:
        _request = Server(_asking).serve()
    if _request is not None:
        _run(_request)
