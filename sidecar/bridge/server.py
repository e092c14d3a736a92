"""The bridge kind of process: one parent that holds the socket, and several that serve it."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.bridge import handshake
from sidecar.bridge.channel import Channel, by_method
from sidecar.bridge.context import Call, CallContext, Handler
from sidecar.bridge.frames import FrameStream
from sidecar.bridge.listener import Listener
from sidecar.bridge.watcher import Watcher
from sidecar.errors import Conflict
from sidecar.lockfile import open_lock
from sidecar.stopping import Stop

if TYPE_CHECKING:
    from sidecar.runtime import Runtime
    from sidecar.settings import Site

#: A listening socket inherited under this variable's number is used instead of one of our own.
ENVIRONMENT = "DATAMACHINE_BRIDGE_FD"
#: What systemd's socket activation passes first.
_SYSTEMD_FD = 3
_BACKLOG = 512
#: A rotated secret is seen after this many seconds.
_SECRET_SECONDS = 1.0
#: Calls under way get this long when a process ends.
DRAIN_SECONDS = 30.0
#: A process that lived shorter than this is not replaced at once.
_SHORT_LIFE = 2.0
#: How long a thread with work may keep another from the interpreter; Python's own default is ten times it.
_SWITCH_SECONDS = 0.0005

log = logging.getLogger("datamachine.bridge")


class BridgeRunning(Conflict):
    """Another process serves this site's bridge."""

    code = "bridge_already_running"


def serve(site: Site, runtime: Runtime, *, processes: int | None = None) -> int:
    """Serve a site's bridge until TERM or INT; the exit code.

    Call it from the main thread of a process without other threads and database connections: it forks. The
    socket is opened before, so that a process can be replaced while callers wait in its queue.
    """
    with _locked(site), _listening(site) as sock:
        workers = Workers(site, sock, runtime)
        return workers.run(processes if processes is not None else site.bridge_processes)


class Workers:
    """The serving processes, kept at their number."""

    def __init__(self, site: Site, sock: socket.socket, runtime: Runtime) -> None:
        self._site = site
        self._sock = sock
        self._runtime = runtime
        #: Processes that accept, with their start; those that only drain are in ``_leaving``.
        self._serving: dict[int, float] = {}
        self._leaving: set[int] = set()
        self._failures = 0
        self._not_before = 0.0

    def run(self, count: int) -> int:
        """Fork, reap, replace, until told to stop."""
        waited = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1}
        # Blocked, so that none is lost between two waits; the children unblock them again.
        signal.pthread_sigmask(signal.SIG_BLOCK, waited)
        gc.collect()
        gc.freeze()
        try:
            while True:
                while len(self._serving) < count and time.monotonic() >= self._not_before:
                    self._fork(waited)
                info = signal.sigtimedwait(waited, 0.5)
                if info is not None and info.si_signo in (signal.SIGTERM, signal.SIGINT):
                    return self._end()
                if info is not None and info.si_signo == signal.SIGUSR1 and info.si_pid in self._serving:
                    del self._serving[info.si_pid]
                    self._leaving.add(info.si_pid)
                self._reap()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, waited)

    def _fork(self, waited: set[signal.Signals]) -> None:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._serving[pid] = time.monotonic()
            return
        code = 1
        try:
            # Their default first: one that arrives now must end the process, not vanish.
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGUSR1):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, waited)
            code = Worker(self._site, self._sock, self._runtime, parent).run()
        except Exception:
            log.exception("A bridge process failed")
        finally:
            logging.shutdown()
            os._exit(code)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._leaving.discard(pid)
            started = self._serving.pop(pid, None)
            if started is None:
                continue
            now = time.monotonic()
            self._failures = self._failures + 1 if now - started < _SHORT_LIFE else 0
            if self._failures:
                self._not_before = now + min(0.1 * 2**self._failures, 5.0)
            code = os.waitstatus_to_exitcode(status)
            level = logging.ERROR if code else logging.INFO
            log.log(level, "A bridge process ended with status %s; it is replaced", code)

    def _end(self) -> int:
        for pid in (*self._serving, *self._leaving):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + DRAIN_SECONDS + 2.0
        left = {*self._serving, *self._leaving}
        while left and time.monotonic() < until:
            for pid in list(left):
                try:
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        left.discard(pid)
                except ChildProcessError:
                    left.discard(pid)
            time.sleep(0.01)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return 0


