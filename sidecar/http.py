"""The ``http`` process: gunicorn with the Flask application, on loopback or a Unix socket, never further."""

from __future__ import annotations

import ipaddress
from typing import Any

from gunicorn.app.base import BaseApplication

from sidecar import app
from sidecar.errors import InvalidInput
from sidecar.runtime import Runtime


def serve(runtime: Runtime) -> None:
    """Serve until a signal stops it; the runtime must hold no connection yet, because workers are forks."""
    Server(runtime).run()


def bind_address(address: str) -> str:
    """``unix:/path``, or ``host:port`` on loopback; InvalidInput for what another machine reaches."""
    if address.startswith("unix:"):
        return address
    host, separator, port = address.rpartition(":")
    bare = host.strip("[]")
    try:
        local = bare == "localhost" or ipaddress.ip_address(bare).is_loopback
    except ValueError:
        local = False
    if not separator or not port.isdigit() or not local:
        raise InvalidInput(
            f"The HTTP door binds to a Unix socket or a loopback address, not to '{address}'.",
            code="http_bind_refused",
        )
    return address


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn, told everything here: it reads no file and no command line of ours."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        super().__init__()

    def load_config(self) -> None:
        """Settings of the server."""
        site = self._runtime.site
        options: dict[str, Any] = {
            "bind": bind_address(site.http),
            "workers": site.http_workers,
            "threads": site.http_threads,
            "worker_class": "gthread",
            # A worker that hangs is replaced; its requests are answered by the others.
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 15,
            "umask": 0o117,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "proc_name": f"datamachine http {site.name}",
            "control_socket_disable": True,
            "worker_exit": self._close,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application, made in the worker: threads do not survive a fork."""
        return app.create_app(self._runtime)

    def _close(self, _arbiter: Any, _worker: Any) -> None:
        self._runtime.close()
