"""Places for units, with a zygote that only takes notes."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.host import zygote
from sidecar.host.broker import Broker
from sidecar.host.lease import Lease
from sidecar.settings import DatabaseSettings, Site


class Zygote:
    """Has not said yet that it has forked anything."""

    listen = "/nowhere"
    alive = True
    watch = None
    on_exit: Callable[[int], None] | None = None

    def __init__(self) -> None:
        self.children: set[int] = set()
        self.killed: queue.Queue[int] = queue.Queue()

    def usable(self) -> bool:
        return True

    def kill(self, pid: int) -> None:
        self.killed.put(pid)

    def stop(self, grace: float) -> None:
        return None


def test_the_unit_of_a_client_that_died_at_once_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting = Zygote()
    monkeypatch.setattr(zygote, "boot", lambda *_, **__: noting)
    site = Site(
        wp_path=str(tmp_path),
        run_dir=str(tmp_path),
        secret_file=str(tmp_path / "secret"),
        database=DatabaseSettings(user="u", password="p", name="n"),
    )
    path = tmp_path / "host.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen(1)
        host = Broker(site, listening, tmp_path)
        threading.Thread(target=host.serve, daemon=True).start()
        lease, grant = Lease.acquire(str(path), "cron", 5.0)
        assert grant.listen == noting.listen
        lease.started(4711)
        lease.wire.close()
        assert noting.killed.get(timeout=30) == 4711
        host.stop()
