"""The cancel token: how work learns that nobody waits for it any more."""

from __future__ import annotations

from sidecar.errors import Cancelled


class CancelToken:
    """Set once, by the watcher when the peer hangs up or by the channel when it is poisoned.

    All calls on one connection share its fate, so a channel has one token. Any thread may set it.
    """

    __slots__ = ("reason",)

    def __init__(self) -> None:
        self.reason: str | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work is abandoned."""
        return self.reason is not None

    def set(self, reason: str) -> None:
        """Abandon the work; the first reason stays."""
        if self.reason is None:
            self.reason = reason

    def check(self) -> None:
        """Raise Cancelled when the work is abandoned."""
        if self.reason is not None:
            raise Cancelled(f"The call was abandoned: {self.reason}.")
