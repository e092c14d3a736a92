"""For whom this call acts. Per call, never global."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from sidecar.identity import Principal


class Acting(NamedTuple):
    """An agent and its owner; either may be nobody.

    ``logged`` says whether lines of the log are theirs. What a step writes about itself is the engine's, what
    is written during a conversation the agent's: so it is in Data Machine's logs.
    """

    agent_id: int | None = None
    user_id: int | None = None
    logged: bool = True
    #: Capabilities that nothing inside may go beyond; None: no limit but the owner's own rights.
    limit: frozenset[str] | None = None


_acting: ContextVar[Acting] = ContextVar("datamachine_acting", default=Acting())  # noqa: B039  a NamedTuple
_principal: ContextVar[Principal | None] = ContextVar("datamachine_engine_principal", default=None)


def current() -> Acting:
    """Who acts now."""
    return _acting.get()


def author() -> Acting | None:
    """Whose a line of the log is that does not say so itself: who acts, or leads. None: nobody here knows."""
    who = _acting.get()
    if not who.logged:
        return Acting()
    if who.agent_id or who.user_id:
        return who
    lead = _principal.get()
    if lead is not None and (lead.agent_id or lead.user_id):
        return Acting(lead.agent_id, lead.user_id or None)
    return None


def narrower(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """What two limits leave together."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


@contextmanager
def on_behalf_of(
    agent_id: int | None,
    user_id: int | None,
    *,
    logged: bool = True,
    limit: frozenset[str] | None = None,
) -> Iterator[None]:
    """Act for an agent inside the block; a limit that holds already stays."""
    token = _acting.set(Acting(agent_id, user_id, logged, narrower(current().limit, limit)))
    try:
        yield
    finally:
        _acting.reset(token)


def principal() -> Principal | None:
    """Whose rights the engine's own hops use, None where nobody has said."""
    return _principal.get()


@contextmanager
def led_by(who: Principal) -> Iterator[None]:
    """Every hop of the engine inside the block is this principal's."""
    token = _principal.set(who)
    try:
        yield
    finally:
        _principal.reset(token)
