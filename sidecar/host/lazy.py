"""A unit that is opened when something is first asked of WordPress, for work that often needs none."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from sidecar.host import context as host_context
from sidecar.host.context import Kind
from sidecar.host.errors import UnitEnded
from sidecar.host.operations import Operations
from sidecar.host.unit import UnitHost


class LazyUnit(Operations):
    """Stands for a unit that may never be opened; belongs to the thread that uses it."""

    def __init__(
        self,
        opener: Callable[[], AbstractContextManager[UnitHost]],
        context: str,
        *,
        opened: Callable[[UnitHost], None] | None = None,
    ) -> None:
        self._opener = opener
        #: Told of each process that is opened, before anything else is asked of it.
        self._told = opened
        #: Users of blocks that were entered before there was a process, innermost last.
        self._users: list[int] = []
        #: The user the process began with, once one of those had to be put in its place.
        self._first_user: int | None = None
        self._settled: dict[str, Mapping[str, Any]] = {}
        self._stack = ExitStack()
        self._unit: UnitHost | None = None
        self._closed = False
        #: What WordPress is loaded as.
        self.context = context
        #: What others learned while they had it and need not ask again before it ends.
        self.memo: dict[Hashable, Any] = {}

    @property
    def kind(self) -> Kind:
        return "unit"

    @property
    def opened(self) -> bool:
        """Whether there is a PHP process behind this yet."""
        return self._unit is not None

    @property
    def process(self) -> UnitHost | None:
        """What was opened, None as long as nothing was."""
        return self._unit

    @property
    def generation(self) -> str:
        """The unit's: opens it."""
        return self._open().generation

    @property
    def usable(self) -> bool:
        return not self._closed and (self._unit is None or self._unit.usable)

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """As in a unit; the first one may also raise what opening raises (HostBusy, HostUnavailable, ...)."""
        return self._open().call(operation, params, timeout=timeout)

    def settle(self, operation: str, params: Mapping[str, Any]) -> None:
        """As in a unit, once there is one: the last word of each operation is said when it is opened."""
        self._settled[operation] = params
        if self._unit is not None:
            self._unit.call(operation, params)

    @contextmanager
    def as_user(self, user_id: int) -> Iterator[None]:
        """As in a unit, without opening one."""
        if self._unit is not None:
            with super().as_user(user_id):
                yield
            return
        self._users.append(user_id)
        try:
            yield
        finally:
            self._users.pop()
            self._back()

    def _back(self) -> None:
        """Whoever acted before a block acts again, if a process was opened inside it."""
        if self._unit is not None and self._first_user is not None:
            before = self._users[-1] if self._users else self._first_user
            self._restore("user.switch", {"user_id": before})

    def release(self) -> None:
        """End the unit, if there is one, for the time nothing is asked; another one is opened when it is."""
        if not self._closed:
            self._unit = None
            self._stack.close()

    def close(self) -> None:
        """End the unit, if there is one. Nothing can be asked afterwards."""
        self._closed = True
        self._stack.close()

    def _open(self) -> UnitHost:
        if self._closed:
            raise UnitEnded("The request this unit was for has been answered.")
        if self._unit is None:
            current = host_context.current()
            unit = self._unit = self._stack.enter_context(self._opener())
            # The process lives longer than the call it was opened in: that call's host stays this one.
            host_context.set_current(current)
            if self._told is not None:
                self._told(unit)
            if self._users:
                self._first_user = int(unit.call("user.switch", {"user_id": self._users[-1]}))
            for operation, params in self._settled.items():
                unit.call(operation, params)
        return self._unit


def running() -> bool:
    """Whether the current host is a WordPress that runs already: its plugins have had their say."""
    host = host_context.current()
    return host is not None and not (isinstance(host, LazyUnit) and not host.opened)


@contextmanager
def lazily(opener: Callable[[], AbstractContextManager[UnitHost]], context: str) -> Iterator[LazyUnit]:
    """The current host inside the block; the unit, where one was opened, ends with it."""
    unit = LazyUnit(opener, context)
    with host_context.bind(unit):
        try:
            yield unit
        finally:
            unit.close()
