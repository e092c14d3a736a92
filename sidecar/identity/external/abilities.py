"""The ability ``datamachine/agent-remote-call``: a request to another site as one of its agents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Callback, Category, Declaration, Permission, object_schema
from sidecar.errors import InvalidInput
from sidecar.identity.external.client import METHODS, SECONDS
from sidecar.identity.external.service import ExternalService
from sidecar.identity.principal import Principal

REMOTE_CALL = "datamachine/agent-remote-call"

_AGENTS = Category("datamachine-agent", "Agents", "Agents, and who may use them.")
_TEXT = {"type": "string"}

DECLARATIONS = (
    Declaration(
        REMOTE_CALL,
        _AGENTS,
        "Call another site",
        "Sends a request to another site with the token stored for one of its agents. For administrators.",
        Permission(any_of=("manage_agents",)),
        object_schema(
            {
                "remote_site": _TEXT | {"description": "The site, as it was stored: example.com."},
                "agent_slug": _TEXT | {"description": "The agent there."},
                "method": _TEXT | {"enum": list(METHODS)},
                "path": _TEXT | {"description": "A path there, or an address on the same host."},
                "body": {
                    "type": ["object", "array", "string"],
                    "description": "Objects and lists are sent as JSON.",
                },
                "query": {"type": "object", "description": "Parameters to add to the address."},
                "headers": {
                    "type": "object",
                    "description": "Headers; those that sign the request are ours.",
                },
                "timeout": {
                    "type": "integer",
                    "minimum": SECONDS[0],
                    "maximum": SECONDS[1],
                    "description": "Seconds for all of it; 30 by default.",
                },
            },
            required=("remote_site", "agent_slug", "method", "path"),
        ),
        object_schema(
            {
                "success": {"type": "boolean"},
                "status_code": {"type": "integer"},
                "body": {"type": ["object", "array", "string", "number", "boolean", "null"]},
                "raw_body": _TEXT,
                "headers": {"type": "object"},
                "url": _TEXT,
                "error": _TEXT,
            }
        ),
        destructive=True,
        idempotent=False,
    ),
)


class ExternalAbilities:
    """The callback. WordPress has validated the input, but converts nothing: ``"7"`` is an integer."""

    def __init__(self, service: Callable[[], ExternalService]) -> None:
        self._service = service

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name."""
        return {REMOTE_CALL: self.call}

    def call(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """What :meth:`Answer.document` says; what was never sent has status code 0."""
        service = self._service()
        answer = service.call_site(
            principal,
            str(given.get("remote_site") or ""),
            str(given.get("agent_slug") or ""),
            str(given.get("method") or ""),
            str(given.get("path") or ""),
            body=given.get("body"),
            query=_mapping(given.get("query"), "query"),
            headers=_mapping(given.get("headers"), "headers"),
            timeout=None if given.get("timeout") is None else int(given["timeout"]),
        )
        return answer.document()


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    """PHP's empty array is the empty object."""
    if value is None or value == []:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f'"{name}" is an object.', code="invalid_parameter")
    return value
