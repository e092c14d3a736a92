"""``datamachine up``: start every kind of process, keep them running, stop them together."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sidecar import blog as blogs
from sidecar import logs, processes, setup
from sidecar.bridge import server as bridge
from sidecar.errors import Conflict, SidecarError
from sidecar.lockfile import open_lock
from sidecar.settings import Site

log = logging.getLogger("datamachine.supervisor")

#: In the order they start; stopping goes the other way round, so that work ends while its host still serves.
KINDS = ("host", "bridge", "http", "work")
#: A process that ran this long has recovered; its next failure counts as the first.
STABLE_SECONDS = 30.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
#: A worker finishes its step on TERM; after this many seconds a process is killed.
STOP_SECONDS = 60.0


@dataclass
class Child:
    """One process of one kind."""

    kind: str
    number: int
    blog: int = blogs.MAIN
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    start_at: float = 0.0
    failures: int = field(default=0)

    @property
    def name(self) -> str:
        number = f"-{self.number}" if self.number else ""
        return self.kind + number + (f" of blog {self.blog}" if self.blog != blogs.MAIN else "")


class Supervisor:
    """Restarts what ends, with a pause that grows while it keeps failing."""

    def __init__(self, site: Site, config: str, kinds: tuple[str, ...] = KINDS) -> None:
        self._site = site
        self._config = config
        self._children = [
            Child(kind, number)
            for kind in kinds
            for number in range(site.work_processes if kind == "work" else 1)
        ]
        if "work" in kinds:
            self._children += [Child("work", 0, blog) for blog in site.work_blogs if blog != blogs.MAIN]
        self._stopping = False
        self._listeners: dict[str, socket.socket] = {}
        self._ready = False
        self._passed = False

    def run(self) -> int:
        """Until TERM or INT."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        lock = self._lock()
        # The socket outlives the bridge: while it restarts callers queue instead of being refused.
        passed = processes.passed_listener(self._site.socket)
        self._passed = passed is not None
        self._listeners["bridge"] = passed or bridge.open_socket(self._site)
        log.info("up: site %s, %s", self._site.name, ", ".join(child.name for child in self._children))
        began = time.monotonic()
        while not self._stopping:
            now = time.monotonic()
            for child in self._children:
                self._tend(child, now)
            if not self._ready and self._all_ready():
                self._ready = True
                log.info("up: ready after %.1f s", now - began)
                _notify("READY=1")
            time.sleep(0.1)
        _notify("STOPPING=1")
        with lock:
            return self._shut_down()

    def _lock(self) -> IO[bytes]:
        """One supervisor a site: a second one would take the socket from the first."""
        folder = Path(self._site.run_dir)
        if not folder.is_dir():  # gone with a reboot, where it lies in memory
            setup.make_run_dir(folder, setup.Owner(self._site.site_uid, self._site.site_gid, ""))
        file = open_lock(folder / "up.lock")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Conflict(
                f"Another `datamachine up` serves site {self._site.name} already.", code="already_running"
            ) from None
        return file

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _tend(self, child: Child, now: float) -> None:
        if child.process is None:
            if now >= child.start_at:
                self._start(child, now)
            return
        code = child.process.poll()
        if code is None:
            return
        ran = now - child.started
        if ran >= STABLE_SECONDS:
            child.pause = FIRST_PAUSE
            child.failures = 0
        child.failures += 1
        log.warning(
            "up: %s ended with %s after %.1f s, again in %.1f s", child.name, _reason(code), ran, child.pause
        )
        child.process = None
        child.start_at = now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _start(self, child: Child, now: float) -> None:
        environment = {**os.environ, processes.SUPERVISED: str(os.getpid())}
        command = [
            sys.executable,
            "-m",
            "sidecar.cli",
            "--config",
            self._config,
            "--site",
            self._site.name,
            "--blog",
            str(child.blog),
            child.kind,
        ]
        listener = self._listeners.get(child.kind)
        passed: tuple[int, ...] = ()
        if listener is not None:
            passed = (listener.fileno(),)
            environment[bridge.ENVIRONMENT] = str(listener.fileno())
        child.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, pass_fds=passed, start_new_session=True
        )
        child.started = now
        log.info("up: started %s, process %d", child.name, child.process.pid)

    def _all_ready(self) -> bool:
        if any(child.process is None or child.process.poll() is not None for child in self._children):
            return False
        kinds = {child.kind for child in self._children}
        sockets = [self._site.host_socket] if "host" in kinds else []
        if "http" in kinds and self._site.http.startswith("unix:"):
            sockets.append(self._site.http.removeprefix("unix:"))
        return all(os.path.exists(path) for path in sockets)

    def _shut_down(self) -> int:
        """TERM everybody but the host, whom their last units need; then the host."""
        log.info("up: stopping")
        failed = 0
        for group in (tuple(kind for kind in KINDS if kind != "host"), ("host",)):
            running = [
                child
                for child in self._children
                if child.kind in group and child.process and child.process.poll() is None
            ]
            for child in running:
                assert child.process is not None
                _signal_group(child.process.pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            for child in running:
                assert child.process is not None
                try:
                    child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.error("up: %s does not stop; killed", child.name)  # noqa: TRY400  (nothing to trace)
                    failed = 1
                _signal_group(child.process.pid, signal.SIGKILL)
                child.process.wait()
        for listener in self._listeners.values():
            listener.close()
        if not self._passed:  # one that systemd made stays: callers queue there until we are back
            with contextlib.suppress(OSError):
                os.unlink(self._site.socket)
        with contextlib.suppress(OSError):
            os.unlink(self._site.host_socket)  # a host that was killed left it, and those of its units
        processes.sweep(self._site)
        log.info("up: stopped")
        return failed


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _notify(state: str) -> None:
    """Tell systemd, if it asked."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        sock.send(state.encode())


def up(site: Site, config: str) -> int:
    """Run the supervisor; the exit code of ``datamachine up``."""
    logs.configure("up")
    try:
        return Supervisor(site, config).run()
    except SidecarError as error:
        log.error("up: %s", error.message)  # noqa: TRY400  (an expected failure needs no traceback)
        return error.exit_code
