"""What the figures of flows have in common: a site, worker processes, and a stopwatch for one worker."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

from dev import paths
from dev.instance import Instance
from sidecar import runtime, settings
from sidecar.automation import FlowsService, PipelinesService, setup
from sidecar.automation.setup import Part
from sidecar.automation.values import Flow
from sidecar.db.database import Database
from sidecar.db.session import Session
from sidecar.hooks import manifest
from sidecar.host.pool import HostPool
from sidecar.host.unit import UnitHost
from sidecar.identity import Principal
from sidecar.queue import waking
from sidecar.queue.worker import Worker
from tests.bench import processor

CLI = Principal.command_line()
WORKERS = (1, 2, 4)
#: Seconds a run may take before something is wrong.
PATIENCE = 300.0
PARTS = ("unit", "host call", "sql", "python")

Figure = dict[str, Any]


@dataclass
class Site:
    """The runtime of a worker, and the instance it works for."""

    built: Any
    instance: Instance

    def used(self) -> dict[str, float]:
        """Seconds of processor time so far, without the workers'."""
        return {
            "database": processor.of_tree(self.instance.db.pid),
            "WordPress": processor.of_tree(self.instance.servers["host"].pid),
        }


@contextmanager
def site(
    python_plugin: str, php: str = "", prepare: Callable[[Instance], None] | None = None
) -> Iterator[Any]:
    """The runtime of a worker on a site of its own, with a Python plugin and perhaps a must-use plugin.

    The log level is `info`, as on a fresh site; the database writes its log through at each commit.
    """
    logging.getLogger("datamachine").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp(dir=paths.scratch_folder()))
    instance = Instance(folder / "s")
    built = None
    try:
        instance.db.start()
        instance.install_wordpress()
        instance.install_product()
        if prepare is not None:
            prepare(instance)
        (instance.python_plugins / "bench.py").write_text(python_plugin)
        if php:
            (instance.path / "wp-content" / "mu-plugins" / "bench.php").write_text(f"<?php\n{php}")
        instance.start_sidecar("host", name="host")
        built = runtime.build(settings.load(instance.config).site(), "work")
        with built.hosts.unit(context="cron") as unit:
            manifest.publish(unit, built.get(manifest.Manifest))
        yield Site(built, instance)
    finally:
        if built is not None:
            built.close()
        instance.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def flow(built: Any, name: str, parts: list[Part]) -> Flow:
    """A pipeline of these parts and one flow of it."""
    with built.hosts.unit(context="cron"):
        return setup.create(built.get(PipelinesService), built.get(FlowsService), CLI, name, parts)


def start(built: Any, of: Flow, jobs: int) -> None:
    """Start so many runs of a flow; nobody works on them yet."""
    service = built.get(FlowsService)
    with built.hosts.unit(context="cron"):
        for _ in range(jobs):
            service.run(CLI, of.flow_id)


@dataclass
class Rate:
    """Steps a second, and milliseconds of processor time of one by who used it."""

    steps: float
    used: dict[str, float]


def rate(site: Site, of: Flow, *, jobs: int, steps: int, workers: int) -> Rate:
    """Steps a second of so many jobs by so many worker processes, until the last job ends."""
    built = site.built
    start(built, of, jobs)
    built.hosts.close()
    context = multiprocessing.get_context("fork")
    barrier, over = context.Barrier(workers + 1), context.Event()
    spent: Any = context.Array("d", workers)
    children = [
        context.Process(target=_work, args=(built, barrier, over, spent, number)) for number in range(workers)
    ]
    for child in children:
        child.start()
    before = site.used()
    barrier.wait()
    begun = time.perf_counter()
    try:
        while _unfinished(built, of):
            if time.perf_counter() - begun > PATIENCE:
                raise RuntimeError(f"{_unfinished(built, of)} jobs did not end")
            time.sleep(0.02)
        seconds = time.perf_counter() - begun
    finally:
        over.set()
        waking.nudge()
        for child in children:
            child.join()
    _check(built, of)
    done = jobs * steps
    used = {who: seconds - before[who] for who, seconds in site.used().items()} | {"workers": sum(spent)}
    return Rate(done / seconds, {who: each * 1000 / done for who, each in used.items()})


def rates(name: str, site: Site, of: Flow, *, jobs: int, steps: int) -> list[Figure]:
    """With 1, 2 and 4 workers, so many jobs each."""
    found: list[Figure] = []
    one = 0.0
    for workers in WORKERS:
        measured = rate(site, of, jobs=jobs * workers, steps=steps, workers=workers)
        one = one or measured.steps
        found.append(
            figure(
                f"{name}, {workers} workers", measured.steps, "steps/s", "one worker", measured.steps / one
            )
        )
        if workers == 2:
            found += [
                figure(f"{name}: processor time of {who} a step", used, "ms")
                for who, used in measured.used.items()
            ]
    return found


