"""Joins the host to the bridge: calls from inside units are answered, and every call knows its host."""

from __future__ import annotations

import os
from typing import Any

from sidecar import PROTOCOL_VERSION, __version__, bridge
from sidecar.bridge import Call
from sidecar.host import context, unit
from sidecar.host.request import RequestHost
from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Serve units with the runtime's handlers; inside a call of PHP, that process is the current host."""
    runtime.hosts.serve_with(bridge.by_method(runtime.handlers))
    runtime.handlers["ping"] = _ping
    bridge.on_call(_enter)


def _ping(_call: Call) -> dict[str, Any]:
    """Who answers: Site Health and the doctor compare the version with their own."""
    return {"pong": True, "pid": os.getpid(), "version": __version__, "protocol": PROTOCOL_VERSION}


def _enter(call: Call) -> None:
    context.set_current(unit.of_channel(call.channel) or RequestHost(call))
