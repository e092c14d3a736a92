"""One subscribed callable: its identity, and how many arguments it takes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, Literal

Mode = Literal["live", "durable", "queued"]
Kind = Literal["action", "filter"]

#: More arguments than any hook carries: "all of them".
EVERY_ARGUMENT = sys.maxsize

#: ``(identity of the object, identity of the function)``; a bound method is a new object at every access.
Key = tuple[int, int]


def key_of(function: Callable[..., Any]) -> Key:
    """What makes two callables the same subscription: the function, or the same method of the same object."""
    if isinstance(function, MethodType):
        return id(function.__self__), id(function.__func__)
    return id(function), 0


def capacity(function: Callable[..., Any]) -> int:
    """How many positional arguments ``function`` can take; inspected once, at registration.

    Callables written in C may hide their signature: they get WordPress's default, one argument.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    count = 0
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            return EVERY_ARGUMENT
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            count += 1
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            raise TypeError(
                f"{name_of(function)} cannot be a hook callback: {parameter.name!r} is keyword-only"
            )
    return count


def name_of(function: Callable[..., Any]) -> str:
    """A readable name for logs and traces: ``package.module.function``."""
    function = getattr(function, "func", function)
    module = getattr(function, "__module__", None) or type(function).__module__
    return f"{module}.{getattr(function, '__qualname__', type(function).__qualname__)}"


class Callback:
    """A callable with what was said about it when it was subscribed.

    ``accepted`` is the number of arguments it receives at most: the smaller of what was asked for and what
    the callable can take, so that a callback may name fewer arguments than the hook offers.
    """

    __slots__ = (
        "_for_all",
        "accepted",
        "function",
        "key",
        "kind",
        "label",
        "mode",
        "owner",
        "room",
        "timeout",
    )

    def __init__(
        self,
        function: Callable[..., Any],
        accepted_args: int | None = None,
        *,
        kind: Kind = "filter",
        mode: Mode = "live",
        owner: str = "",
        timeout: float | None = None,
    ) -> None:
        if not callable(function):
            raise TypeError(f"{function!r} is not callable")
        self.function = function
        self.room = capacity(function)
        self.accepted = self.room if accepted_args is None else min(max(int(accepted_args), 0), self.room)
        self.key = key_of(function)
        self.kind: Kind = kind
        self.mode: Mode = mode
        self.owner = owner
        self.timeout = timeout
        #: For log lines: who runs.
        self.label = f"plugin {owner}, {name_of(function)}"
        self._for_all: Callback | None = None

    @property
    def name(self) -> str:
        return name_of(self.function)

    def for_all(self) -> Callback:
        """The same callable as WordPress calls it on the hook `all`: with everything it can take."""
        if self._for_all is None:
            self._for_all = Callback(self.function, kind=self.kind, mode=self.mode, owner=self.owner)
        return self._for_all

    def __call__(self, args: Sequence[Any]) -> Any:
        accepted = self.accepted
        if accepted >= len(args):
            return self.function(*args)
        return self.function(*args[:accepted])

    def __repr__(self) -> str:
        return f"<Callback {self.name} of {self.owner or 'unnamed'} ({self.mode})>"
