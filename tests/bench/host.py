"""Calls into WordPress: inside a unit, a whole unit, and the same question asked over REST."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from dev import paths
from dev.instance import Instance
from sidecar import settings
from sidecar.host import HostPool

if TYPE_CHECKING:
    from tests.bench.__main__ import Figure

CALLS = 3000
UNITS = 60
REQUESTS = 60
CALL_GOAL = 100.0
UNIT_GOAL = 25.0


def run() -> list[Figure]:
    """p50 and p99 of a call and of a unit, against a kept-alive REST request to the same site."""
    with site() as instance:
        pool = HostPool(settings.load(instance.config).site())
        rest = measure(ask_rest(instance), REQUESTS, warm=5)
        with pool.unit() as unit:
            call = measure(lambda: unit.call("site.info", {}), CALLS, warm=200)
            nothing = measure(lambda: unit.get_option("blogname"), CALLS, warm=200)
        whole = measure(lambda: open_and_ask(pool), UNITS, warm=3)
    other = f"a REST request, p50 {rest[0] / 1000:.1f} ms"
    figures: list[Figure] = []
    for name, (p50, p99), unit, scale, goal in (
        ("a call in a unit: read an option", nothing, "µs", 1.0, CALL_GOAL),
        ("a call in a unit: facts of the site", call, "µs", 1.0, CALL_GOAL),
        ("a unit with one call, from asking to its end", whole, "ms", 1000.0, UNIT_GOAL),
    ):
        for label, value in (("p50", p50), ("p99", p99)):
            figures.append(
                {
                    "name": f"Host: {name}, {label}",
                    "value": round(value / scale, 2),
                    "unit": unit,
                    "goal": f"at most {goal:g} {unit}" if label == "p50" else None,
                    "against": other,
                    "ratio": round(rest[0] / value, 2),
                }
            )
    return figures


def measure(work: Callable[[], object], times: int, *, warm: int) -> tuple[float, float]:
    """p50 and p99 in microseconds."""
    for _ in range(warm):
        work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1e6)
    taken.sort()
    return statistics.median(taken), taken[min(times - 1, int(times * 0.99))]


def open_and_ask(pool: HostPool) -> None:
    with pool.unit() as unit:
        unit.get_option("blogname")


def ask_rest(instance: Instance) -> Callable[[], object]:
    """The site's name over the REST API, on one kept-alive connection where the server keeps it."""
    session = requests.Session()
    session.trust_env = False
    url = f"http://{urlsplit(instance.url).netloc}/wp-json/?_fields=name"

    def ask() -> str:
        answer = session.get(url, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["name"])

    return ask


@contextlib.contextmanager
def site() -> Iterator[Instance]:
    """A private site with web server and sidecar."""
    with tempfile.TemporaryDirectory(dir=paths.scratch_folder()) as folder:
        instance = Instance(Path(folder) / "host")
        try:
            instance.install_wordpress()
            instance.install_product()
            instance.start_web()
            instance.start_sidecar("host", name="host")
            yield instance
        finally:
            instance.destroy()
