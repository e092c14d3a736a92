"""Actions that wait for somebody's approval.

Each is a transient of WordPress, ``dm_pa_{action_id}``, for an hour, as in Data Machine 0.102.8. What
accepting one does is up to its kind: ours are added with :meth:`PendingActions.handle`, a PHP plugin's come
from the filter ``datamachine_pending_action_handlers``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from sidecar import clock as clock_module
from sidecar import hooks
from sidecar.bridge.values import WPError
from sidecar.errors import SidecarError
from sidecar.host import HostPool
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Permissions, Principal
from sidecar.identity.permissions import OPERATOR

STAGED = "datamachine_pending_action_staged"
RESOLVED = "datamachine_pending_action_resolved"
TRANSIENT = "dm_pa_"
#: Seconds until nobody can resolve it any more.
TTL = 3600
ACCEPTED, REJECTED = "accepted", "rejected"
NOT_FOUND = "Pending action not found or expired."
REFUSED = "You do not have permission to resolve this pending action."
_ID = re.compile(r"\Aact_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_INSTRUCTION = (
    "Nothing has happened yet. Show the preview to the person you work for, and call resolve_pending_action"
    " with the action_id and their decision, accepted or rejected."
)

Payload = Mapping[str, Any]
#: ``apply(principal, apply_input, payload)`` does it and gives a result; SidecarError when it cannot.
Apply = Callable[[Principal, Mapping[str, Any], Payload], Any]
#: ``can_resolve(principal, payload, decision)``: whether that principal may decide.
CanResolve = Callable[[Principal, Payload, str], bool]


class Kind(msgspec.Struct, frozen=True):
    """What accepting an action does, and who may decide."""

    apply: Apply
    can_resolve: CanResolve


class PendingActions:
    """Stages actions and resolves them. Failures are answers, as tools and abilities hand them on."""

    def __init__(
        self, hosts: HostPool, permissions: Callable[[], Permissions], clock: clock_module.Clock
    ) -> None:
        self._hosts = hosts
        self._permissions = permissions
        self._clock = clock
        self._kinds: dict[str, Kind] = {}

    def handle(self, kind: str, apply: Apply, can_resolve: CanResolve) -> None:
        """Answer for a kind; ours win over a plugin's of the same name."""
        self._kinds[kind] = Kind(apply, can_resolve)

    def stage(
        self,
        kind: str,
        summary: str,
        apply_input: Mapping[str, Any],
        *,
        preview: Mapping[str, Any] | None = None,
        agent_id: int = 0,
        user_id: int = 0,
        context: Mapping[str, Any] | None = None,
        action_id: str = "",
    ) -> dict[str, Any]:
        """Keep an action until somebody decides.

        ``{staged: true, action_id, kind, summary, preview, resolve_with, resolve_params, instruction,
        expires_at}`` or ``{staged: false, error, error_code}`` with ``invalid_kind``, ``missing_apply_input``
        or ``store_failed``. ``action_id`` is used when it looks like one.
        """
        if not kind.strip():
            return _unstaged("invalid_kind", "A pending action needs a kind.")
        if not apply_input:
            return _unstaged("missing_apply_input", "A pending action needs what it is applied with.")
        action_id = action_id if _ID.match(action_id) else f"act_{uuid.uuid4()}"
        now = int(self._clock.now().timestamp())
        said = {
            "kind": kind,
            "summary": summary,
            "apply_input": dict(apply_input),
            "preview_data": dict(preview or {}),
            "agent_id": agent_id,
            "created_by": user_id,
            "context": dict(context or {}),
        }
        with self._wordpress(user_id) as host:
            stored = {**said, "created_at": now, "action_id": action_id}
            if not host.set_transient(TRANSIENT + action_id, stored, TTL):
                return _unstaged("store_failed", "The pending action could not be stored.")
            hooks.do_action(STAGED, action_id, said)
        return {
            "staged": True,
            "action_id": action_id,
            "kind": kind,
            "summary": summary,
            "preview": said["preview_data"],
            "resolve_with": "resolve_pending_action",
            "resolve_params": {"action_id": action_id, "decision": "<accepted|rejected>"},
            "instruction": _INSTRUCTION,
            "expires_at": now + TTL,
        }

    def get(self, action_id: str) -> dict[str, Any] | None:
        """What waits under that id; None when nothing does, or not any more."""
        if not _ID.match(action_id):
            return None
        with self._wordpress(0) as host:
            return _payload(host.get_transient(TRANSIENT + action_id))

    def resolve(self, principal: Principal, action_id: str, decision: str) -> dict[str, Any]:
        """Accept or reject: ``{success: true, decision, action_id, kind[, result]}``, or why not.

        The action is gone before it is applied: of two who accept at once, one does it.
        """
        if decision not in {ACCEPTED, REJECTED}:
            return _failure('decision must be "accepted" or "rejected".')
        if not _ID.match(action_id):
            return _failure(NOT_FOUND)
        with self._wordpress(principal.user_id) as host:
            payload = _payload(host.get_transient(TRANSIENT + action_id))
            if payload is None:
                return _failure(NOT_FOUND)
            kind = payload.get("kind")
            if not isinstance(kind, str) or not kind:
                host.delete_transient(TRANSIENT + action_id)
                return _failure("Invalid pending action.", action_id=action_id)
            about = {"action_id": action_id, "kind": kind}
            refusal = self._refusal(host, principal, kind, payload, decision)
            if refusal is not None:
                return _failure(refusal, **about)
            if not host.delete_transient(TRANSIENT + action_id):
                return _failure(NOT_FOUND)
            result = None if decision == REJECTED else self._apply(host, principal, kind, payload)
            hooks.do_action(RESOLVED, decision, action_id, kind, payload, result)
            if result is None:
                return {"success": True, "decision": decision, **about}
            if result.get("success") is False:
                error = result.get("error") or result.get("message") or "The action could not be applied."
                return _failure(str(error), decision=decision, result=result, **about)
            return {"success": True, "decision": decision, **about, "result": result}

    def apply(self, principal: Principal, kind: str, payload: Payload) -> Any:
        """What accepting an action of one of our kinds does: for PHP code that keeps the actions itself."""
        ours = self._kinds.get(kind)
        if ours is None:
            return _failure(_unhandled(kind))
        if principal.agent_id or not ours.can_resolve(principal, payload, ACCEPTED):
            return _failure(REFUSED)
        return _applied(lambda: ours.apply(principal, _mapping(payload.get("apply_input")), payload))

    def _apply(
        self, host: WordPressHost, principal: Principal, kind: str, payload: Payload
    ) -> dict[str, Any]:
        ours = self._kinds.get(kind)
        if ours is None:
            return _applied(lambda: host.call("pending.apply", {"payload": dict(payload)}))
        return _applied(lambda: ours.apply(principal, _mapping(payload.get("apply_input")), payload))

    def _refusal(
        self, host: WordPressHost, principal: Principal, kind: str, payload: Payload, decision: str
    ) -> str | None:
        """Why the principal may not decide; None when it may. An approval is a person's: no agent accepts."""
        if principal.agent_id and decision == ACCEPTED:
            return REFUSED
        ours = self._kinds.get(kind)
        if ours is not None:
            return None if ours.can_resolve(principal, payload, decision) else REFUSED
        said = _mapping(
            host.call(
                "pending.check",
                {"payload": dict(payload), "decision": decision, "user_id": principal.user_id},
            )
        )
        if not said.get("known") and decision == ACCEPTED:
            return _unhandled(kind)
        if not said.get("asked"):
            return None if self._may_decide(principal, payload) else REFUSED
        answer = said.get("answer")
        if isinstance(answer, WPError):
            return answer.message or REFUSED
        return None if answer is True else REFUSED

    def _may_decide(self, principal: Principal, payload: Payload) -> bool:
        """Where a kind has no opinion: whoever asked for it, or operates its agent."""
        if principal.unlimited:
            return True
        agent_id = _integer(payload.get("agent_id"))
        permissions = self._permissions()
        if agent_id:
            return permissions.can_access(principal, agent_id, OPERATOR)
        return permissions.administers(principal) or (
            0 < principal.user_id == _integer(payload.get("created_by"))
        )

    @contextmanager
    def _wordpress(self, user_id: int) -> Iterator[WordPressHost]:
        current = host_context.current()
        if current is not None:
            yield current
            return
        with self._hosts.unit(user_id=user_id) as unit:
            yield unit


def _applied(apply: Callable[[], Any]) -> dict[str, Any]:
    """The result as an array; what went wrong has ``success`` false and ``error``."""
    try:
        result = apply()
    except SidecarError as error:
        return {"success": False, "error": error.message, "error_code": error.code}
    if isinstance(result, WPError):
        return {"success": False, "error": result.message, "error_code": str(result.code)}
    return dict(result) if isinstance(result, Mapping) else {"value": result}


def _unhandled(kind: str) -> str:
    return f'No handler registered for pending action kind "{kind}".'


def _unstaged(code: str, error: str) -> dict[str, Any]:
    return {"staged": False, "error": error, "error_code": code}


def _failure(error: str, **more: Any) -> dict[str, Any]:
    return {"success": False, "error": error, **more}


def _payload(stored: Any) -> dict[str, Any] | None:
    return dict(stored) if isinstance(stored, Mapping) else None


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _integer(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
