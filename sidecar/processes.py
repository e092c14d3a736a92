"""One kind of process each: what ``datamachine bridge``, ``http``, ``work``, ``host`` and ``migrate`` do."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import stat
import sys
import threading
from pathlib import Path

from sidecar import logs
from sidecar import runtime as runtimes
from sidecar.errors import Conflict
from sidecar.settings import Site
from sidecar.stopping import Stop

log = logging.getLogger("datamachine")

#: The supervisor sets this: a kind of process must not outlive it.
SUPERVISED = "DATAMACHINE_SUPERVISED"
#: systemd's first passed descriptor.
LISTEN_FD = 3
#: Seconds the host waits for units under way when it is told to stop.
DRAIN_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


def prepare(kind: str) -> None:
    """Logging and the bond to the supervisor, for every kind."""
    logs.configure(kind)
    supervisor = os.environ.pop(SUPERVISED, "")
    if supervisor:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != int(supervisor):
            sys.exit("The supervisor is gone.")


def passed_listener(path: str) -> socket.socket | None:
    """The listening socket that systemd passed for ``path``; None when there is none.

    systemd may pass several (``LISTEN_FDS``); the one bound to ``path`` is ours.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    for descriptor in range(LISTEN_FD, LISTEN_FD + int(os.environ.get("LISTEN_FDS", "0"))):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
        except OSError:
            continue
        found = socket.socket(fileno=descriptor)
        if found.family == socket.AF_UNIX and found.getsockname() == path:
            os.set_inheritable(descriptor, False)
            return found
        found.detach()
    return None


def listen(path: str, *, gid: int | None = None, backlog: int = 128) -> socket.socket:
    """A listening Unix socket at ``path``: passed to us, or bound here.

    A socket nobody listens on is replaced; one that answers belongs to a running process and is not. With
    ``gid`` that group may connect, otherwise the owner alone.
    """
    passed = passed_listener(path)
    if passed is not None:
        return passed
    if Path(path).exists():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(path) == 0:
                raise Conflict(f"Another process listens on {path} already.", code="already_running")
        Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode comes from the umask, not from a later change that could be led elsewhere.
    old = os.umask(0o177 if gid is None else 0o117)
    try:
        listener.bind(path)
    finally:
        os.umask(old)
    if gid is not None:
        os.chown(path, -1, gid, follow_symlinks=False)
    listener.listen(backlog)
    return listener


def bridge(site: Site) -> int:
    """Serve the bridge socket until TERM."""
    prepare("bridge")
    from sidecar import identity
    from sidecar.bridge import server
    from sidecar.hooks import publisher

    runtime = runtimes.build(site, "bridge")
    publisher.publish_apart(runtime, identity.finish_renames)
    return server.serve(site, runtime)


def http(site: Site) -> int:
    """Serve HTTP until TERM."""
    prepare("http")
    from sidecar import web

    return web.serve(site)


def work(
    site: Site,
    *,
    max_time: float | None = None,
    max_jobs: int | None = None,
    once: bool = False,
    workers: int = 1,
) -> int:
    """Run workers until TERM, for ``max_time`` seconds or ``max_jobs`` doorbells each, or (``once``) until
    nothing is due."""
    prepare("work")
    from sidecar import identity
    from sidecar.queue import worker

    runtime = runtimes.build(site, "work")
    try:
        identity.finish_renames(runtime)
        return worker.main(runtime, max_time=max_time, max_jobs=max_jobs, once=once, workers=workers)
    finally:
        runtime.close()


def host(site: Site) -> int:
    """Keep WordPress loaded and hand out units until TERM."""
    prepare("host")
    from sidecar.host.broker import Broker

    listener = listen(site.host_socket)
    sweep(site)
    broker = Broker(site, listener, Path(site.run_dir))
    stopping = Stop()
    stopping.on(signal.SIGTERM, signal.SIGINT)
    server = threading.Thread(target=broker.serve, name="host", daemon=True)
    server.start()
    threading.Thread(target=broker.warm, args=("cron",), name="warm", daemon=True).start()
    log.info("host: ready on %s", site.host_socket)
    stopping.wait()
    log.info("host: draining")
    broker.drain(DRAIN_SECONDS)
    Path(site.host_socket).unlink(missing_ok=True)
    return 0


def sweep(site: Site) -> None:
    """Remove sockets that processes left which no longer exist."""
    for path in Path(site.run_dir).glob("[zuh][0-9]*-*.sock"):
        owner = path.name[1:].partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            path.unlink(missing_ok=True)


def migrate(site: Site, *, dry_run: bool = False) -> int:
    """Create and upgrade the tables and their rows, or (``dry_run``) print what that would change."""
    from sidecar import migrate as migration

    return migration.main(site, dry_run=dry_run)
