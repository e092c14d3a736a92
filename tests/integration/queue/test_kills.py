"""The main job on a real WordPress while whoever holds its lease is killed, again and again.

``DATAMACHINE_KILLS`` is the number of kills for each kind of step (a release is tried with 30).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev import paths, processes
from dev.instance import Instance
from sidecar.automation import FlowsService
from sidecar.identity import Principal
from sidecar.identity.agents import AgentsRepository
from tests.trace import record

KILLS = int(os.environ.get("DATAMACHINE_KILLS", "2"))
STEPS = 3
WORKERS = 2
#: A step whose process died ten times is given up: no step is killed that often here.
KILLS_OF_ONE = 5
#: A kill may come a moment after its step: a few jobs more than kills are needed.
MOST_JOBS = 8 * KILLS * STEPS
#: Jobs made at a time.
ROUND = 2 * KILLS if KILLS < 8 else 15


@pytest.fixture(scope="module")
def busy_site(instances: Path) -> Iterator[tuple[record.Recording, Any]]:
    """A site with posts, a host process, and a runner that publishes."""
    instance = Instance(paths.numbered(instances))
    built = None
    try:
        instance.install()
        instance.wp("post", "generate", "--count=5")
        instance.wp(
            "option", "update", "datamachine_settings", '{"default_provider":"mock"}', "--format=json"
        )
        shutil.copy(
            paths.ROOT / "tests" / "trace" / "runner_plugin.py", instance.python_plugins / "runner.py"
        )
        instance.start_sidecar("bridge", name="bridge")
        instance.wp("eval", "do_action( 'wp_loaded' );")
        instance.start_sidecar("host", name="host")
        recording = record.Recording(instance)
        built = recording.runtime()
        recording.use(built)
        yield recording, built
    finally:
        if built is not None:
            built.close()
        instance.destroy()


class Workers:
    """A few worker processes; whoever dies is replaced."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._running: list[processes.Server] = []
        self._started = 0

    def fill(self) -> None:
        self._running = [worker for worker in self._running if worker.alive()]
        while len(self._running) < WORKERS:
            self._started += 1
            self._running.append(
                processes.start(
                    f"work-{self._started}",
                    [paths.VENV / "bin" / "datamachine", "work"],
                    log=self._instance.logs / "work.log",
                    env=self._instance.environment(PYTHONUNBUFFERED="1"),
                )
            )

    def runs(self, owner: str) -> processes.Server | None:
        """The process a lease names, while it lives."""
        pid = int(owner.split(":")[1])
        return next((worker for worker in self._running if worker.pid == pid and worker.alive()), None)

    def kill(self, owner: str) -> bool:
        """Kill the process a lease names; False when it is gone."""
        worker = self.runs(owner)
        if worker is None:
            return False
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.process is not None
        worker.process.wait()
        return True

    def stop(self) -> None:
        for worker in self._running:
            worker.stop()


def holders(recording: record.Recording) -> list[tuple[str, str, str]]:
    """Who works on what now, where a kill does not make it the tenth: lease, owner and step."""
    rows = recording.all(
        "SELECT lease_key, owner, step FROM wp_datamachine_bridge_leases"
        " WHERE state = 'running' AND job_id > 0 AND attempt BETWEEN 1 AND :most",
        most=KILLS_OF_ONE,
    )
    return [(str(row["lease_key"]), str(row["owner"]), str(row["step"])) for row in rows]


def ringing(recording: record.Recording) -> bool:
    """Whether a doorbell of a step waits, or is being answered."""
    return bool(
        recording.all(
            "SELECT action_id FROM wp_actionscheduler_actions WHERE hook = 'datamachine_execute_step'"
            " AND status IN ('pending', 'in-progress') LIMIT 1"
        )
    )


def claims(recording: record.Recording) -> list[dict[str, Any]]:
    return recording.all("SELECT claim_id FROM wp_actionscheduler_claims")


def unfinished(recording: record.Recording) -> int:
    return int(
        recording.all("SELECT COUNT(*) AS n FROM wp_datamachine_jobs WHERE completed_at IS NULL")[0]["n"]
    )


