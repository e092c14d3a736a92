"""Run state of hooks: per call, never global.

A privilege that holds "while an action runs" must not hold for every thread of the process, so what is
running, how often something ran, and what was subscribed at run time live in a scope of one request, job or
command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from sidecar.hooks.wp_hook import Hook


@dataclass(slots=True)
class Scope:
    """What hooks know of one request, job or command."""

    #: Names of the hooks that run now, outermost first.
    stack: list[str] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    filters: Counter[str] = field(default_factory=Counter)
    #: Hooks as this scope sees them; copied from the bus when first used or changed. None: removed entirely.
    hooks: dict[str, Hook | None] = field(default_factory=dict)


_scope: ContextVar[Scope | None] = ContextVar("datamachine_hooks_scope", default=None)


def current() -> Scope | None:
    """The scope of this call, or None outside any."""
    return _scope.get()


def enter(existing: Scope) -> None:
    """Make ``existing`` the scope of this context until the context ends."""
    _scope.set(existing)


@contextmanager
def outside() -> Iterator[None]:
    """No scope inside, whatever runs around it: what subscribes there subscribes for good."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def scope(existing: Scope | None = None) -> Iterator[Scope]:
    """Begin a scope (or enter an existing one again): one request, one job step, one command."""
    entered = existing if existing is not None else Scope()
    token = _scope.set(entered)
    try:
        yield entered
    finally:
        _scope.reset(token)
