"""Which WordPress the current call talks to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Literal, Protocol

Kind = Literal["request", "unit"]


class WordPressHost(Protocol):
    """The typed operations Python may ask of a WordPress process, each checked as the acting user."""

    @property
    def kind(self) -> Kind:
        """``request``: the PHP request waiting on us. ``unit``: a clean process forked for this work."""
        ...

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """Run one registered host operation by name."""
        ...

    def do_action(self, hook: str, *args: Any) -> None: ...

    def apply_filters(self, hook: str, value: Any, *args: Any) -> Any: ...

    def has_listeners(self, hook: str) -> bool: ...

    def execute_ability(self, name: str, arguments: Mapping[str, Any] | None) -> Any: ...

    def ability_event(
        self, phase: Literal["before", "after"], name: str, arguments: Any, result: Any = None
    ) -> None: ...

    def run_tool(self, tool: Any, parameters: Mapping[str, Any], definition: Mapping[str, Any]) -> Any: ...

    def user_can(self, user_id: int, capability: str, *args: Any) -> bool: ...

    def get_user(self, user_id: int) -> Mapping[str, Any] | None: ...

    def get_option(self, name: str, default: Any = None) -> Any: ...

    def update_option(self, name: str, value: Any, *, autoload: bool | None = None) -> bool: ...

    def delete_option(self, name: str) -> bool: ...

    def get_transient(self, name: str) -> Any: ...

    def set_transient(self, name: str, value: Any, expiration: int = 0) -> bool: ...

    def delete_transient(self, name: str) -> bool: ...

    def insert_post(self, post: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> int: ...

    def query_posts(self, query: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]: ...

    def settle(self, operation: str, params: Mapping[str, Any]) -> None:
        """Put the process into a state by one of its operations; one that is opened later begins in it."""
        ...

    def as_user(self, user_id: int) -> AbstractContextManager[None]: ...


_current: ContextVar[WordPressHost | None] = ContextVar("datamachine_host", default=None)


def current() -> WordPressHost | None:
    """The host of this call, or None outside any WordPress process."""
    return _current.get()


@contextmanager
def bind(host: WordPressHost) -> Iterator[WordPressHost]:
    """Make ``host`` the current one for the duration of the block."""
    token = _current.set(host)
    try:
        yield host
    finally:
        # A unit may outlive the block it was opened in: its end must not bring that one back.
        if _current.get() is host:
            _current.reset(token)


def set_current(host: WordPressHost | None) -> None:
    """Set the host of this context for good; for code that owns its context, like the bridge's calls."""
    _current.set(host)
