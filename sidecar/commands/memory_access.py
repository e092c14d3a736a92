"""Who may read and write which memory file."""

from __future__ import annotations

from sidecar.commands.invocation import Invocation
from sidecar.identity import AgentsRepository, Permissions
from sidecar.identity.capabilities import MANAGING
from sidecar.identity.permissions import OPERATOR, VIEWER, refusal
from sidecar.memory.values import NETWORK, SHARED, USER, Scope

READ = "You do not have permission to read this memory."
WRITE = "You do not have permission to write this memory."


def must_open(call: Invocation, scope: Scope, *, writes: bool) -> None:
    """Refuse who may not: Unauthorized or Forbidden ``rest_forbidden``.

    An agent's files are its viewers' to read and its operators' to write, a user's that user's alone, and
    what a whole site or network shares everybody's to read and its administrators' to write. Like talking to
    an agent, all of it takes the capability ``chat`` or one that manages the product.
    """
    permissions, principal = call.runtime.get(Permissions), call.principal
    message = WRITE if writes else READ
    permissions.require(principal, "chat", *MANAGING, message=message)
    if permissions.administers(principal):
        return
    if scope.layer in {SHARED, NETWORK}:
        allowed = not writes
    elif scope.layer == USER:
        allowed = 0 < principal.user_id == scope.user_id
    else:
        agent = _agent(call, scope)
        role = OPERATOR if writes else VIEWER
        allowed = agent is not None and permissions.can_access(principal, agent, role)
    if not allowed:
        raise refusal(principal, message)


def _agent(call: Invocation, scope: Scope) -> int | None:
    """The agent whose file it is: without an id the first one of the scope's user."""
    if scope.agent_id:
        return scope.agent_id
    first = call.runtime.get(AgentsRepository).first_of(scope.user_id)
    return None if first is None else first.agent_id
