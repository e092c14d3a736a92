"""A filter forwarded to Python, against HTTP and against a PHP callback."""

from __future__ import annotations

import contextlib
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dev import paths
from dev.instance import Instance

if TYPE_CHECKING:
    from tests.bench.__main__ import Figure

CALLS = 8000
#: Under load a call takes a scheduler's time slice, not microseconds.
LOADED_CALLS = 2000
HTTP_CALLS = 3000
FIRST_CALLS = 120
SCRIPT = Path(__file__).with_name("hooks.php")
GOAL = 30.0
FIRST_GOAL = 500.0

#: With a time of its own, so that the deadline is part of what is measured.
PLUGIN = """
from sidecar import hooks

@hooks.filter("bench_python", accepted_args=2, timeout=30)
def mark(value, number):
    return value + "!"
"""

#: The same work behind gunicorn and Flask, with the fastest JSON there is.
SERVER = """
import msgspec
from flask import Flask, Response, request

app = Flask(__name__)

@app.post("/hook")
def hook():
    value = msgspec.json.decode(request.get_data())["args"][0] + "!"
    return Response(msgspec.json.encode({"result": value}), mimetype="application/json")
"""

#: Keeps one connection of the HTTP server busy.
LOAD = """
import socket, sys
body = b'{"args": ["' + b"x" * 200 + b'"]}'
data = b"POST /hook HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %d\\r\\n\\r\\n%b" % (len(body), body)
with socket.socket(socket.AF_UNIX) as sock:
    sock.connect(sys.argv[1])
    while True:
        sock.sendall(data)
        if not sock.recv(65536):
            raise SystemExit("the server hung up")
"""

#: Times the first forwarded filter of a page.
PROBE = """<?php
add_action( 'init', function () {
	if ( ! isset( $_GET['bench_first'] ) ) {
		return;
	}
	$started = hrtime( true );
	$answer  = apply_filters( 'bench_python', 'first', 1 );
	$first   = ( hrtime( true ) - $started ) / 1e3;
	echo json_encode( array( 'answer' => $answer, 'first' => $first ) );
	exit;
} );
"""


def run() -> list[Figure]:
    """p50 and p99, quiet and while HTTP is saturated; the first call of a page with connect and handshake."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as name:
        instance = Instance(Path(name))
        try:
            return _measure(instance, Path(name))
        finally:
            instance.destroy()


def _measure(instance: Instance, folder: Path) -> list[Figure]:
    instance.db.start()
    instance.install_wordpress()
    instance.install_product()
    (instance.python_plugins / "bench.py").write_text(PLUGIN)
    (instance.path / "wp-content" / "mu-plugins" / "bench.php").write_text(PROBE)
    instance.start_sidecar()
    instance.start_web()
    first = _first_calls(instance)
    quiet = times(instance, "python", CALLS)
    fresh = times(instance, "fresh", CALLS // 10)
    in_php = times(instance, "php", CALLS)
    with flask(folder) as socket:
        http = times(instance, "http", HTTP_CALLS, socket)
        with load(socket, 4):
            loaded = times(instance, "python", LOADED_CALLS)
            http_loaded = times(instance, "http", LOADED_CALLS, socket)
            php_loaded = times(instance, "php", CALLS)
    return [
        *_pair("Hook: forwarded filter", quiet, http, in_php, GOAL),
        *_pair("Hook: forwarded filter while HTTP is saturated", loaded, http_loaded, php_loaded, None),
        {
            "name": "Hook: first calls one after another, with connect and handshake, p50",
            "value": round(percentile(fresh, 50), 1),
            "unit": "µs",
            "goal": f"at most {FIRST_GOAL:g} µs",
            "against": f"its p99 {percentile(fresh, 99):.0f} µs",
            "ratio": None,
        },
        {
            "name": "Hook: first call of a page, the processes at rest before it, p50",
            "value": round(percentile(first, 50), 1),
            "unit": "µs",
            "goal": f"at most {FIRST_GOAL:g} µs",
            "against": f"its p99 {percentile(first, 99):.0f} µs",
            "ratio": None,
        },
    ]


def _pair(
    name: str, values: list[float], http: list[float], in_php: list[float], goal: float | None
) -> Iterator[Figure]:
    for part in (50, 99):
        value, other, local = percentile(values, part), percentile(http, part), percentile(in_php, part)
        yield {
            "name": f"{name}, p{part}",
            "value": round(value, 1),
            "unit": "µs",
            "goal": f"at most {goal:g} µs, 10 times faster than HTTP" if goal and part == 50 else None,
            "against": f"HTTP {other:.0f} µs, PHP callback {local:.2f} µs",
            "ratio": round(other / value, 1),
        }


def percentile(values: list[float], part: int) -> float:
    """The value that ``part`` percent stay below."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


def times(instance: Instance, way: str, count: int, *arguments: str) -> list[float]:
    """Microseconds of each call of ``apply_filters``, compiled code cached as in PHP-FPM."""
    command = [
        "php",
        "-d",
        "opcache.enable_cli=1",
        str(SCRIPT),
        str(instance.path),
        way,
        str(count),
        *arguments,
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{way}: {result.stdout[-1000:]}{result.stderr[-1000:]}")
    return [float(value) for value in json.loads(result.stdout)]


def _first_calls(instance: Instance) -> list[float]:
    until = time.monotonic() + 30
    while instance.get("/?bench_first=1").json()["answer"] != "first!":
        # Callers queue on the socket while the processes behind it start; a page does not wait for that.
        if time.monotonic() > until:
            raise RuntimeError("the bridge does not answer")
        time.sleep(0.2)
    values = []
    for _ in range(FIRST_CALLS):
        answer = instance.get("/?bench_first=1").json()
        if answer["answer"] != "first!":
            raise RuntimeError(f"the first call was not answered: {answer}")
        values.append(float(answer["first"]))
    return values[20:]  # each worker of the web server has compiled its files by then


@contextlib.contextmanager
def flask(folder: Path) -> Iterator[str]:
    """gunicorn and Flask on a Unix socket, one worker with threads, which is what keeps connections alive."""
    (folder / "bench_server.py").write_text(SERVER)
    socket = folder / "http.sock"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"unix:{socket}", "--worker-class", "gthread"]
    command += ["--workers", "1", "--threads", "8", "--keep-alive", "600", "--log-level", "error"]
    server = subprocess.Popen([*command, "bench_server:app"], cwd=folder, start_new_session=True)
    try:
        until = time.monotonic() + 20
        while not socket.exists():
            if time.monotonic() > until or server.poll() is not None:
                raise RuntimeError("gunicorn did not start")
            time.sleep(0.05)
        yield str(socket)
    finally:
        _end(server)


@contextlib.contextmanager
def load(socket: str, clients: int) -> Iterator[None]:
    """Clients that never pause."""
    running = [
        subprocess.Popen([sys.executable, "-c", LOAD, socket], start_new_session=True) for _ in range(clients)
    ]
    try:
        time.sleep(0.5)
        yield
        if any(process.poll() is not None for process in running):
            raise RuntimeError("a client of the load ended early")
    finally:
        for process in running:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
