"""Our own listeners on hooks that the engine itself fires.

The engine does its hops as actions, so that everybody may listen: it fires, WordPress decides the order,
and one of the listeners is ours. WordPress contains what a listener raises; the engine must know of it
nevertheless.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from sidecar import hooks

_failures: ContextVar[list[BaseException] | None] = ContextVar("datamachine_relayed_failures", default=None)


def fire(hook: str, *args: Any) -> None:
    """Fire an action; raises what our own listener raised on the way."""
    raised: list[BaseException] = []
    token = _failures.set(raised)
    try:
        hooks.do_action(hook, *args)
    finally:
        _failures.reset(token)
    if raised:
        raise raised[0]


def listener(callback: Callable[..., Any]) -> Callable[..., None]:
    """Our listener on such an action. What it raises goes to the engine that fired it, if it was the engine.

    Anybody else gets the exception where it happens: the hook's failure policy decides then.
    """

    @functools.wraps(callback)
    def listen(*args: Any) -> None:
        raised = _failures.get()
        if raised is None:
            callback(*args)
            return
        try:
            callback(*args)
        except Exception as error:  # handed over, not swallowed  # noqa: BLE001
            raised.append(error)

    return listen
