"""The HTTP door's server: gunicorn with threads, the application built after the fork."""

from __future__ import annotations

import importlib
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from sidecar import runtime as runtimes
from sidecar.errors import Conflict
from sidecar.settings import Site

log = logging.getLogger("datamachine.http")

#: A request that takes longer ends its worker.
TIMEOUT = 120
GRACE = 30
#: PHP keeps no connection to this door; runtimes do.
KEEPALIVE = 60


class Door(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves one site's HTTP door."""

    def __init__(self, site: Site) -> None:
        self._site = site
        super().__init__()

    def load_config(self) -> None:
        """gunicorn asks for its settings."""
        options: dict[str, Any] = {
            "bind": self._site.http,
            "worker_class": "sidecar.web_worker.Worker",
            "workers": self._site.http_workers,
            "threads": self._site.http_threads,
            "timeout": TIMEOUT,
            "graceful_timeout": GRACE,
            "keepalive": KEEPALIVE,
            "umask": 0o007,
            "proc_name": f"datamachine http {self._site.name}",
            "control_socket_disable": True,
            "errorlog": "-",
            "accesslog": None,
            "worker_exit": _close,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """In each worker: a runtime of its own, so that no connection is shared."""
        from sidecar.app import create_app

        runtime = runtimes.build(self._site, "http")
        _open.append(runtime.close)
        return create_app(runtime)


_open: list[Callable[[], None]] = []


def _close(_server: object, _worker: object) -> None:
    while _open:
        _open.pop()()


def serve(site: Site) -> int:
    """Serve until TERM."""
    # A socket that systemd made is gunicorn's to find.
    if site.http.startswith("unix:") and os.environ.get("LISTEN_PID") != str(os.getpid()):
        path = Path(site.http.removeprefix("unix:"))
        if path.is_socket():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                if probe.connect_ex(str(path)) == 0:
                    raise Conflict(f"Another process listens on {path} already.", code="already_running")
            path.unlink()
        os.makedirs(path.parent, exist_ok=True)
    # Loaded once, before gunicorn forks its workers; what holds connections is made in each of them.
    runtimes.load()
    importlib.import_module("sidecar.app")
    try:
        Door(site).run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return 0
