"""Names of workers, the site's time, and waking."""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
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


def test_a_process_with_many_files_open_can_still_wait(tmp_path: Path) -> None:
    """More than ``select`` has numbers for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(1200, hard), hard))
    with ExitStack() as opened:
        for _ in range(1100):
            opened.enter_context(Path("/dev/null").open())
        with waking.Alarm(tmp_path) as alarm:
            assert alarm.wait(0) is False
            alarm.ring()
            assert alarm.wait(5) is True


def test_an_alarm_that_cannot_be_rung_interrupts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is rung by a signal handler, in the middle of anything."""

    def none_left(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with waking.Alarm(tmp_path) as alarm:
        monkeypatch.setattr(socket, "socket", none_left)
        alarm.ring()


CREW = """
import os, signal, sys, time
from pathlib import Path
from sidecar.queue import crew

fork = crew._fork

def fork_and_be_stopped(work):
    child = fork(work)
    os.kill(os.getpid(), signal.SIGTERM)
    return child

def work():
    time.sleep(60)
    return 3

crew._fork = fork_and_be_stopped
sys.exit(crew.run(3, work))
"""


def test_who_is_stopped_while_starting_leaves_nobody_behind() -> None:
    started = subprocess.Popen([sys.executable, "-c", CREW], start_new_session=True)
    try:
        assert started.wait(timeout=30) == 0
        with pytest.raises(ProcessLookupError):
            os.killpg(started.pid, 0)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)
