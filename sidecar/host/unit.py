"""A unit of work: one clean PHP process, as a host."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sidecar import bridge
from sidecar.bridge import Channel, ChannelPoisoned, ConnectionLost, RemoteError
from sidecar.errors import DeadlineExceeded, SidecarError
from sidecar.host.context import Kind, WordPressHost
from sidecar.host.errors import DeadUnit, ProcessDied, UnitEnded, UnknownOutcome
from sidecar.host.operations import Operations

log = logging.getLogger("datamachine.host")

#: What PHP may still do after the last operation: its ``shutdown`` hook.
CLOSE_SECONDS = 30.0
#: Codes by which PHP says that its process ended during an operation.
ENDINGS = frozenset({"host_exit", "host_fatal", "wp_die", "database_lost"})


class Opened(msgspec.Struct, frozen=True):
    """What PHP answers when a unit begins."""

    pid: int
    connection_id: int
    generation: str = ""
    wordpress: str = ""


class UnitHost(Operations):
    """Operations in a PHP process of one's own. Belongs to the thread that opened it."""

    def __init__(
        self, channel: Channel, opened: Opened, *, end: Callable[[bool], None], context: str = "cron"
    ) -> None:
        """``end(killed)`` gives back what the unit occupies, once."""
        self._channel = channel
        self._opened = opened
        self._end = end
        self._ended: str | None = None
        #: It ended without a word.
        self._died = False
        self._closed = threading.Event()
        self.context = context
        _by_channel[channel] = self

    @property
    def kind(self) -> Kind:
        return "unit"

    @property
    def pid(self) -> int:
        """The PHP process."""
        return self._opened.pid

    @property
    def connection_id(self) -> int:
        """The database's id of this process's connection: KILL it, and nothing it does counts any more."""
        return self._opened.connection_id

    @property
    def generation(self) -> str:
        """Changes with plugins, theme, roles and addresses: what was learnt about listeners holds for one."""
        return self._opened.generation

    @property
    def usable(self) -> bool:
        return self._ended is None

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """Run an operation.

        RemoteError: PHP refused it, or its code failed. With a code of :data:`ENDINGS` PHP's process ended in
        it (``exit``, a fatal error, ``wp_die``), and the unit with it. :class:`UnknownOutcome`: the process
        is gone without a word (then :class:`ProcessDied`), or did not answer in time. :class:`UnitEnded`: it
        was gone before.
        """
        if self._ended is not None:
            raise (DeadUnit if self._died else UnitEnded)(f"This unit has ended: {self._ended}.")
        left = bridge.remaining()
        if left is not None:
            timeout = left if timeout is None else min(left, timeout)
        try:
            return self._channel.call(operation, dict(params), timeout)
        except RemoteError as error:
            if error.code in ENDINGS:
                self._ended = error.message.rstrip(".")
            raise
        except ConnectionLost as error:
            self._ended, self._died = f"its process went away during {operation}", True
            raise ProcessDied(f"WordPress went away during {operation}; it may have been done.") from error
        except DeadlineExceeded as error:
            self._ended = f"{operation} did not answer in time"
            raise UnknownOutcome(f"{operation} did not answer in time; it may have been done.") from error
        except ChannelPoisoned as error:
            self._ended = str(error)
            raise UnitEnded(f"This unit has ended: {error}") from error

    def close(self) -> None:
        """End the unit in order: PHP fires ``shutdown``, which may still call us, and exits."""
        if self._closed.is_set():
            return
        self._closed.set()
        killed = True
        try:
            # A process that said that it ends does so; one that said nothing is ended.
            killed = not self._shut_down() if self._ended is None else self._channel.cancel.cancelled
        finally:
            self._ended = self._ended or "it was closed"
            self._channel.close()
            self._end(killed)

    def cancel(self) -> None:
        """End the unit at once; safe from any thread. What it was doing has an unknown outcome."""
        if not self._closed.is_set():
            self._closed.set()
            self._ended = self._ended or "it was cancelled"
            self._channel.cancel.set("the unit was cancelled")
            self._end(True)

    def _shut_down(self) -> bool:
        """Let PHP shut down, answering what it asks meanwhile; whether it ended in time.

        ``unit.close`` has no answer: the end of the process is one.
        """
        try:
            self._channel.call("unit.close", {}, CLOSE_SECONDS)
        except ConnectionLost:
            return True
        except SidecarError as error:
            log.warning("host: unit %d did not end in order: %s", self.pid, error.message)
        return False


_by_channel: weakref.WeakKeyDictionary[Channel, UnitHost] = weakref.WeakKeyDictionary()


def of_channel(channel: Channel) -> WordPressHost | None:
    """The unit behind a channel, for what PHP calls back on it."""
    return _by_channel.get(channel)