class Worker:
    """One serving process, after the fork."""

    def __init__(self, site: Site, sock: socket.socket, runtime: Runtime, parent: int) -> None:
        self._runtime = runtime
        self._parent = parent
        self._stop = Stop()
        self._watcher = Watcher(self._overdue)
        self._listener = Listener(
            sock,
            _dispatcher(runtime),
            secret_of=Secrets(site).of,
            uids={site.site_uid, os.geteuid(), 0},
            watcher=self._watcher,
        )

    def run(self) -> int:
        """Serve until TERM, an overdue callback or the parent's end, then drain."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._stop.on(signal.SIGTERM, signal.SIGINT)
        _warm_up()
        self._watcher.start()
        self._listener.start()
        while not self._stop.wait(1.0):
            if os.getppid() != self._parent:
                break
        for channel in self._listener.drain(DRAIN_SECONDS):
            call = channel.innermost
            log.error("Given up on: %s", call.describe() if call is not None else "a connection")
        self._watcher.stop()
        self._runtime.close()
        return 0

    def _overdue(self, _: Channel, call: Call) -> None:
        log.error(
            "A callback runs past twice its deadline (%s, %.2f s): this process drains and is replaced",
            call.describe(),
            time.monotonic() - call.started,
        )
        self._listener.stop_accepting()
        if not self._stop.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._parent, signal.SIGUSR1)
            self._stop.set()


def _warm_up() -> None:
    """Go through a handshake and a call once: the first of a process takes longer than a page would wait."""
    near, far = socket.socketpair()
    secret = b"of nobody"

    def answer() -> None:
        stream = FrameStream(far)
        handshake.server(stream, lambda _: secret, time.monotonic() + DRAIN_SECONDS)
        Channel(stream, lambda call: call.params["args"][0]).serve()

    server = threading.Thread(target=answer, daemon=True)
    server.start()
    stream = FrameStream(near)
    handshake.client(stream, "", secret, time.monotonic() + DRAIN_SECONDS)
    channel = Channel(stream, lambda call: None, context=CallContext())
    channel.call("warm.up", {"args": ["text"]}, timeout=DRAIN_SECONDS)
    channel.close()
    server.join()


class Secrets:
    """The site's secret, read again when its file has changed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: tuple[tuple[int, int], bytes] | None = None
        self._looked = 0.0

    def of(self, name: str) -> bytes | None:
        """The secret of the site with this name, None for another site."""
        if name != self._site.name:
            return None
        now = time.monotonic()
        if self._known is not None and now - self._looked < _SECRET_SECONDS:
            return self._known[1]
        self._looked = now
        try:
            found = os.stat(self._site.secret_file)
        except OSError:
            return self._site.secret()  # which says what is wrong
        version = (found.st_mtime_ns, found.st_ino)
        known = self._known
        if known is None or known[0] != version:
            self._known = known = (version, self._site.secret())
        return known[1]


def _dispatcher(runtime: Runtime) -> Handler:
    handlers = runtime.handlers
    handlers.setdefault("ping", lambda call: {"pong": True, "pid": os.getpid()})
    return by_method(handlers)


@contextlib.contextmanager
def _locked(site: Site) -> Iterator[None]:
    path = Path(site.run_dir) / "bridge.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_lock(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BridgeRunning(f"Another process serves the bridge of {site.name} already.") from None
        yield


@contextlib.contextmanager
def _listening(site: Site) -> Iterator[socket.socket]:
    inherited = _inherited()
    if inherited is not None:
        with inherited:
            yield inherited
        return
    with open_socket(site) as sock:
        try:
            yield sock
        finally:
            Path(site.socket).unlink(missing_ok=True)


def open_socket(site: Site) -> socket.socket:
    """A listening socket that only the sidecar and the PHP pool's group may use.

    A stale one is replaced in one step, so that no caller finds the path empty.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh = str(Path(site.run_dir) / f".b{os.getpid()}")  # no longer than the name it gets
    Path(fresh).unlink(missing_ok=True)
    before = os.umask(0o117)
    try:
        sock.bind(fresh)
    finally:
        os.umask(before)
    with contextlib.suppress(PermissionError):  # not root: the folder's group must do
        os.chown(fresh, -1, site.site_gid or Path(site.run_dir).stat().st_gid, follow_symlinks=False)
    sock.listen(_BACKLOG)
    os.replace(fresh, site.socket)
    return sock


def _inherited() -> socket.socket | None:
    number = os.environ.pop(ENVIRONMENT, "")
    if number.isdigit():
        return socket.socket(fileno=int(number))
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0":
        return socket.socket(fileno=_SYSTEMD_FD)
    return None
