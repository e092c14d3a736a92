"""Start servers in a process group of their own, and stop the whole group."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    """A running process group. ``process`` is None when it was started by an earlier command."""

    name: str
    pid: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the leader only."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def stop(self, *, grace: float = 15.0) -> None:
        """TERM the group, KILL what is left of it after ``grace`` seconds."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + grace
        while self._group_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(timeout=10)

    def _group_alive(self) -> bool:
        if self.process is not None:
            self.process.poll()
        try:
            os.killpg(self.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Server:
    """Start ``command`` as the leader of a new session, its output appended to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
        )
    return Server(name, process.pid, log, process)


def wait_until(
    ready: Callable[[], bool], *, what: str, seconds: float = 60.0, server: Server | None = None
) -> None:
    """Poll until ``ready()``; the log's tail explains a failure."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        if server is not None and not server.alive():
            break
        time.sleep(0.02)
    tail = ""
    if server is not None and server.log.exists():
        tail = "\n" + server.log.read_text(errors="replace")[-3000:]
    raise RuntimeError(f"{what} did not come up{tail}")


#: Ports that were given out, held until this process ends.
_held: list[socket.socket] = []


def free_port() -> int:
    """A loopback port that is free now, and given to nobody else while this process lives.

    A site has its port long before its server starts. Whoever reuses addresses, as servers do, may listen on
    a port that is bound and not listened on.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return int(holder.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
