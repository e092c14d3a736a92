"""A writer that is killed leaves the old file or the new one, no lock, and nothing that anybody reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.memory import files
from tests.integration.memory_disk import writer

ROOT = Path(__file__).parents[3]


def start(folder: Path, place: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.integration.memory_disk.writer", str(folder), place]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def lines_until(process: subprocess.Popen[str], last: str) -> list[str]:
    assert process.stdout is not None
    found: list[str] = []
    for line in process.stdout:
        found.append(line.strip())
        if found[-1] == last:
            return found
    raise AssertionError(f"The writer ended after {found}")


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill it; what it had still said."""
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    # Not communicate(): it reads past what was buffered with the lines before.
    rest = process.stdout.read()
    process.wait(timeout=30)
    assert process.returncode == -signal.SIGKILL
    return rest.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "uploads").mkdir()
    return tmp_path


@pytest.mark.parametrize(("place", "number"), [("part", 1), ("whole", 1), ("renamed", 2)])
def test_killed_in_the_middle(folder: Path, place: str, number: int) -> None:
    process = start(folder, place)
    lines_until(process, "here")
    store = writer.store_in(folder)
    assert store.read(writer.SCOPE).content == writer.content(number)
    kill(process)

    assert store.read(writer.SCOPE).content == writer.content(number)
    assert [entry.filename for entry in store.list_layer(writer.SCOPE)] == ["NOTES.md"]
    # Its lock went with it.
    found = store.read(writer.SCOPE)
    assert store.write(writer.SCOPE, b"and on\n", found.hash).success
    assert store.read(writer.SCOPE).content == b"and on\n"


def test_what_it_left_is_cleared_away_by_a_later_writer(folder: Path) -> None:
    process = start(folder, "part")
    lines_until(process, "here")
    kill(process)
    shared = folder / "uploads/datamachine-files/shared"

    def left() -> list[Path]:
        return list(shared.glob(".NOTES.md.*.tmp"))

    store = writer.store_in(folder)
    assert len(left()) == 1
    assert store.write(writer.SCOPE, b"soon after\n").success
    assert len(left()) == 1, "another machine may still write it"
    long_ago = time.time() - files.LEFT_BEHIND - 1
    os.utime(left()[0], (long_ago, long_ago))
    (shared / ".NOTES.md.swp").write_text("an editor's")
    assert store.write(writer.SCOPE, b"much later\n").success
    assert left() == []
    assert (shared / ".NOTES.md.swp").exists()


def test_killed_at_any_time(folder: Path) -> None:
    store = writer.store_in(folder)
    for round_ in range(6):
        process = start(folder, "never")
        lines_until(process, str(3 + round_))
        # It writes all the time: this lands somewhere in a write.
        done = [int(line) for line in kill(process) if line.isdigit()]
        number = max([3 + round_, *done])
        found = store.read(writer.SCOPE)
        # What it was about to say it had done, or the write after.
        assert found.content in {writer.content(number), writer.content(number + 1)}
        assert len(found.content) == writer.SIZE + 1
