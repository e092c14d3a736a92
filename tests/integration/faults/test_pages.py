"""Pages answer whatever happens to the sidecar: a thousand real requests across its misfortunes."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dev import processes
from dev.instance import Instance

MARK = "python-was-here"
PLUGIN = f'''
"""Marks each page; waits as long as the file beside it says."""

import pathlib
import time

from sidecar import hooks

PAUSE = pathlib.Path(__file__).with_suffix(".pause")


@hooks.filter("render_block_core/site-title")
def mark(html):
    if PAUSE.exists():
        time.sleep(float(PAUSE.read_text()))
    return html + "<!-- {MARK} -->"
'''

#: What is tried is not how long WordPress takes to draw a page.
THEME = {"style.css": "/*\nTheme Name: Short\n*/", "templates/index.html": "<!-- wp:site-title /-->"}


class Visitors:
    """Asks for the front page from four threads and remembers what came back."""

    def __init__(self, site: Instance) -> None:
        self.site = site
        self.figures: dict[str, tuple[int, float, float, float]] = {}
        self.total = 0

    def send(self, phase: str, count: int, *, meanwhile: Callable[[], None] = lambda: None) -> float:
        """``count`` requests, all of which must be complete pages; returns the share marked by Python."""

        def visit(_: int) -> tuple[float, bool]:
            started = time.monotonic()
            answer = self.site.get("/")
            assert answer.status == 200, answer.text[:500]
            assert answer.text.rstrip().endswith("</html>"), answer.text[-500:]
            return time.monotonic() - started, MARK in answer.text

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = pool.map(visit, range(count))
            meanwhile()
            taken = [*results]
        seconds = sorted(second for second, _ in taken)
        marked = sum(found for _, found in taken) / count
        self.figures[phase] = (count, statistics.median(seconds) * 1e3, seconds[-1] * 1e3, marked)
        self.total += count
        return marked

    def send_all_marked(self, phase: str, count: int) -> None:
        """A page gives Python little time, which a busy machine may need for something else: then again."""
        processes.wait_until(
            lambda: self.send(phase, count) == 1.0, what=f"{count} pages, all with Python's line", seconds=90
        )

    def report(self) -> str:
        base = self.figures["healthy"][1]
        return "\n".join(
            f"{phase:28} {count:5} pages, all 200, p50 {median:6.0f} ms ({median - base:+5.0f}), "
            f"max {worst:6.0f} ms, {marked:4.0%} with Python's line"
            for phase, (count, median, worst, marked) in self.figures.items()
        )


@contextlib.contextmanager
def dripping(path: Path) -> Iterator[None]:
    """A listener that answers one byte at a time, slower than any deadline."""
    path.unlink(missing_ok=True)
    stop = threading.Event()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen(128)
    listener.settimeout(0.1)

    def drip(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            for byte in b"\x00\x00\x00\x40" + b"{" + b" " * 59:
                peer.sendall(bytes([byte]))
                if stop.wait(0.03):
                    return

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        listener.close()
        path.unlink(missing_ok=True)


def wait_for_mark(site: Instance) -> None:
    """The breaker lets a probe through some seconds after the last failure."""
    processes.wait_until(
        lambda: MARK in site.get("/").text, what="Python's line on the front page", seconds=20
    )


@pytest.mark.timeout(280)
def test_a_thousand_pages_across_the_sidecars_misfortunes(
    fresh_site: Instance, report: Callable[[str], None]
) -> None:
    site = fresh_site
    plugin = site.python_plugins / "marker.py"
    plugin.write_text(PLUGIN)
    pause = plugin.with_suffix(".pause")
    for name, text in THEME.items():
        file = site.path / "wp-content" / "themes" / "short" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    site.wp("theme", "activate", "short")
    bridge_socket = site.run_dir / "dm" / "bridge.sock"
    site.start_web()
    host = site.start_sidecar("host", name="host")
    bridge = site.start_sidecar("bridge", name="bridge")
    visitors = Visitors(site)

    wait_for_mark(site)
    visitors.send_all_marked("healthy", 150)

    def kill() -> None:
        time.sleep(0.2)
        os.killpg(bridge.pid, signal.SIGKILL)

    pause.write_text("0.2")
    visitors.send("killed inside a filter", 150, meanwhile=kill)
    pause.unlink()
    bridge.stop()
    assert visitors.send("down", 100) == 0.0

    bridge = site.start_sidecar("bridge", name="bridge")
    wait_for_mark(site)

    def freeze() -> None:
        time.sleep(0.1)
        os.killpg(bridge.pid, signal.SIGSTOP)

    visitors.send("stopped (SIGSTOP)", 200, meanwhile=freeze)
    os.killpg(bridge.pid, signal.SIGCONT)
    wait_for_mark(site)
    visitors.send("continued", 50)

    pause.write_text("1.0")
    assert visitors.send("slower than its deadline", 100) == 0.0
    pause.unlink()
    bridge.stop()

    with dripping(bridge_socket):
        assert visitors.send("dripping", 100) == 0.0

    def restart() -> None:
        nonlocal bridge
        bridge = site.start_sidecar("bridge", name="bridge")

    visitors.send("restarted", 100, meanwhile=restart)
    wait_for_mark(site)
    visitors.send_all_marked("healthy again", 100)

    report(visitors.report())
    assert visitors.total >= 1000
    assert host.alive()
    notices = site.debug_log.read_text() if site.debug_log.exists() else ""
    assert "PHP " not in notices, notices[-2000:]
