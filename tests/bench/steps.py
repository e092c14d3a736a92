"""How many steps of a flow one worker does a second, and where the time goes.

The step itself does nothing: what is measured is the engine, the queue, the unit and every hook around
it. The log level is `info`, as on a fresh site; the database writes its log through at each commit.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dev import paths
from dev.instance import Instance
from sidecar import runtime, settings
from sidecar.automation import FlowsService, PipelinesService, setup
from sidecar.automation.engine import packets
from sidecar.automation.setup import Part
from sidecar.automation.steps.base import Steps
from sidecar.automation.values import NewPipelineStep
from sidecar.clock import SYSTEM
from sidecar.db.database import Database
from sidecar.db.session import Session
from sidecar.hooks import manifest
from sidecar.host.pool import HostPool
from sidecar.host.unit import UnitHost
from sidecar.identity import Principal
from sidecar.queue.worker import Worker

STEPS, JOBS = 10, 20
PLUGIN = """<?php
add_filter( 'datamachine_step_types', static fn( $types ) => $types + array( 'noop' => array(
	'label' => 'Nothing', 'class' => 'Noop', 'uses_handler' => false, 'multi_handler' => false ) ) );
"""
Figure = dict[str, Any]


class Nothing:
    """A step that leaves one packet and does nothing else."""

    def execute(self, run: Any) -> list[Any]:
        return [packets.packet("noop", {"title": "", "body": ""}, {}, SYSTEM)]


class Stopwatch:
    """Time spent in parts of the program, each without the parts inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._stack: list[tuple[str, float]] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        now = time.perf_counter()
        if self._stack:
            outer, since = self._stack[-1]
            self.seconds[outer] += now - since
        self._stack.append((name, now))
        self.calls[name] += 1
        try:
            yield
        finally:
            now = time.perf_counter()
            _, since = self._stack.pop()
            self.seconds[name] += now - since
            if self._stack:
                self._stack[-1] = (self._stack[-1][0], now)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return function(*args, **kwargs)

        return timed


def run() -> list[Figure]:
    """Steps a second, and the milliseconds of one step by what they are spent on."""
    logging.getLogger("datamachine").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(dir=paths.scratch_folder()))
    instance = Instance(folder / "s")
    try:
        instance.db.start()
        instance.install_wordpress()
        instance.install_product()
        (instance.path / "wp-content" / "mu-plugins" / "noop.php").write_text(PLUGIN)
        instance.start_sidecar("host")
        return _figures(instance)
    finally:
        instance.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def _figures(instance: Instance) -> list[Figure]:
    built = runtime.build(settings.load(instance.config).site(), "work")
    try:
        built.get(Steps)["noop"] = Nothing()
        with built.hosts.unit(context="cron") as unit:
            manifest.publish(unit, built.get(manifest.Manifest))
        flow = _flow(built)
        _measure(built, flow, 2)
        plain = _measure(built, flow, JOBS)
        with _timed(Stopwatch()) as watch:
            _measure(built, flow, JOBS)
    finally:
        built.close()
    steps = STEPS * JOBS
    whole = 1000 / plain
    found = [
        _figure("a no-op step, one worker", plain, "1/s"),
        _figure("a no-op step", whole, "ms"),
    ]
    timed = sum(watch.seconds.values())
    for name in ("unit", "host call", "sql", "python"):
        share = watch.seconds[name] / timed
        calls = watch.calls[name] / steps
        many = "" if name == "python" else f", {calls:.0f} a step"
        found.append(_figure(f"of it {name}{many}", whole * share, "ms", ratio=share))
    return found


def _flow(built: runtime.Runtime) -> Any:
    services = built.get(PipelinesService), built.get(FlowsService)
    parts = [Part(NewPipelineStep("noop")) for _ in range(STEPS)]
    with built.hosts.unit(context="cron"):
        return setup.create(*services, Principal.command_line(), "Nothing", parts)


def _measure(built: runtime.Runtime, flow: Any, jobs: int) -> float:
    """Steps a second of so many jobs."""
    service = built.get(FlowsService)
    with built.hosts.unit(context="cron"):
        started = [service.run(Principal.command_line(), flow.flow_id).job_id for _ in range(jobs)]
    begun = time.perf_counter()
    Worker(built, once=True).work()
    seconds = time.perf_counter() - begun
    with built.db.session() as session:
        done = session.scalar(
            "SELECT COUNT(*) FROM wp_datamachine_jobs WHERE status = 'completed' AND job_id IN :jobs",
            {"jobs": started},
        )
    if done != jobs:
        raise RuntimeError(f"{jobs - int(done)} of {jobs} jobs did not complete")
    return jobs * STEPS / seconds


@contextmanager
def _timed(watch: Stopwatch) -> Iterator[Stopwatch]:
    """Count the calls of each part while the block runs."""
    changed: list[tuple[type, str, Any]] = []

    def wrap(owner: type, attribute: str, name: str) -> None:
        original = getattr(owner, attribute)
        changed.append((owner, attribute, original))
        setattr(owner, attribute, watch.around(name, original))

    wrap(UnitHost, "call", "host call")
    wrap(Session, "execute", "sql")
    wrap(Session, "command", "sql")
    wrap(Database, "_open", "sql")
    wrap(HostPool, "_open", "unit")
    wrap(UnitHost, "close", "unit")
    wrap(Worker, "work", "python")
    try:
        yield watch
    finally:
        for owner, attribute, original in changed:
            setattr(owner, attribute, original)


def _figure(name: str, value: float, unit: str, ratio: float | None = None) -> Figure:
    against = None if ratio is None else "the whole step"
    return {"name": name, "value": value, "unit": unit, "goal": None, "against": against, "ratio": ratio}


if __name__ == "__main__":
    for figure in run():
        print(figure)
