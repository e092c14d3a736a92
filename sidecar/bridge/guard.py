"""Checks that run before every call or answer leaves this process.

The database cannot see a deadlock that runs through a socket, so nothing may hold a transaction or a lock
while the other side runs. Whoever owns such a resource registers a check that raises when this thread holds
one.
"""

from __future__ import annotations

from collections.abc import Callable

Check = Callable[[], None]

_checks: list[Check] = []


def register(check: Check) -> None:
    """Run ``check`` before every frame that hands control to the peer; registering twice does nothing."""
    if check not in _checks:
        _checks.append(check)


def unregister(check: Check) -> None:
    """Forget a check."""
    if check in _checks:
        _checks.remove(check)


def run() -> None:
    """Run all checks; the first exception goes to the caller."""
    for check in _checks:
        check()
