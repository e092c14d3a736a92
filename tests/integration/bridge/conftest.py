"""A real bridge, real PHP processes, and servers that break every rule."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.bridge import handshake
from sidecar.bridge.frames import FrameStream
from tests.integration.bridge.worker import SECRET

DRIVER = Path(__file__).with_name("driver.php")


class Php:
    """Runs code in PHP processes that share one run folder."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        (run_dir / "secret").write_bytes(SECRET + b"\n")
        self.config = {
            "socket": str(run_dir / "bridge.sock"),
            "secret_file": str(run_dir / "secret"),
            "breaker": str(run_dir / "breaker"),
            "site": "default",
            # A loaded machine may need longer than a page would wait; what tests a page's times says "web".
            "source": "cli",
        }

    def start(self, code: str, *options: str, **config: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["php", *options, str(DRIVER), json.dumps({**self.config, **config})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(code.encode())
        process.stdin.close()
        process.stdin = None
        return process

    def __call__(self, code: str, *options: str, **config: str) -> Any:
        return self.result(self.start(code, *options, **config))

    @staticmethod
    def result(process: subprocess.Popen[bytes]) -> Any:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err.decode()
        assert err == b""
        return json.loads(out)


class Bridge:
    """A bridge in its own process group."""

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.log = run_dir / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.bridge.worker", str(self.run_dir)],
                stderr=log,
                start_new_session=True,
                cwd=Path(__file__).parents[3],
            )
        self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self.run_dir / "bridge.sock"))
                return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def signal(self, number: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def stop(self) -> int:
        if self.process is None:
            return 0
        self.signal(signal.SIGCONT)
        self.process.terminate()
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            code = -1
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.process = None
        return code

    def kill(self) -> None:
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait()

    def wait_for_log(self, text: str) -> str:
        return wait_for(lambda: text in self.log.read_text() and self.log.read_text(), f"{text!r} in the log")


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited 20 s for {what}")


@pytest.fixture
def run_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dm-bridge-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def php(run_dir: Path) -> Php:
    return Php(run_dir)


@pytest.fixture
def bridge(run_dir: Path) -> Iterator[Bridge]:
    server = Bridge(run_dir)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def rogue(run_dir: Path) -> Iterator[Callable[[Callable[[socket.socket, FrameStream], None]], None]]:
    """``rogue(behave)``: a server that shakes hands properly and then does what ``behave`` does."""
    listener = socket.socket(socket.AF_UNIX)
    threads: list[threading.Thread] = []
    stopping = threading.Event()

    def serve(behave: Callable[[socket.socket, FrameStream], None], shake: bool = True) -> None:
        listener.bind(str(run_dir / "bridge.sock"))
        listener.listen(8)
        listener.settimeout(0.05)

        def accept() -> None:
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    thread = threading.Thread(target=one, args=(connection,))
                    threads.append(thread)
                    thread.start()

        def one(connection: socket.socket) -> None:
            with connection, contextlib.suppress(Exception):
                stream = FrameStream(connection)
                if shake:
                    handshake.server(stream, lambda _: SECRET, time.monotonic() + 5)
                behave(connection, stream)

        threads.append(threading.Thread(target=accept))
        threads[0].start()

    yield serve
    stopping.set()
    for thread in threads:
        thread.join(10)
    listener.close()
