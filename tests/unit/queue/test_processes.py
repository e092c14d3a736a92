"""Names of workers, the site's time, and waking."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sidecar.queue import localtime, processes, waking


def test_this_process_is_not_gone() -> None:
    assert not processes.process_gone(processes.owner_name())


def test_names_are_never_given_twice() -> None:
    assert processes.owner_name() != processes.owner_name()


def test_a_process_that_ended_is_gone() -> None:
    machine, _, rest = processes.owner_name().partition(":")
    child = subprocess.Popen(["true"])
    child.wait()
    assert processes.process_gone(f"{machine}:{child.pid}:{rest.rpartition(':')[2]}")


def test_a_pid_that_was_given_away_is_gone() -> None:
    name = processes.owner_name()
    assert processes.process_gone(name[:-1] + ("1" if name[-1] != "1" else "2"))


def test_nothing_is_known_of_another_machine() -> None:
    _, _, rest = processes.owner_name().partition(":")
    assert not processes.process_gone(f"elsewhere.00000000:{rest}")
    assert not processes.process_gone("elsewhere.00000000:1:00000000-1")


def test_only_an_old_enough_php_is_ended() -> None:
    unit = subprocess.Popen(["php", "-r", "fgets(STDIN);"], stdin=subprocess.PIPE)
    other = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    try:
        assert processes.is_php_older_than(unit.pid, 0.0)
        assert not processes.is_php_older_than(unit.pid, 3600.0)
        assert not processes.is_php_older_than(other.pid, 0.0)
    finally:
        unit.communicate()
        other.communicate()
    assert not processes.is_php_older_than(unit.pid, 0.0)


@pytest.mark.parametrize(
    ("timezone_string", "gmt_offset", "expected"),
    [
        ("Europe/Berlin", "", "2026-07-01 14:00"),
        ("", "5.5", "2026-07-01 17:30"),
        ("", "-3", "2026-07-01 09:00"),
        ("", "0", "2026-07-01 12:00"),
        ("Nowhere/Else", "2", "2026-07-01 14:00"),
        ("", "", "2026-07-01 12:00"),
    ],
)
def test_local_time_follows_the_site_s_options(timezone_string: str, gmt_offset: str, expected: str) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    found = noon.astimezone(localtime.zone(timezone_string, gmt_offset))
    assert found.strftime("%Y-%m-%d %H:%M") == expected


def test_a_wake_up_before_the_sleep_is_not_lost(tmp_path: Path) -> None:
    with waking.Alarm(tmp_path) as alarm:
        assert waking.wake(tmp_path) == 1
        assert alarm.wait(30.0)
        assert not alarm.wait(0.0)
    assert waking.wake(tmp_path) == 0


def test_sockets_of_the_dead_are_swept(tmp_path: Path) -> None:
    dead = waking.Alarm(tmp_path)
    dead._socket.close()
    assert waking.wake(tmp_path) == 0
    assert list(tmp_path.iterdir()) == []
