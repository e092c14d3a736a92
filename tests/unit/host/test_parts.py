"""The small parts of the host: lines, file watching, FastCGI records, listening sockets."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from sidecar import processes
from sidecar.errors import Conflict
from sidecar.host import fastcgi
from sidecar.host.lines import LIMIT, LineSocket
from sidecar.host.watch import FileWatch, in_maintenance


def test_messages_arrive_one_by_one_however_they_are_cut() -> None:
    left, right = socket.socketpair()
    reader = LineSocket(right)
    with left:
        left.sendall(b'{"a":1}\n{"b"')
        assert reader.receive(1.0) == {"a": 1}
        with pytest.raises(TimeoutError):
            reader.receive(0.05)
        left.sendall(b':"\\n"}\n')
        assert reader.receive(1.0) == {"b": "\n"}
    assert reader.receive(1.0) is None
    reader.close()


def test_what_is_no_message_is_refused() -> None:
    for wrong in (b"[1]\n", b"nonsense\n"):
        left, right = socket.socketpair()
        with left:
            left.sendall(wrong)
            with pytest.raises(ValueError):  # noqa: PT011  (any decoding error will do)
                LineSocket(right).receive(1.0)
        right.close()


def test_a_line_without_end_is_refused() -> None:
    left, right = socket.socketpair()

    def flood() -> None:
        try:
            left.sendall(b"x" * (LIMIT + 100_000))
        except OSError:
            pass

    writer = threading.Thread(target=flood)
    writer.start()
    with pytest.raises(ValueError, match="longer"):
        LineSocket(right).receive(5.0)
    right.close()
    writer.join()
    left.close()


def test_a_change_of_any_watched_file_is_seen(tmp_path: Path) -> None:
    kept, absent = tmp_path / "kept.php", tmp_path / "absent.php"
    kept.write_text("1")
    watch = FileWatch([str(kept), str(absent)])
    assert watch.changed(now=True) is None
    absent.write_text("new")
    assert watch.changed(now=True) == str(absent)
    absent.unlink()
    assert watch.changed(now=True) is None
    os.utime(kept, ns=(1, 1))
    assert watch.changed(now=True) == str(kept)


def test_what_was_written_while_it_was_read_counts_as_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])

    def seconds(watch: FileWatch) -> float:
        """Until it is noticed."""
        began = moment[0]
        while watch.changed() is None:
            moment[0] += 1
            assert moment[0] < began + 1000
        return moment[0] - began

    loading = time.time() - 60
    copied, linked = tmp_path / "copied.php", tmp_path / "linked.php"
    for each in (copied, linked):
        each.touch()
        os.utime(each, (1, 1))
    os.link(linked, tmp_path / "its other name")
    assert FileWatch([str(linked)], loading).changed(now=True) is None
    assert FileWatch([str(copied)], time.time() + 60).changed(now=True) is None
    watch = None
    waits = []
    for _ in range(10):
        watch = FileWatch([str(linked), str(copied)], loading, watch)
        assert watch.changed(now=True) is None
        waits.append(seconds(watch))
    # Whatever is written at every loading does not have everything loaded every second.
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert watch is not None
    assert watch.changed(now=True) == str(copied)
    assert seconds(FileWatch([str(tmp_path)], loading, watch)) == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<?php $upgrading = {now};", True),
        ("<?php $upgrading = {past};", False),
        ("<?php $upgrading = time();", True),
    ],
)
def test_maintenance_is_judged_as_wordpress_judges_it(tmp_path: Path, content: str, expected: bool) -> None:
    assert in_maintenance(str(tmp_path)) is False
    now = int(time.time())
    (tmp_path / ".maintenance").write_text(
        content.replace("{now}", str(now)).replace("{past}", str(now - 700))
    )
    assert in_maintenance(str(tmp_path)) is expected


def test_fastcgi_pairs_and_streams_have_the_protocols_form() -> None:
    assert fastcgi.pairs({"A": "b"}) == b"\x01\x01Ab"
    long = fastcgi.pairs({"N": "v" * 200})
    assert long[:5] == b"\x01" + struct.pack("!I", 200 | 0x80000000)
    body = fastcgi.stream(fastcgi.STDIN, b"x" * 70000)
    assert body.endswith(fastcgi.record(fastcgi.STDIN, b""))
    assert len(body) == 70000 + 3 * 8


def test_a_socket_nobody_listens_on_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "s.sock")
    first = processes.listen(path)
    assert oct(os.stat(path).st_mode & 0o777) == "0o600"
    with pytest.raises(Conflict):
        processes.listen(path)
    first.close()
    processes.listen(path).close()


def test_a_socket_passed_by_systemd_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "s.sock")
    bound = processes.listen(path)
    monkeypatch.setattr(processes, "LISTEN_FD", bound.fileno())
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid() + 1))
    assert processes.passed_listener(path) is None
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    assert processes.passed_listener(str(tmp_path / "other.sock")) is None
    passed = processes.passed_listener(path)
    assert passed is not None
    assert passed.getsockname() == path
    assert os.get_inheritable(passed.fileno()) is False
    passed.close()
    bound.detach()
