"""Whether this process lives, and whether everything it needs answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import flask

from sidecar import __version__
from sidecar.runtime import Runtime

#: Seconds a part may take to answer.
PATIENCE = 2.0


def build(runtime: Runtime) -> flask.Blueprint:
    """``/healthz`` and ``/readyz``."""
    blueprint = flask.Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> dict[str, Any]:
        """The process answers; nothing else is asked."""
        return {"status": "ok", "version": __version__}

    @blueprint.get("/readyz")
    def readyz() -> tuple[dict[str, Any], int]:
        """Every part by name: ``ok`` or the kind of error; 503 when one is missing."""
        parts = {name: _state(probe) for name, probe in probes(runtime).items()}
        ready = all(state == "ok" for state in parts.values())
        return {"status": "ready" if ready else "not_ready", "checks": parts}, 200 if ready else 503

    return blueprint


def probes(runtime: Runtime) -> dict[str, Callable[[], object]]:
    """What readiness means: each raises when its part does not answer."""
    site = runtime.site

    return {
        "database": runtime.db.ping,
        "bridge": lambda: _accepts(site.socket),
        "host": lambda: _accepts(site.host_socket),
    }


def _accepts(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PATIENCE)
        probe.connect(path)


def _state(probe: Callable[[], object]) -> str:
    try:
        probe()
    except Exception as error:  # noqa: BLE001  # any reason means not ready; texts may hold secrets
        return type(error).__name__
    return "ok"
