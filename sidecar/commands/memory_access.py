"""Whose memory a command line means, and who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.commands.agent_option import named_agent
from sidecar.commands.invocation import Invocation
from sidecar.commands.synopsis import Assoc
from sidecar.identity import Permissions, Principal
from sidecar.identity.capabilities import MANAGING
from sidecar.identity.wordpress import IdentityHost
from sidecar.memory import MemoryAccess, MemoryService, Scope, Target
from sidecar.memory.access import READ, WRITE
from sidecar.memory.service import MemoryFile

AGENT = Assoc(
    "agent",
    "Slug or id of the agent; absent: the acting agent, else the default agent.",
    value="slug",
)
#: The file that is meant when none is named.
DEFAULT_FILE = "MEMORY.md"


def enter(call: Invocation, *, writes: bool = False) -> None:
    """Unauthorized or Forbidden ``rest_forbidden`` for who may not do this kind of work at all.

    Like talking to an agent, all of it takes the capability ``chat`` or one that manages the product.
    """
    call.runtime.get(Permissions).require(
        call.principal, "chat", *MANAGING, message=WRITE if writes else READ
    )


def must_open(call: Invocation, scope: Scope, *, writes: bool) -> None:
    """As :func:`enter`, and the same for who may not use this file."""
    enter(call, writes=writes)
    call.runtime.get(MemoryAccess).require(call.principal, scope, writes=writes)


def target(call: Invocation) -> Target:
    """The agent that ``--agent`` names, else the one that acts, else the default agent."""
    agent = named_agent(call)
    return call.runtime.get(MemoryAccess).target(call.principal, agent_id=agent.agent_id if agent else 0)


@contextmanager
def opened(
    call: Invocation, filename: str, *, writes: bool = False, layer: str | None = None
) -> Iterator[MemoryFile]:
    """A file of the meant agent, when it may be read, or written, from here.

    Raises what :func:`must_open` does, and ReadOnly for a file that the registry lets nobody, or not this
    user, edit.
    """
    enter(call, writes=writes)
    whose = target(call)
    found = call.runtime.get(MemoryService).open(
        user_id=whose.user_id,
        agent_id=whose.agent_id,
        filename=filename,
        layer=layer,
        blog_id=call.blog_id,
    )
    with found as file:
        must_open(call, file.scope, writes=writes)
        if writes:
            _must_edit(call, file)
        yield file


def _must_edit(call: Invocation, file: MemoryFile) -> None:
    """An operator who names a user edits what that user may; one who does not, everything that can be."""
    if file.registered is None or file.registered.editable is True:
        return
    who = call.principal
    if who.unlimited and who.user_id:
        who = Principal.user(who.user_id, blog_id=who.blog_id)
    with call.runtime.get(IdentityHost).at_hand(call.principal) as host:
        call.runtime.get(MemoryAccess).require_editable(who, file.registered, host, how="edited by section")
