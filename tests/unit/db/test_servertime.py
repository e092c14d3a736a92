"""The time by the database's clock, whatever this machine's says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sidecar.clock import SystemClock
from sidecar.db import servertime
from sidecar.db.servertime import ServerTime


class Server:
    """A connection to a server whose clock says this."""

    def __init__(self) -> None:
        self.says = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
        self.asked = 0

    def cursor(self) -> Any:
        return self

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def execute(self, _statement: str) -> None:
        self.asked += 1

    def fetchone(self) -> tuple[str]:
        return (self.says.strftime("%Y-%m-%d %H:%M:%S.%f"),)


class Stopwatch:
    """A clock that nobody sets."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_until_it_is_asked_the_machine_s_clock_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(SystemClock, "now", lambda _clock: moment)
    assert ServerTime().now() == moment


def test_the_server_s_time_goes_on_though_the_machine_s_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = Stopwatch()
    server, clock = Server(), ServerTime(passed)
    clock.look(server)  # type: ignore[arg-type]
    monkeypatch.setattr(SystemClock, "now", lambda _clock: datetime(1999, 1, 1, tzinfo=UTC))
    passed.seconds += 3
    assert clock.now() == server.says + timedelta(seconds=3)


def test_it_is_asked_again_when_the_answer_is_old_and_not_before() -> None:
    passed = Stopwatch()
    server, clock = Server(), ServerTime(passed)
    clock.look(server)  # type: ignore[arg-type]
    passed.seconds += servertime.FRESH - 1
    clock.look(server)  # type: ignore[arg-type]
    assert server.asked == 1
    server.says -= timedelta(hours=2)
    passed.seconds += 2
    clock.look(server)  # type: ignore[arg-type]
    assert server.asked == 2
    assert clock.now() == server.says
