"""What the callback in PHP asks: a token for the code that another site sent along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sidecar.bridge import Call
from sidecar.errors import InvalidInput
from sidecar.identity.external.address import Remote
from sidecar.identity.external.service import ExternalService


class ExternalBridge:
    """The bridge method ``external.exchange``."""

    def __init__(self, service: Callable[[], ExternalService]) -> None:
        self._service = service

    def handlers(self) -> dict[str, Callable[[Call], Any]]:
        """By the name of the method."""
        return {"external.exchange": self.exchange}

    def exchange(self, call: Call) -> dict[str, Any]:
        """A code and all that belongs to it, by :data:`_NAMES`, give ``{token, agent_id}``.

        PHP has made sure that an administrator of this site asked for it, and stores what comes.
        """
        given = {name: _text(call, name) for name in _NAMES}
        remote = Remote(given["remote_site"], "http" if given["scheme"] == "http" else "https")
        found = self._service().exchange(
            remote, given["agent_slug"], given["code"], given["code_verifier"], given["redirect_uri"]
        )
        return {"token": found.access_token, "agent_id": found.agent_id}


_NAMES = ("remote_site", "scheme", "agent_slug", "code", "code_verifier", "redirect_uri")


def _text(call: Call, name: str) -> str:
    value = call.params.get(name)
    if not isinstance(value, str) or value == "":
        raise InvalidInput(f'Parameter "{name}" must be a non-empty string.', code="invalid_parameter")
    return value