def spent(built: Any, of: Flow, *, jobs: int) -> tuple[Stopwatch, float]:
    """What one worker in this process spends its time on, and the seconds it took."""
    start(built, of, jobs)
    with timed(Stopwatch()) as watch:
        begun = time.perf_counter()
        Worker(built, once=True).work()
        seconds = time.perf_counter() - begun
    _check(built, of)
    built.hosts.close()
    return watch, seconds


def shares(name: str, watch: Stopwatch, seconds: float, count: int) -> list[Figure]:
    """Milliseconds of one of ``count`` things (steps, jobs), and what they were spent on."""
    whole = 1000 * seconds / count
    in_all = sum(watch.seconds.values())
    found = [figure(f"{name}, one worker", whole, "ms")]
    for part in PARTS:
        calls = watch.calls[part] / count
        many = "" if part == "python" else f", {calls:.3g} each"
        share = watch.seconds[part] / in_all
        found.append(figure(f"{name}: of it {part}{many}", whole * share, "ms", "the whole", share))
    return found


def figure(
    name: str, value: float, unit: str, against: str | None = None, ratio: float | None = None
) -> Figure:
    return {"name": name, "value": value, "unit": unit, "goal": None, "against": against, "ratio": ratio}


def _work(built: Any, barrier: Barrier, over: Event, spent: Any, number: int) -> None:
    worker = Worker(built, until=over.is_set)
    barrier.wait()
    before = time.process_time()
    code = worker.work()
    spent[number] = time.process_time() - before
    # Not `sys.exit`: what the parent opened is the parent's to close.
    os._exit(code)


def _unfinished(built: Any, of: Flow) -> int:
    return _count(built, of, "completed_at IS NULL")


def _check(built: Any, of: Flow) -> None:
    with built.db.session() as session:
        found = session.column(
            f"SELECT DISTINCT status FROM {built.db.tables().jobs} WHERE flow_id = :flow",
            {"flow": str(of.flow_id)},
        )
    if found != ["completed"]:
        raise RuntimeError(f"jobs of flow {of.flow_id} ended {found}")


def _count(built: Any, of: Flow, condition: str) -> int:
    with built.db.session() as session:
        return int(
            session.scalar(
                f"SELECT COUNT(*) FROM {built.db.tables().jobs} WHERE flow_id = :flow AND {condition}",
                {"flow": str(of.flow_id)},
            )
        )


class Stopwatch:
    """Time spent in parts of the program, each without the parts inside it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._stack: list[tuple[str, float]] = []
        self._thread = threading.get_ident()

    @contextmanager
    def part(self, name: str, counted: bool = True) -> Iterator[None]:
        """Time this block; what other threads (the heartbeat) do is not looked at."""
        if threading.get_ident() != self._thread:
            yield
            return
        now = time.perf_counter()
        if self._stack:
            outer, since = self._stack[-1]
            self.seconds[outer] += now - since
        self._stack.append((name, now))
        self.calls[name] += counted
        try:
            yield
        finally:
            now = time.perf_counter()
            _, since = self._stack.pop()
            self.seconds[name] += now - since
            if self._stack:
                self._stack[-1] = (self._stack[-1][0], now)

    def around(self, name: str, function: Callable[..., Any], counted: bool) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(name, counted):
                return function(*args, **kwargs)

        return timed


@contextmanager
def timed(watch: Stopwatch) -> Iterator[Stopwatch]:
    """Count the calls of each part while the block runs."""
    changed: list[tuple[type, str, Any]] = []

    def wrap(owner: type, attribute: str, name: str, counted: bool = True) -> None:
        original = getattr(owner, attribute)
        changed.append((owner, attribute, original))
        setattr(owner, attribute, watch.around(name, original, counted))

    wrap(UnitHost, "call", "host call")
    wrap(Session, "_run", "sql")
    wrap(Session, "many", "sql")
    wrap(Session, "command", "sql")
    wrap(Database, "_open", "sql", counted=False)
    wrap(Database, "_close", "sql", counted=False)
    wrap(HostPool, "_open", "unit")
    wrap(UnitHost, "close", "unit", counted=False)
    wrap(Worker, "work", "python")
    try:
        yield watch
    finally:
        for owner, attribute, original in changed:
            setattr(owner, attribute, original)
