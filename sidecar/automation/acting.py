"""For whom this call acts. Per call, never global."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from sidecar.identity import Principal


class Acting(NamedTuple):
    """An agent and its owner; either may be nobody."""

    agent_id: int | None = None
    user_id: int | None = None


_acting: ContextVar[Acting] = ContextVar("datamachine_acting", default=Acting())  # noqa: B039  a NamedTuple
_principal: ContextVar[Principal | None] = ContextVar("datamachine_engine_principal", default=None)


def current() -> Acting:
    """Who acts now."""
    return _acting.get()


@contextmanager
def on_behalf_of(agent_id: int | None, user_id: int | None) -> Iterator[None]:
    """Act for an agent inside the block."""
    token = _acting.set(Acting(agent_id, user_id))
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
