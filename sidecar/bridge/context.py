"""What a handler knows about its call, and the run state that belongs to one call."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sidecar.bridge.cancel import CancelToken
from sidecar.errors import DeadlineExceeded

if TYPE_CHECKING:
    from sidecar.bridge.channel import Channel

Source = Literal["web", "rest", "cli", "cron", "host", "queue"]


class CallContext(msgspec.Struct, frozen=True, gc=False):
    """Who asks, as WordPress says. The user is believed; the acting agent is derived again in Python."""

    user_id: int = 0
    blog_id: int = 1
    locale: str = ""
    #: One for each PHP request, the same on every call it makes.
    request_id: str = ""
    source: Source = "web"
    #: How many connections the chain PHP to Python to PHP by HTTP has crossed.
    depth: int = 0


class Call:
    """One request of the peer, while it is served."""

    __slots__ = ("channel", "context", "deadline", "method", "note", "open", "params", "started")

    def __init__(
        self,
        channel: Channel,
        method: str,
        params: dict[str, Any],
        context: CallContext,
        deadline: float | None,
    ) -> None:
        self.channel = channel
        self.method = method
        self.params = params
        self.context = context
        #: On ``time.monotonic``, or None without limit.
        self.deadline = deadline
        self.started = time.monotonic()
        #: What is running now, for the log: a handler writes its plugin, hook and callback here.
        self.note = ""
        #: False once the call has ended; handles of the peer are good while it is True.
        self.open = True

    @property
    def cancel(self) -> CancelToken:
        """Set when nobody waits for the answer any more."""
        return self.channel.cancel

    def remaining(self) -> float | None:
        """Seconds left, 0.0 when the deadline has passed, None without limit."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def check(self) -> None:
        """Raise Cancelled or DeadlineExceeded when the work should not go on."""
        self.channel.cancel.check()
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise DeadlineExceeded(f"{self.describe()} used up its time.")

    def call_peer(self, method: str, params: dict[str, Any]) -> Any:
        """Call back into the process that waits for this call."""
        return self.channel.call(method, params)

    def describe(self) -> str:
        """Method, hook and what runs now, for log lines."""
        hook = self.params.get("hook")
        parts = [self.method, f"hook {hook}" if isinstance(hook, str) else "", self.note]
        return ", ".join(part for part in parts if part)


Handler = Callable[[Call], Any]
Entry = Callable[[Call], None]

_call: ContextVar[Call | None] = ContextVar("datamachine_bridge_call", default=None)
_entries: list[Entry] = []


def current_call() -> Call | None:
    """The call this code works for, or None outside any call."""
    return _call.get()


def check() -> None:
    """Raise when the call this code works for is abandoned or out of time; does nothing outside a call."""
    call = _call.get()
    if call is not None:
        call.check()


def remaining() -> float | None:
    """Seconds the current call has left; None without a call or a limit."""
    call = _call.get()
    return None if call is None else call.remaining()


def on_call(entry: Entry) -> None:
    """Run ``entry(call)`` at the start of every call, inside the call's own context.

    It may set context variables: they end with the call. Registering twice does nothing.
    """
    if entry not in _entries:
        _entries.append(entry)


def enter(call: Call) -> None:
    """Make ``call`` the current one of this context; the channel does this inside a fresh context."""
    _call.set(call)
    for entry in _entries:
        entry(call)
