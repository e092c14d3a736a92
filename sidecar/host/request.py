"""The PHP request that waits on us, as a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.bridge import Call
from sidecar.host.context import Kind
from sidecar.host.errors import HostUnavailable
from sidecar.host.operations import Operations


class RequestHost(Operations):
    """Operations in the PHP request whose call is being served.

    It has the request's handles, its transaction and its hook order, and nothing else takes its place: when
    the request is gone, so is this host. PHP puts user, blog and locale back when the call ends.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def kind(self) -> Kind:
        return "request"

    @property
    def usable(self) -> bool:
        return self._call.open and not self._call.cancel.cancelled

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """Raises what the channel raises: RemoteError from PHP, Cancelled when the request went away."""
        if not self._call.open:
            raise HostUnavailable("The request this host stood for has been answered.")
        self._call.check()
        return self._call.channel.call(operation, dict(params), timeout)
