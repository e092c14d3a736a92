"""The abilities on an agent's tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sidecar.abilities import Callback, Category, Declaration, Permission, object_schema
from sidecar.errors import InvalidInput
from sidecar.identity import documents
from sidecar.identity.principal import Principal
from sidecar.identity.token_service import TokensService

CREATE = "datamachine/create-agent-token"
LIST = "datamachine/list-agent-tokens"
REVOKE = "datamachine/revoke-agent-token"

_TEXT, _ID, _FLAG, _OBJECT = ({"type": kind} for kind in ("string", "integer", "boolean", "object"))
_OUTCOME = {"success": _FLAG, "error": _TEXT}
_MANAGERS = Permission(any_of=("manage_agents",))


def declarations(category: Category) -> tuple[Declaration, ...]:
    """What WordPress is told."""
    return (
        Declaration(
            CREATE,
            category,
            "Create a token",
            "Makes a token of an agent and tells it, this once.",
            _MANAGERS,
            object_schema(
                {
                    "agent_id": _ID,
                    "label": _TEXT | {"description": "What it is for."},
                    "capabilities": {
                        "type": ["array", "null"],
                        "items": _TEXT,
                        "description": "The capabilities it is limited to; null: no limit of its own.",
                    },
                    "expires_in": {
                        "type": ["integer", "null"],
                        "description": "Seconds until it ends; null or 0: it has no end.",
                    },
                },
                required=("agent_id",),
            ),
            object_schema(
                {**_OUTCOME, "token_id": _ID} | dict.fromkeys(("raw_token", "token_prefix", "message"), _TEXT)
            ),
            destructive=False,
            idempotent=False,
        ),
        Declaration(
            LIST,
            category,
            "List tokens",
            "The tokens of an agent, without their text.",
            _MANAGERS,
            object_schema({"agent_id": _ID}, required=("agent_id",)),
            object_schema({**_OUTCOME, "tokens": {"type": "array", "items": _OBJECT}}),
        ),
        Declaration(
            REVOKE,
            category,
            "Revoke a token",
            "Ends a token at once.",
            _MANAGERS,
            object_schema({"agent_id": _ID, "token_id": _ID}, required=("agent_id", "token_id")),
            object_schema({**_OUTCOME, "message": _TEXT}),
            destructive=True,
            idempotent=False,
        ),
    )


class TokenAbilities:
    """The callbacks."""

    def __init__(self, service: Callable[[], TokensService]) -> None:
        self._service = service

    def callbacks(self) -> dict[str, Callback]:
        """By the ability's name."""
        return {CREATE: self.create, LIST: self.list, REVOKE: self.revoke}

    def create(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """What :func:`documents.token_created` says."""
        made = self._service().create(
            principal,
            _whole(given.get("agent_id")) or 0,
            label=str(given.get("label") or ""),
            capabilities=_limit(given.get("capabilities")),
            expires_in=_whole(given.get("expires_in")),
        )
        return documents.token_created(made)

    def list(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """``{success, tokens}``."""
        return documents.tokens(self._service().list(principal, _whole(given.get("agent_id")) or 0))

    def revoke(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """What :func:`documents.token_revoked` says."""
        self._service().revoke(
            principal, _whole(given.get("agent_id")) or 0, _whole(given.get("token_id")) or 0
        )
        return documents.token_revoked()


def _limit(value: Any) -> list[Any] | None:
    """A list as WordPress accepts it: also an array whose keys have gaps."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return list(value.values())
    if not isinstance(value, list):
        raise InvalidInput(
            "The capabilities of a token must be a list of names.", code="invalid_capabilities"
        )
    return value


def _whole(value: Any) -> int | None:
    """A number as WordPress accepts it (``"7"``, ``7.0``); None for none.

    What is no number is refused: a mistake must not make a token without an end.
    """
    if value is None or isinstance(value, int):
        return None if value is None else int(value)
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 18:
        raise InvalidInput(f'"{value}" is no whole number.', code="invalid_parameter")
    return int(text)
