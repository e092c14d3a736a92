"""Statements inside a call of the bridge share the call's fate."""

from __future__ import annotations

import contextvars
import time
from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.bridge.cancel import CancelToken
from sidecar.bridge.context import Call, CallContext, enter
from sidecar.db import Database, OpenSession, StatementTimeout
from sidecar.db.wiring import wire
from sidecar.errors import Cancelled, DeadlineExceeded


class Abandonable:
    """As much of a channel as a call's fate depends on."""

    def __init__(self, cancel: CancelToken) -> None:
        self.cancel = cancel


def _in_call(work: Any, deadline: float | None, cancel: CancelToken) -> None:
    channel: Any = Abandonable(cancel)

    def run() -> None:
        enter(Call(channel, "hook.fire", {}, CallContext(), deadline))
        work()

    contextvars.copy_context().run(run)


@pytest.fixture
def wired(database: Database) -> Database:
    runtime: Any = SimpleNamespace(db=database, provide=lambda _kind, _instance: None)
    wire(runtime)
    return database


def test_an_abandoned_call_writes_nothing_more(wired: Database) -> None:
    cancel = CancelToken()

    def work() -> None:
        with wired.transaction() as session:
            session.insert("things", {"name": "first"})
            cancel.set("the peer hung up")
            session.insert("things", {"name": "second"})

    with pytest.raises(Cancelled):
        _in_call(work, None, cancel)
    with wired.session() as session:
        assert session.column("SELECT name FROM things") == []


def test_a_statement_does_not_outlive_its_call(wired: Database) -> None:
    def work() -> None:
        with wired.session() as session:
            session.scalar("SELECT SLEEP(30)")

    with pytest.raises(StatementTimeout):
        _in_call(work, time.monotonic() + 0.1, CancelToken())
    with pytest.raises(DeadlineExceeded):
        _in_call(work, time.monotonic() - 1, CancelToken())


def test_the_bridge_refuses_to_send_while_a_transaction_is_open(wired: Database) -> None:
    from sidecar.bridge import guard

    with wired.transaction(), pytest.raises(OpenSession):
        guard.run()
