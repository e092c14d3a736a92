"""Joins the host to the bridge: calls from inside units are answered, and every call knows its host."""

from __future__ import annotations

from sidecar import bridge
from sidecar.bridge import Call
from sidecar.host import context, unit
from sidecar.host.request import RequestHost
from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Serve units with the runtime's handlers; inside a call of PHP, that process is the current host."""
    runtime.hosts.serve_with(bridge.by_method(runtime.handlers))
    bridge.on_call(_enter)


def _enter(call: Call) -> None:
    context.set_current(unit.of_channel(call.channel) or RequestHost(call))
