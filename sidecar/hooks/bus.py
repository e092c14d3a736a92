"""The subscriptions of one process, and running them.

The bus is Python's half: where a hook fires in PHP, WordPress's own `WP_Hook` decides the order and calls
back here once for each (hook, priority); where no PHP listens, the bus runs alone with the same rules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from sidecar.errors import Cancelled, DeadlineExceeded
from sidecar.hooks import state, trace
from sidecar.hooks.callbacks import Callback, Kind, Mode, key_of
from sidecar.hooks.catalogue import Catalogue, catalogue
from sidecar.hooks.errors import HookError, SubscriptionsFrozen
from sidecar.hooks.registrations import Registrations
from sidecar.hooks.wp_hook import Hook, action_arguments

logger = logging.getLogger("datamachine.hooks")

#: The owner of the product's own subscriptions; everybody else's are contained when they raise.
PRODUCT = "datamachine"

#: The most a live subscription may ask for.
LONGEST_TIMEOUT = 30.0

_suppressed: ContextVar[frozenset[str]] = ContextVar("datamachine_hooks_suppressed", default=frozenset())


class Subscription(NamedTuple):
    """One permanent subscription, as the manifest and `plugins list` see it."""

    hook: str
    priority: int
    callback: Callback


class Bus:
    """Subscriptions and their execution in Python."""

    def __init__(self, vocabulary: Catalogue | None = None) -> None:
        self._hooks: dict[str, Hook] = {}
        self._vocabulary = vocabulary
        self._owner = PRODUCT
        self._frozen = False
        self.registrations = Registrations()
        self._run_time_listeners: list[Callable[[str, int, Callback], None]] = []

    # Who subscribes, and until when

    @property
    def vocabulary(self) -> Catalogue:
        return self._vocabulary or catalogue()

    @contextmanager
    def owned_by(self, owner: str) -> Iterator[None]:
        """Everything subscribed inside belongs to ``owner`` (a plugin's name)."""
        before, self._owner = self._owner, owner
        try:
            yield
        finally:
            self._owner = before

    @property
    def owner(self) -> str:
        return self._owner

    def freeze(self) -> None:
        """No permanent subscriptions from here on: the manifest has been computed."""
        self._frozen = True

    def on_run_time_subscription(self, listener: Callable[[str, int, Callback], None]) -> None:
        """Call ``listener(hook, priority, callback)`` when something subscribes inside a running call."""
        self._run_time_listeners.append(listener)

    # Subscribing

    def add_filter(
        self,
        hook: str,
        callback: Callable[..., Any],
        priority: int | None = 10,
        accepted_args: int | None = None,
        *,
        kind: Kind = "filter",
        mode: Mode = "live",
        timeout: float | None = None,
        owner: str | None = None,
    ) -> bool:
        """Subscribe ``callback``; inside a running call it counts for that call's request only.

        ``accepted_args`` None means as many as the callable takes. ``timeout`` in seconds, live mode only.
        """
        priority = int(priority or 0)
        if mode != "live" and kind != "action":
            raise HookError(f"Only actions can be {mode}: a filter's caller waits for the value ({hook}).")
        if timeout is not None and not 0 < timeout <= LONGEST_TIMEOUT:
            raise HookError(
                f"A live subscription may ask for up to {LONGEST_TIMEOUT:.0f} s, not {timeout} ({hook})."
            )
        self.vocabulary.check(hook)
        who = owner or self._owner
        subscribed = Callback(callback, accepted_args, kind=kind, mode=mode, owner=who, timeout=timeout)
        scope = state.current()
        if scope is None and self._frozen:
            raise SubscriptionsFrozen(
                f"{subscribed.name} subscribes to {hook} outside a running call and after start: "
                "do it while the plugin loads."
            )
        if scope is None:
            self._hooks.setdefault(hook, Hook()).add(subscribed, priority)
            return True
        if mode != "live":
            raise HookError(f"A {mode} subscription is permanent: make it while the plugin loads ({hook}).")
        local = self._local(scope, hook)
        if local is None:
            local = scope.hooks[hook] = Hook()
        local.add(subscribed, priority)
        for listener in self._run_time_listeners:
            listener(hook, priority, subscribed)
        return True

    def add_action(
        self,
        hook: str,
        callback: Callable[..., Any],
        priority: int | None = 10,
        accepted_args: int | None = None,
        *,
        mode: Mode = "live",
        timeout: float | None = None,
        owner: str | None = None,
    ) -> bool:
        """As :meth:`add_filter`, for an action."""
        return self.add_filter(
            hook, callback, priority, accepted_args, kind="action", mode=mode, timeout=timeout, owner=owner
        )

    def remove_filter(self, hook: str, callback: Callable[..., Any], priority: int | None = 10) -> bool:
        """Unsubscribe; False when ``callback`` was not subscribed at that priority."""
        scope = self._writable(hook)
        found = self._hook(scope, hook)
        if found is None:
            return False
        removed = found.remove(key_of(callback), int(priority or 0))
        self._drop_if_empty(scope, hook, found)
        return removed

    remove_action = remove_filter

    def remove_all_filters(self, hook: str, priority: int | None = None) -> bool:
        """Unsubscribe every callback of a hook, or of one of its priorities."""
        scope = self._writable(hook)
        found = self._hook(scope, hook)
        if found is not None:
            found.remove_all(priority)
            self._drop_if_empty(scope, hook, found)
        return True

    remove_all_actions = remove_all_filters

    def has_filter(
        self, hook: str, callback: Callable[..., Any] | None = None, priority: int | None = None
    ) -> bool | int:
        """Whether anything listens; with a callback its priority, or False (mind that 0 is a priority)."""
        found = self._read(hook)
        if found is None:
            return False
        if callback is None:
            return bool(found.callbacks)
        key = key_of(callback)
        if priority is not None:
            return key in found.callbacks.get(priority, {})
        at = found.find(key)
        return False if at is None else at

    has_action = has_filter

    # Run state

    def current_filter(self) -> str | None:
        """The innermost hook that runs in this call, as far as Python sees it."""
        scope = state.current()
        return scope.stack[-1] if scope and scope.stack else None

    def doing_filter(self, hook: str | None = None) -> bool:
        scope = state.current()
        if scope is None:
            return False
        return bool(scope.stack) if hook is None else hook in scope.stack

    def did_action(self, hook: str) -> int:
        scope = state.current()
        return scope.actions[hook] if scope else 0

    def did_filter(self, hook: str) -> int:
        scope = state.current()
        return scope.filters[hook] if scope else 0

    # Running

    def apply_filters(self, hook: str, value: Any, *args: Any) -> Any:
        """Run the Python callbacks of a filter alone."""
        with self._scope() as scope:
            scope.filters[hook] += 1
            with self._running(scope, hook, (hook, value, *args)) as found:
                if found is None:
                    return value
                return found.apply_filters(value, (value, *args), self._caller(hook, "filter"))

    def do_action(self, hook: str, *args: Any) -> None:
        """Run the Python callbacks of an action alone; without arguments they get one empty string."""
        with self._scope() as scope:
            scope.actions[hook] += 1
            with self._running(scope, hook, (hook, *args)) as found:
                if found is not None:
                    found.do_action(action_arguments(args), self._caller(hook, "action"))

    def run_forwarded(
        self,
        hook: str,
        priority: int,
        kind: Kind,
        args: Sequence[Any],
        *,
        mode: Mode | None = None,
        note: Callable[[Callback], None] | None = None,
    ) -> Any:
        """Run what Python has at one (hook, priority), for the forwarder that stands there in PHP.

        Returns a filter's value, the very object that came in when nobody changed it. ``mode`` restricts
        the run to subscriptions of that mode; ``note`` is told which callback is about to run.
        """
        scope = state.current()
        if scope is None:
            with state.scope() as scope:
                return self._run_group(scope, hook, priority, kind, args, mode=mode, note=note)
        return self._run_group(scope, hook, priority, kind, args, mode=mode, note=note)

    def _run_group(
        self,
        scope: state.Scope,
        hook: str,
        priority: int,
        kind: Kind,
        args: Sequence[Any],
        *,
        mode: Mode | None,
        note: Callable[[Callback], None] | None,
    ) -> Any:
        value = args[0] if args else None
        found = self._hook(scope, hook)
        group = found.callbacks.get(priority) if found is not None else None
        if not group:
            return value
        quiet = hook in _suppressed.get()
        call = self._caller(hook, kind)
        offered = list(args)
        scope.stack.append(hook)
        try:
            for callback in list(group.values()):
                if (mode is not None and callback.mode != mode) or (quiet and callback.mode == "queued"):
                    continue
                if note is not None:
                    note(callback)
                result = call(callback, offered)
                if kind == "filter":
                    value = offered[0] = result
        finally:
            scope.stack.pop()
        return value

    def takes(self, hook: str, priority: int) -> bool:
        """Whether Python does the work of a queued hook at once: it is being done, or somebody here can."""
        return hook in _suppressed.get() or bool(self.callbacks(hook, priority, "queued"))

    @contextmanager
    def suppressing(self, hook: str) -> Iterator[None]:
        """Queued callbacks of ``hook`` do not run inside: whoever fires it does their work itself.

        The worker fires a doorbell's hook so that WordPress sees it, and must not be asked to do it again.
        """
        token = _suppressed.set(_suppressed.get() | {hook})
        try:
            yield
        finally:
            _suppressed.reset(token)

    # Looking

    def subscriptions(self) -> list[Subscription]:
        """Every permanent subscription, by hook name, priority and order."""
        return [
            Subscription(hook, priority, callback)
            for hook in sorted(self._hooks)
            for priority, group in self._hooks[hook].callbacks.items()
            for callback in group.values()
        ]

    def callbacks(self, hook: str, priority: int, mode: Mode) -> list[Callback]:
        """The permanent callbacks of one mode at one priority."""
        found = self._hooks.get(hook)
        group = found.callbacks.get(priority, {}) if found else {}
        return [callback for callback in group.values() if callback.mode == mode]

    def forget(self, owner: str) -> None:
        """Take back everything ``owner`` subscribed: its plugin failed to load."""
        for subscription in self.subscriptions():
            if subscription.callback.owner == owner:
                self._hooks[subscription.hook].remove(subscription.callback.key, subscription.priority)
        self._hooks = {name: hook for name, hook in self._hooks.items() if hook.callbacks}

    # Inside

    @contextmanager
    def _scope(self) -> Iterator[state.Scope]:
        """The call's scope; a hook fired outside any gets one for as long as it runs."""
        scope = state.current()
        if scope is not None:
            yield scope
        else:
            with state.scope() as scope:
                yield scope

    def _read(self, hook: str) -> Hook | None:
        scope = state.current()
        return self._hooks.get(hook) if scope is None else self._hook(scope, hook)

    def _hook(self, scope: state.Scope | None, hook: str) -> Hook | None:
        """What listens in this scope; copied only when it is about to be run or changed."""
        if scope is not None and hook in scope.hooks:
            return scope.hooks[hook]
        return self._hooks.get(hook)

    def _local(self, scope: state.Scope, hook: str) -> Hook | None:
        """This scope's own copy of a hook: its run state and run-time subscriptions are nobody else's."""
        if hook not in scope.hooks and hook in self._hooks:
            scope.hooks[hook] = Hook(self._hooks[hook].callbacks)
        return scope.hooks.get(hook)

    def _writable(self, hook: str) -> state.Scope | None:
        scope = state.current()
        if scope is not None:
            self._local(scope, hook)
        elif self._frozen:
            raise SubscriptionsFrozen(
                f"{hook}: subscriptions change while plugins load, or inside a running call."
            )
        return scope

    def _drop_if_empty(self, scope: state.Scope | None, hook: str, found: Hook) -> None:
        """As WordPress: an emptied hook is gone; a later subscriber makes a new one, whatever runs."""
        if found.callbacks:
            return
        if scope is not None:
            scope.hooks[hook] = None
        else:
            self._hooks.pop(hook, None)

    @contextmanager
    def _running(self, scope: state.Scope, hook: str, all_args: Sequence[Any]) -> Iterator[Hook | None]:
        """Push the name, run the listeners on `all`, and hand out the hook's own listeners."""
        scope.stack.append(hook)
        try:
            every = self._local(scope, "all")
            if every is not None:
                every.do_all(all_args, self._caller("all", "action"))
            yield self._local(scope, hook)
        finally:
            scope.stack.pop()

    def _caller(self, hook: str, kind: Kind) -> Callable[[Callback, Sequence[Any]], Any]:
        """How one callback is called: traced, and contained unless the hook's policy must see the failure."""
        strict = hook != "all" and self.vocabulary.policy(hook, kind) in ("deny", "error", "enqueue")

        def call(callback: Callback, args: Sequence[Any]) -> Any:
            try:
                if trace.enabled:
                    with trace.callback(hook, callback):
                        return callback(args)
                return callback(args)
            except (Cancelled, DeadlineExceeded):
                raise
            except Exception:
                if strict or callback.owner == PRODUCT:
                    raise
                logger.exception("Plugin %s failed in %s (%s)", callback.owner, hook, callback.name)
                return args[0] if args else None

        return call
