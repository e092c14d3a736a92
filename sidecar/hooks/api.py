"""WordPress's words, on this process's bus.

``do_action`` and ``apply_filters`` go through WordPress where one is at hand: :mod:`sidecar.hooks.dispatch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sidecar.hooks import dispatch
from sidecar.hooks.bus import Bus
from sidecar.hooks.callbacks import Kind

F = TypeVar("F", bound=Callable[..., Any])

_bus = Bus()


def install(bus: Bus) -> None:
    """Make ``bus`` the one these functions act on: once a process, before plugins load."""
    global _bus
    _bus = bus


def bus() -> Bus:
    """The bus these functions act on."""
    return _bus


def add_filter(
    hook: str,
    callback: Callable[..., Any],
    priority: int | None = 10,
    accepted_args: int | None = None,
    *,
    timeout: float | None = None,
) -> bool:
    """Subscribe to a filter. At load it is permanent, inside a running call it counts for that request."""
    return _bus.add_filter(hook, callback, priority, accepted_args, timeout=timeout)


def add_action(
    hook: str,
    callback: Callable[..., Any],
    priority: int | None = 10,
    accepted_args: int | None = None,
    *,
    durable: bool = False,
    timeout: float | None = None,
) -> bool:
    """Subscribe to an action; ``durable`` delivers it later, at least once, outside the request."""
    return _bus.add_action(
        hook, callback, priority, accepted_args, mode="durable" if durable else "live", timeout=timeout
    )


def remove_filter(hook: str, callback: Callable[..., Any], priority: int | None = 10) -> bool:
    """Unsubscribe; priority as it was subscribed."""
    return _bus.remove_filter(hook, callback, priority)


def remove_action(hook: str, callback: Callable[..., Any], priority: int | None = 10) -> bool:
    """Unsubscribe; priority as it was subscribed."""
    return _bus.remove_filter(hook, callback, priority)


def remove_all_filters(hook: str, priority: int | None = None) -> bool:
    """Unsubscribe every Python callback of a hook, or of one of its priorities."""
    return _bus.remove_all_filters(hook, priority)


remove_all_actions = remove_all_filters


def has_filter(
    hook: str, callback: Callable[..., Any] | None = None, priority: int | None = None
) -> bool | int:
    """Whether anything listens (PHP included); with a callback its priority, or False."""
    if callback is None and dispatch.listens(_bus, hook):
        return True
    return _bus.has_filter(hook, callback, priority)


has_action = has_filter


def do_action(hook: str, *args: Any) -> None:
    """Fire an action."""
    dispatch.do_action(_bus, hook, *args)


def apply_filters(hook: str, value: Any, *args: Any) -> Any:
    """Fire a filter; returns the value after every listener."""
    return dispatch.apply_filters(_bus, hook, value, *args)


def did_action(hook: str) -> int:
    """How often an action has fired in this request, PHP included."""
    return dispatch.did(_bus, hook, "action")


def did_filter(hook: str) -> int:
    """How often a filter has fired in this request, PHP included."""
    return dispatch.did(_bus, hook, "filter")


def doing_action(hook: str | None = None) -> bool:
    """Whether a hook runs now in this request, at any depth, PHP included."""
    return dispatch.doing(_bus, hook)


doing_filter = doing_action


def current_filter() -> str | None:
    """The innermost hook that runs now."""
    return _bus.current_filter()


current_action = current_filter


def action(
    hook: str,
    priority: int = 10,
    accepted_args: int | None = None,
    durable: bool = False,
    timeout: float | None = None,
) -> Callable[[F], F]:
    """Decorator: ``@action("save_post", durable=True)``."""
    return _decorator(hook, priority, accepted_args, kind="action", durable=durable, timeout=timeout)


def filter(
    hook: str, priority: int = 10, accepted_args: int | None = None, timeout: float | None = None
) -> Callable[[F], F]:
    """Decorator: ``@filter("the_title")``."""
    return _decorator(hook, priority, accepted_args, kind="filter", durable=False, timeout=timeout)


def _decorator(
    hook: str, priority: int, accepted_args: int | None, *, kind: Kind, durable: bool, timeout: float | None
) -> Callable[[F], F]:
    def subscribe(callback: F) -> F:
        _bus.add_filter(
            hook,
            callback,
            priority,
            accepted_args,
            kind=kind,
            mode="durable" if durable else "live",
            timeout=timeout,
        )
        return callback

    return subscribe
