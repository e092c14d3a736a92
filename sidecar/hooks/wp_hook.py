"""The callbacks of one hook, run in WordPress's order.

A rendering of what `WP_Hook` of WordPress 7.1 does, including what it does when callbacks add and remove
callbacks of the hook that is running. The property test compares it with WordPress's own file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sidecar.hooks.callbacks import Callback, Key

Group = dict[Key, Callback]
#: How a callback is called: the bus adds tracing and containment.
Call = Callable[[Callback, Sequence[Any]], Any]


def plain(callback: Callback, args: Sequence[Any]) -> Any:
    """Call it, nothing more."""
    return callback(args)


class _Iteration:
    """Where one run of the hook stands: a PHP array with its internal pointer."""

    __slots__ = ("current_priority", "position", "priorities")

    def __init__(self, priorities: list[int]) -> None:
        self.priorities = priorities
        self.position = 0
        self.current_priority: int | None = None

    def current(self) -> int | None:
        return self.priorities[self.position] if self.position < len(self.priorities) else None

    def advance(self) -> bool:
        """PHP's next(); False past the end."""
        if self.position < len(self.priorities):
            self.position += 1
        return self.position < len(self.priorities)


class Hook:
    """Callbacks by priority (numeric order), then insertion order."""

    __slots__ = ("_doing_action", "_iterations", "callbacks")

    def __init__(self, callbacks: Mapping[int, Group] | None = None) -> None:
        self.callbacks: dict[int, Group] = {p: dict(group) for p, group in (callbacks or {}).items()}
        self._iterations: list[_Iteration] = []
        self._doing_action = False

    def add(self, callback: Callback, priority: int) -> None:
        """Subscribe; the same callable at the same priority is replaced in place."""
        existed = priority in self.callbacks
        self.callbacks.setdefault(priority, {})[callback.key] = callback
        if not existed:
            self.callbacks = dict(sorted(self.callbacks.items()))
        self._resort(priority, existed)

    def remove(self, key: Key, priority: int) -> bool:
        """Unsubscribe; False when it was not there. The running priority finishes the list it began with."""
        group = self.callbacks.get(priority, {})
        if key not in group:
            return False
        del group[key]
        if not group:
            del self.callbacks[priority]
            self._resort()
        return True

    def remove_all(self, priority: int | None = None) -> None:
        """Unsubscribe everything, or everything at one priority."""
        if priority is None:
            self.callbacks = {}
        else:
            self.callbacks.pop(priority, None)
        self._resort()

    def find(self, key: Key) -> int | None:
        """The first priority at which a callable is subscribed."""
        return next((priority for priority, group in self.callbacks.items() if key in group), None)

    def apply_filters(self, value: Any, args: Sequence[Any], call: Call = plain) -> Any:
        """Run every callback; ``args[0]`` becomes the value as it stands, unless an action is running."""
        if not self.callbacks:
            return value
        iteration = self._begin()
        offered = list(args)
        try:
            while True:
                iteration.current_priority = priority = iteration.current()
                for callback in self._group(priority):
                    if not self._doing_action:
                        offered[:1] = [value]
                    value = call(callback, offered)
                if not iteration.advance():
                    return value
        finally:
            self._iterations.pop()

    def do_action(self, args: Sequence[Any], call: Call = plain) -> None:
        """Run every callback with the same arguments."""
        self._doing_action = True
        try:
            self.apply_filters("", args, call)
        finally:
            # A recursive run of the same action is finished only when the outermost one is.
            if not self._iterations:
                self._doing_action = False

    def do_all(self, args: Sequence[Any], call: Call = plain) -> None:
        """Run as the hook `all`: every callback sees the hook's name and its arguments."""
        iteration = self._begin()
        try:
            while True:
                for callback in self._group(iteration.current()):
                    call(callback.for_all(), args)
                if not iteration.advance():
                    return
        finally:
            self._iterations.pop()

    def _begin(self) -> _Iteration:
        iteration = _Iteration(list(self.callbacks))
        self._iterations.append(iteration)
        return iteration

    def _group(self, priority: int | None) -> list[Callback]:
        """A copy: what is added to or removed from the running priority counts from the next run on."""
        return [] if priority is None else list(self.callbacks.get(priority, {}).values())

    def _resort(self, new_priority: int | None = None, existed: bool = False) -> None:
        """Move every run of this hook to the new list of priorities, as WordPress does."""
        priorities = list(self.callbacks)
        for iteration in self._iterations:
            current = iteration.current()
            if not priorities:
                iteration.priorities, iteration.position = [], 0
                continue
            if current is None:
                continue
            iteration.priorities, iteration.position = list(priorities), 0
            if current < priorities[0]:
                iteration.priorities.insert(0, current)
                continue
            while (here := iteration.current()) is not None and here < current:
                iteration.advance()
            if new_priority is not None and new_priority == iteration.current_priority and not existed:
                self._step_back(iteration, new_priority)

    @staticmethod
    def _step_back(iteration: _Iteration, new_priority: int) -> None:
        """The running priority came back into being: it must not run again in this run."""
        previous = iteration.position - 1
        if previous < 0:
            iteration.position = 0
        elif iteration.priorities[previous] == new_priority:
            iteration.position = previous


def action_arguments(args: Sequence[Any]) -> Sequence[Any]:
    """WordPress's two oddities of do_action: nothing becomes '', a list of one object becomes the object."""
    if not args:
        return ("",)
    first = args[0]
    if isinstance(first, (list, tuple)) and len(first) == 1 and _is_object(first[0]):
        return (first[0], *args[1:])
    return args


def _is_object(value: Any) -> bool:
    """What PHP would call an object: not a scalar, not an array."""
    return value is not None and not isinstance(value, (bool, int, float, str, bytes, list, tuple, dict))
