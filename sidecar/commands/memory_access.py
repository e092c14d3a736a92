"""Who may use memory from the command line."""

from __future__ import annotations

from sidecar.commands.invocation import Invocation
from sidecar.identity import Permissions
from sidecar.identity.capabilities import MANAGING
from sidecar.memory import MemoryAccess, Scope
from sidecar.memory.access import READ, WRITE


def must_open(call: Invocation, scope: Scope, *, writes: bool) -> None:
    """Refuse who may not: Unauthorized or Forbidden ``rest_forbidden``.

    Like talking to an agent, all of it takes the capability ``chat`` or one that manages the product.
    """
    call.runtime.get(Permissions).require(
        call.principal, "chat", *MANAGING, message=WRITE if writes else READ
    )
    call.runtime.get(MemoryAccess).require(call.principal, scope, writes=writes)
