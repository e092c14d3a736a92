"""The ability on actions that wait for approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.abilities import Category, Declaration, Permission, object_schema
from sidecar.conversation.pending_actions import ACCEPTED, REJECTED, PendingActions
from sidecar.identity import Principal

RESOLVE = "datamachine/resolve-pending-action"

ACTIONS = Category("datamachine-actions", "Actions", "What agents want to do and somebody has to approve.")

_TEXT, _FLAG = {"type": "string"}, {"type": "boolean"}

DECLARATIONS = (
    Declaration(
        RESOLVE,
        ACTIONS,
        "Resolve a pending action",
        "Accepts or rejects what an agent wants to do.",
        Permission(any_of=("chat",)),
        object_schema(
            {
                "action_id": _TEXT,
                "decision": _TEXT | {"enum": [ACCEPTED, REJECTED]},
            },
            required=("action_id", "decision"),
        ),
        object_schema(
            {
                "success": _FLAG,
                "error": _TEXT,
                "decision": _TEXT,
                "action_id": _TEXT,
                "kind": _TEXT,
                "result": {"type": "object"},
            }
        ),
    ),
)


class PendingActionAbilities:
    """The callback."""

    def __init__(self, pending: PendingActions) -> None:
        self._pending = pending

    def resolve(self, principal: Principal, given: Mapping[str, Any]) -> dict[str, Any]:
        """See :meth:`PendingActions.resolve`."""
        return self._pending.resolve(
            principal, str(given.get("action_id") or ""), str(given.get("decision") or "")
        )
