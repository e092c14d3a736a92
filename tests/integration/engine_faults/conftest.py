"""A site whose engine is tormented: processes of its own, nothing shared with other tests."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import paths, processes
from dev.instance import DATABASE, Instance
from sidecar.automation import FlowsService, PipelinesService
from sidecar.automation.jobs import status as statuses
from sidecar.automation.values import Flow, NewPipelineStep, StepConfig
from sidecar.identity import Principal
from tests.integration.engine_faults import instants
from tests.integration.engine_faults.instants import Stage
from tests.integration.engine_faults.rig import Rig
from tests.trace import record

CLI = Principal.command_line()
#: Seconds between a worker's signs of life, and after which it is dead.
TIMING = {"DATAMACHINE_QUEUE_HEARTBEAT": "0.5", "DATAMACHINE_QUEUE_LEASE": "3"}


class Mill:
    """The site, and the workers that are started, killed and replaced."""

    def __init__(self, instance: Instance, recording: record.Recording, built: Any) -> None:
        self.instance = instance
        self.recording = recording
        self.built = built
        self.workers: list[processes.Server] = []
        self.ends_file = instance.folder / "ends"
        self.ends_file.touch()
        self._started = 0

    def rows(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        return self.recording.all(statement, **params)

    def number(self, statement: str, **params: Any) -> int:
        return int(next(iter(self.rows(statement, **params)[0].values())) or 0)

    def flow(self, run: str, count: int, steps: int = 2) -> Flow:
        """A flow of numbers and as many grinding steps."""
        kinds = ["fetch", *["mill_grind"] * steps]
        pipeline = self.built.get(PipelinesService).create(
            CLI, f"mill {run}", [NewPipelineStep(k) for k in kinds]
        )
        fetch = StepConfig("mill_numbers", {"run": run, "count": count, "max_items": 0})
        flow: Flow = self.built.get(FlowsService).create(
            CLI, pipeline.pipeline_id, f"mill {run}", step_configs={"fetch": fetch}
        )
        return flow

    def start(self, flow: Flow) -> int:
        return int(self.built.get(FlowsService).run(CLI, flow.flow_id).job_id)

    # Workers

    def fill(self, count: int, **environment: str) -> None:
        """Replace whoever died."""
        self.workers = [worker for worker in self.workers if worker.alive()]
        while len(self.workers) < count:
            self._started += 1
            self.workers.append(
                processes.start(
                    f"mill-{self._started}",
                    [paths.VENV / "bin" / "datamachine", "work"],
                    log=self.instance.logs / "mill.log",
                    env=self.instance.environment(
                        PYTHONUNBUFFERED="1",
                        DATAMACHINE_MILL_ENDS=str(self.ends_file),
                        **TIMING,
                        **environment,
                    ),
                )
            )

    def kill_one(self, chance: random.Random) -> bool:
        """KILL a worker that works, wherever it is; False when all rest."""
        owners = [
            int(str(row["owner"]).split(":")[1])
            for row in self.rows(
                "SELECT owner FROM wp_datamachine_bridge_leases WHERE state = 'running' AND job_id > 0"
                " AND attempt < 6"
            )
        ]
        busy = [worker for worker in self.workers if worker.pid in owners and worker.alive()]
        if not busy:
            return False
        worker = chance.choice(busy)
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.process is not None
        worker.process.wait()
        return True

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.workers.clear()

    # How it stands

    def unfinished(self) -> int:
        return self.number("SELECT COUNT(*) FROM wp_datamachine_jobs WHERE completed_at IS NULL")

    def doorbells(self) -> list[dict[str, Any]]:
        """Those that wait, also for a later moment, and those that are being answered."""
        return self.rows(
            "SELECT action_id, hook, status, args FROM wp_actionscheduler_actions WHERE group_id IN"
            " (SELECT group_id FROM wp_actionscheduler_groups WHERE slug = 'data-machine')"
            " AND status IN ('pending', 'in-progress')"
        )

    def settled(self) -> bool:
        """Every job has ended, and its last doorbell: a worker that died in between leaves that to others."""
        return self.unfinished() == 0 and self.doorbells() == []

    def until(
        self, condition: Callable[[], bool], seconds: float, *, meanwhile: Callable[[], Any] | None = None
    ) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {self.describe()}; {self.doorbells()[:10]}")
            if meanwhile is not None:
                meanwhile()
            time.sleep(0.05)

    def describe(self) -> list[dict[str, Any]]:
        """What keeps jobs from ending, for a failed test."""
        return self.rows(
            "SELECT j.job_id, j.parent_job_id, j.status, l.state, l.step, l.owner, l.last_error,"
            " a.status AS bell"
            " FROM wp_datamachine_jobs j LEFT JOIN wp_datamachine_bridge_leases l ON l.job_id = j.job_id"
            " LEFT JOIN wp_actionscheduler_actions a ON a.action_id = l.action_id"
            " WHERE j.completed_at IS NULL LIMIT 10"
        )

    def assert_settled(self) -> None:
        """Every job ended, nothing leaks, nothing was done twice."""
        ended = " OR ".join(f"status LIKE '{word}%'" for word in statuses.FINAL)
        assert self.rows(f"SELECT job_id, status FROM wp_datamachine_jobs WHERE NOT ({ended})") == []
        assert (
            self.rows(
                "SELECT job_id, step, COUNT(*) AS times FROM mill GROUP BY job_id, step HAVING times > 1"
            )
            == []
        )
        assert (
            self.rows(
                "SELECT post_title FROM wp_posts WHERE post_title LIKE 'mill %' GROUP BY post_title"
                " HAVING COUNT(*) > 1"
            )
            == []
        )
        assert self.rows("SELECT * FROM wp_datamachine_processed_items WHERE status = 'claimed'") == []
        assert self.doorbells() == []
        assert (
            self.rows(
                "SELECT lease_key FROM wp_datamachine_bridge_leases WHERE job_id > 0"
                " AND state IN ('running', 'ready')"
            )
            == []
        )
        told = self.ends()
        jobs = {int(row["job_id"]): row["status"] for row in self.rows("SELECT * FROM wp_datamachine_jobs")}
        assert {job: set(words) for job, words in told.items()} == {job: {word} for job, word in jobs.items()}

    def ends(self) -> dict[int, list[str]]:
        """What listeners of ``datamachine_job_complete`` heard, by job."""
        found: dict[int, list[str]] = {}
        for line in self.ends_file.read_text().splitlines():
            job, _, word = line.partition(" ")
            found.setdefault(int(job), []).append(word)
        return found


@pytest.fixture(scope="module")
def mill(instances: Path) -> Iterator[Mill]:
    instance = Instance(paths.numbered(instances))
    built = None
    it = None
    try:
        instance.install()
        shutil.copy(Path(__file__).with_name("mill.py"), instance.python_plugins / "mill.py")
        instance.db.sql(
            "CREATE TABLE mill (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, job_id bigint,"
            " step varchar(191), item varchar(191), pid int) ENGINE=InnoDB",
            database=DATABASE,
        )
        instance.start_sidecar("bridge", name="bridge")
        instance.wp("eval", "do_action( 'wp_loaded' );")
        instance.start_sidecar("host", name="host")
        recording = record.Recording(instance)
        built = recording.runtime()
        recording.use(built)
        it = Mill(instance, recording, built)
        yield it
    finally:
        if it is not None:
            it.stop_workers()
        if built is not None:
            built.close()
        instance.destroy()


@pytest.fixture(scope="module")
def rig(instances: Path) -> Iterator[Rig]:
    """A site whose worker is this process."""
    instance = Instance(paths.numbered(instances))
    built = None
    try:
        instance.install()
        # A first page makes the default agent.
        instance.start_sidecar("bridge", name="bridge")
        instance.wp("eval", "do_action( 'wp_loaded' );")
        instance.servers.pop("bridge").stop()
        built = Rig(instance)
        built.work()
        yield built
    finally:
        if built is not None:
            built.close()
        instance.destroy()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with instants.stage() as built:
        yield built
