"""Where a hook fired from Python runs.

Inside a WordPress process (the request that waits for us, or this job's unit) it goes through that process:
`WP_Hook` decides the order and calls back for Python's share. Outside one, Python runs its callbacks alone
when a host has said that no PHP listens to the hook in that context; otherwise a unit is opened for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sidecar import blog
from sidecar.hooks import trace
from sidecar.hooks.callbacks import Kind
from sidecar.host import LazyUnit, context

if TYPE_CHECKING:
    from sidecar.hooks.bus import Bus
    from sidecar.host import HostPool
    from sidecar.host.context import WordPressHost

T = TypeVar("T")

#: The context a unit is booted in for a hook that Python fires on its own account.
UNIT_CONTEXT: Literal["cron"] = "cron"

#: Seconds an answer of a host is trusted, where nothing tells this process that somebody activated a plugin.
TRUSTED = 30.0


class Listeners:
    """Which hooks PHP listens to, as hosts reported, by context and plugin generation."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._generation = ""
        self._answers: dict[tuple[str, int, str], tuple[bool, float]] = {}
        self._state: object = None

    def known(self, where: str, hook: str) -> bool | None:
        """The answer for a hook, or None when nobody has asked lately."""
        with self._lock:
            listens, until = self._answers.get((where, blog.current(), hook), (None, 0.0))
        return listens if self._monotonic() < until else None

    def learn(self, where: str, hook: str, generation: str, listens: bool) -> None:
        """Remember an answer; a new generation forgets all the others."""
        with self._lock:
            if generation != self._generation:
                self._generation = generation
                self._answers.clear()
            self._answers[where, blog.current(), hook] = listens, self._monotonic() + TRUSTED

    def under(self, state: object) -> None:
        """Forget what was learned under another state of the site; ``state`` is compared by equality."""
        with self._lock:
            if state != self._state:
                self._state = state
                self._answers.clear()


listeners = Listeners()
_hosts: HostPool | None = None


def use(hosts: HostPool | None) -> None:
    """Where units come from; None means Python is alone (tests, a process without WordPress)."""
    global _hosts
    _hosts = hosts


def do_action(bus: Bus, hook: str, *args: Any) -> None:
    """Fire an action in the right place."""
    _fire(bus, hook, lambda host: host.do_action(hook, *args), lambda: bus.do_action(hook, *args))


def apply_filters(bus: Bus, hook: str, value: Any, *args: Any) -> Any:
    """Fire a filter in the right place."""
    return _fire(
        bus,
        hook,
        lambda host: host.apply_filters(hook, value, *args),
        lambda: bus.apply_filters(hook, value, *args),
    )


def listens(bus: Bus, hook: str) -> bool:
    """Whether PHP or Python listens to a hook here."""
    host = context.current()
    if bus.has_filter(hook):
        return True
    return host is not None and not silent(host, hook) and host.has_listeners(hook)


def did(bus: Bus, hook: str, kind: Kind) -> int:
    """How often a hook has fired in this request."""
    host = context.current()
    if host is not None:
        return int(host.call("hook.did", {"hook": hook, "kind": kind}))
    return bus.did_action(hook) if kind == "action" else bus.did_filter(hook)


def doing(bus: Bus, hook: str | None) -> bool:
    """Whether a hook runs now in this request; Python's own share is known without asking."""
    if bus.doing_filter(hook):
        return True
    host = context.current()
    return host is not None and bool(host.call("hook.doing", {"hook": hook}))


def _fire(bus: Bus, hook: str, through: Callable[[WordPressHost], T], alone: Callable[[], T]) -> T:
    bus.vocabulary.check(hook)
    host = context.current()
    if host is not None and not silent(host, hook):
        with _traced(hook, host.kind):
            return through(host)
    if _hosts is None or host is not None:
        with _traced(hook, "python"):
            return alone()
    if listeners.known(UNIT_CONTEXT, hook) is False:
        with _traced(hook, "python"):
            return alone()
    with _traced(hook, "unit"), _hosts.unit(context=UNIT_CONTEXT) as unit:
        listeners.learn(UNIT_CONTEXT, hook, unit.generation, unit.has_listeners(hook))
        return through(unit)


def silent(host: WordPressHost, hook: str) -> bool:
    """Whether a process that was not opened yet need not be: nobody in it would see the hook."""
    if not isinstance(host, LazyUnit):
        return False
    known = listeners.known(host.context, hook)
    opened = host.opened
    if known is None:
        known = host.has_listeners(hook)
        listeners.learn(host.context, hook, host.generation, known)
    # In a process that is there anyway somebody may have begun to listen while it ran.
    return not (known or opened)


def _traced(hook: str, where: str) -> Any:
    return trace.fired(hook, where) if trace.enabled else nullcontext()
