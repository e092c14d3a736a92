"""Callbacks of abilities by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sidecar.bridge import Call
from sidecar.errors import Internal, NotFound

#: ``callback(principal, input)`` gives the ability's result: plain data for PHP.
Callback = Callable[[Any, Mapping[str, Any]], Any]


class PrincipalOf(Protocol):
    """Says who acts in a call of WordPress; the package that knows principals sets it."""

    def __call__(self, call: Call) -> Any:
        """The principal, or Forbidden."""
        ...


class Registry:
    """Everything this process can execute. Who may, WordPress has decided by the declaration."""

    def __init__(self) -> None:
        self._callbacks: dict[str, Callback] = {}
        self._principal_of: PrincipalOf | None = None

    def add(self, name: str, callback: Callback) -> None:
        """Offer a declared ability."""
        self._callbacks[name] = callback

    def judge_by(self, principal_of: PrincipalOf) -> None:
        """Say how the principal of a call is found."""
        self._principal_of = principal_of

    def names(self) -> list[str]:
        """Abilities with a callback, in the order they were added."""
        return list(self._callbacks)

    def execute(self, principal: Any, name: str, given: Mapping[str, Any] | None = None) -> Any:
        """Run an ability as somebody; NotFound ``ability_not_found``."""
        callback = self._callbacks.get(name)
        if callback is None:
            raise NotFound(f'There is no ability "{name}" here.', code="ability_not_found")
        return callback(principal, given or {})

    def handle(self, call: Call) -> Any:
        """The bridge method ``ability.execute {name, input, principal}``.

        WordPress has validated the input and checked the permission, and tells its listeners itself.
        """
        if self._principal_of is None:
            raise Internal("Nobody says who acts in a call.")
        given = call.params.get("input")
        return self.execute(
            self._principal_of(call),
            str(call.params.get("name", "")),
            given if isinstance(given, Mapping) else None,
        )
