"""Faults between two statements: every statement of a thread is a moment at which its process may die.

A :class:`Script` says what happens at which moment. ``killed``: nothing more is written, not even by what
cleans up. ``asleep``: somebody else does the work meanwhile, then this thread goes on. ``unanswered``: the
server commits and the answer is lost.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest

from sidecar.db import DatabaseUnavailable, Session

COMMIT = "COMMIT"
Fault = Literal["killed", "asleep", "unanswered"]


class Killed(BaseException):
    """The process is dead."""


class Script:
    """What befalls one thread at its ``at``-th statement (or, ``unanswered``, its ``at``-th commit)."""

    def __init__(self, fault: Fault, at: int, meanwhile: Callable[[], Any] = lambda: None) -> None:
        self.fault = fault
        self.at = at
        self.happened = False
        self._meanwhile = meanwhile
        self._thread = threading.get_ident()
        self._left = at

    def before(self, session: Session, text: Any) -> None:
        """A statement is about to be sent."""
        commit = text == COMMIT
        if threading.get_ident() != self._thread:
            return
        if self.fault == "killed" and self.happened:
            raise Killed
        if self.happened or self.fault == "unanswered":
            return
        self._left -= 1
        if self._left > 0 or (self.fault == "asleep" and (session.in_transaction or commit)):
            # A sleeper that holds locks is ended by the server's own limit: another story.
            return
        self.happened = True
        if self.fault == "killed":
            session.invalidate()
            raise Killed
        self._meanwhile()

    def after(self, session: Session, text: Any) -> None:
        """A statement was answered."""
        if threading.get_ident() != self._thread or self.fault != "unanswered" or text != COMMIT:
            return
        self._left -= 1
        if self._left == 0:
            self.happened = True
            session.invalidate()
            raise DatabaseUnavailable("The answer to the commit was lost.")


class Stop(Script):
    """Something happens before a statement that looks so, or before the commit of its transaction."""

    def __init__(self, pattern: str, stop: Callable[[], Any], *, at_commit: bool = False) -> None:
        super().__init__("asleep", 0, stop)
        self._pattern = re.compile(pattern, re.DOTALL)
        self._at_commit = at_commit
        self._waits_for_commit = False

    def before(self, session: Session, text: Any) -> None:
        if threading.get_ident() != self._thread or self.happened:
            return
        if self._pattern.search(str(text)):
            self._waits_for_commit = True
        if self._waits_for_commit and (text == COMMIT or not self._at_commit):
            self.happened = True
            self._meanwhile()


class Stage:
    """Where a script plays; at most one at a time."""

    def __init__(self) -> None:
        self._script: Script | None = None

    @contextmanager
    def playing(self, script: Script) -> Iterator[Script]:
        self._script = script
        try:
            yield script
        finally:
            self._script = None

    def around(self, statement: Callable[..., Any]) -> Callable[..., Any]:
        """The same method of a session, with a moment before and one after it."""

        def call(session: Session, text: Any, *args: Any, **named: Any) -> Any:
            script = self._script
            if script is not None:
                script.before(session, text)
            found = statement(session, text, *args, **named)
            if script is not None:
                script.after(session, text)
            return found

        return call


@contextmanager
def stage() -> Iterator[Stage]:
    """Let scripts play in this process."""
    built = Stage()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute", "many", "command"):
            patch.setattr(Session, name, built.around(getattr(Session, name)))
        yield built
