"""Which files changed since a cursor, from their states on disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sidecar import waiting
from sidecar.memory.changes import Changed, MemoryChanges, _cursor, _digest, _folder, _newer
from sidecar.memory.layout import Location
from sidecar.waiting import Seats
from sidecar.web_worker import Worker


def look(folder: Path) -> dict[Changed, object]:
    return dict(_folder(Location(str(folder), ()), "agent"))


def changed(folder: Path, cursor: str) -> list[str]:
    states = _folder(Location(str(folder), ()), "agent")
    assert _digest(_cursor(states)) != _digest(cursor)
    return sorted(each.filename for each in _newer(states, cursor))


def at(folder: Path) -> str:
    return _cursor(_folder(Location(str(folder), ()), "agent"))


def test_every_way_to_write_is_seen_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "daily").mkdir()
    for name in ("A.md", "B.md", "daily/x.md"):
        (tmp_path / name).write_text("one")
    cursor = at(tmp_path)
    assert at(tmp_path) == cursor
    # The same size, and the time put back as some tools do.
    kept = (tmp_path / "A.md").stat()
    while (tmp_path / "A.md").stat().st_ctime_ns == kept.st_ctime_ns:  # the clock of files ticks slowly
        (tmp_path / "A.md").write_text("two")
        os.utime(tmp_path / "A.md", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert changed(tmp_path, cursor) == ["A.md"]
    cursor = at(tmp_path)
    (tmp_path / "new.tmp").write_text("by rename")
    os.replace(tmp_path / "new.tmp", tmp_path / "B.md")
    assert changed(tmp_path, cursor) == ["B.md"]
    cursor = at(tmp_path)
    (tmp_path / "daily/x.md").write_text("longer")
    (tmp_path / "daily/y.md").write_text("new")
    assert changed(tmp_path, cursor) == ["daily/x.md", "daily/y.md"]
    cursor = at(tmp_path)
    (tmp_path / "A.md").unlink()
    assert changed(tmp_path, cursor) == []
    cursor = at(tmp_path)
    (tmp_path / ".hidden.md").write_text("x")
    (tmp_path / "index.php").write_text("x")
    assert at(tmp_path) == cursor


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert look(tmp_path / "none") == {}
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.md").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert _folder(Location(str(tmp_path), ("link",)), "agent") == {}


def test_what_nobody_gave_out_names_everything(tmp_path: Path) -> None:
    (tmp_path / "A.md").write_text("x")
    for cursor in ("nonsense", "1-2-3", "9" * 30 + "-" + "0" * 16 + "-", "-", "\0"):
        assert changed(tmp_path, cursor) == ["A.md"]


def test_cursors_stay_short(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number}.md").write_text("x")
    assert len(at(tmp_path)) < 500


def test_a_process_that_ends_lets_nobody_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopping:
        asked = 0

        def wait(self, seconds: float) -> bool:
            self.asked += 1
            return self.asked > 1

    stopping = Stopping()
    monkeypatch.setattr(waiting, "STOPPING", stopping)
    service = MemoryChanges(cast(Any, None), cast(Any, None), cast(Any, None))
    monkeypatch.setattr(service, "_looker", lambda *_: (dict, 0.3))
    start = service.since([], 1, "", 25)
    assert service.since([], 1, start.cursor, 25) == start
    assert stopping.asked == 2


def test_term_is_told_to_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "STOPPING", threading.Event())
    worker = Worker.__new__(Worker)
    worker.alive = True
    worker.method_queue = SimpleNamespace(defer=lambda _: None)
    worker.handle_exit(15, None)
    assert waiting.STOPPING.is_set()
    assert not worker.alive


def test_seats_are_given_out_once_and_again() -> None:
    seats = Seats(1)
    with seats.take() as first, seats.take() as second:
        assert (first, second) == (True, False)
    with seats.take() as again:
        assert again
    with Seats(0).take() as none:
        assert not none