@pytest.mark.timeout(600 + 60 * KILLS)
def test_whoever_holds_a_lease_may_be_killed_at_any_moment(busy_site: tuple[record.Recording, Any]) -> None:
    recording, built = busy_site
    agent = built.get(AgentsRepository).all()[0].agent_id
    last_post = recording.all("SELECT MAX(ID) AS last FROM wp_posts")[0]["last"]
    jobs = 0
    chance = random.Random(os.environ.get("DATAMACHINE_SEED", "11"))
    workers = Workers(recording.instance)
    #: Which kind of step (fetch, ai, publish) a flow step is.
    kinds: dict[str, int] = {}
    killed = dict.fromkeys(range(STEPS), 0)
    # How long after its start a step is killed at most: about as long as it takes.
    reach = dict.fromkeys(range(STEPS), 0.1)
    try:
        while any(count < KILLS for count in killed.values()):
            if not unfinished(recording):
                # Jobs are made while nobody works: workers are faster than their maker.
                workers.stop()
                assert jobs < MOST_JOBS, killed
                for _ in range(ROUND):
                    # A flow of its own: what one flow has processed is new to another.
                    flow = record.success_flow(built, agent)
                    kinds |= {step: kind for kind, step in enumerate(flow.flow_config)}
                    built.get(FlowsService).run(Principal.command_line(), flow.flow_id)
                jobs += ROUND
                workers.fill()
            # The lease of a worker that was just killed is still there until it is recovered.
            found = next(
                (
                    found
                    for found in holders(recording)
                    if killed[kinds[found[2]]] < KILLS and workers.runs(found[1])
                ),
                None,
            )
            if found is None:
                time.sleep(0.002)
                continue
            _, owner, step = found
            kind = kinds[step]
            time.sleep(chance.uniform(0.0, reach[kind]))
            if found not in holders(recording):
                # Over already: look at this step sooner.
                reach[kind] = max(0.002, 0.8 * reach[kind])
            elif workers.kill(owner):
                reach[kind] = min(0.2, 1.2 * reach[kind])
                killed[kind] += 1
                workers.fill()
        # A worker that was killed when its job was done has not said so of the doorbell, or held its claim.
        processes.wait_until(
            lambda: unfinished(recording) == 0 and not ringing(recording) and not claims(recording),
            what=f"The jobs (killed: {killed})",
            seconds=120 + 3 * jobs,
        )
    finally:
        workers.stop()
    log = (recording.instance.logs / "work.log").read_text(errors="replace")

    ended = recording.all("SELECT status, COUNT(*) AS n FROM wp_datamachine_jobs GROUP BY status")
    assert ended == [{"status": "completed", "n": jobs}], log[-4000:]
    # One draft a job, of its own flow.
    drafts = recording.all(
        "SELECT COUNT(*) AS n FROM wp_posts"
        " WHERE ID > :last AND post_type = 'post' AND post_status = 'draft'",
        last=last_post,
    )
    assert drafts == [{"n": jobs}]
    flows = recording.all(
        "SELECT COUNT(DISTINCT meta_value) AS n, COUNT(*) AS total FROM wp_postmeta"
        " WHERE meta_key = '_datamachine_post_flow_id'"
    )
    assert flows == [{"n": jobs, "total": jobs}]
    items = recording.all("SELECT status, COUNT(*) AS n FROM wp_datamachine_processed_items GROUP BY status")
    assert items == [{"status": "processed", "n": jobs}]
    noted = recording.all(
        "SELECT COUNT(DISTINCT post_id) AS n FROM wp_datamachine_bridge_effects WHERE post_id IS NOT NULL"
    )
    assert noted == [{"n": jobs}]
    doorbells = recording.all(
        "SELECT status, claim_id, COUNT(*) AS n FROM wp_actionscheduler_actions"
        " WHERE hook = 'datamachine_execute_step' GROUP BY status, claim_id"
    )
    failures = recording.all(
        "SELECT message FROM wp_actionscheduler_logs WHERE message LIKE 'action failed%'"
    )
    assert doorbells == [{"status": "complete", "claim_id": 0, "n": jobs * STEPS}], failures
    assert claims(recording) == []
    assert recording.all("SELECT lease_key FROM wp_datamachine_bridge_leases WHERE state <> 'done'") == []
