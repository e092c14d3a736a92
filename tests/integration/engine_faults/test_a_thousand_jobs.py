"""A thousand jobs with fan-out while workers, WordPress and the database die under them.

``DATAMACHINE_MILL_RUNS`` is the number of flow runs, each a parent and 49 children.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.engine_faults.conftest import Mill

RUNS = int(os.environ.get("DATAMACHINE_MILL_RUNS", "20"))
CHILDREN = 49
WORKERS = 3
#: How often each of them dies at most; all work would go into starting anew otherwise.
MOST = {"worker": 2 * RUNS, "unit": RUNS // 2 + 1, "host": 2, "database": 2, "asleep": 2}
#: Seconds between two deaths of a kind, about.
BETWEEN = {"worker": 1.0, "unit": 3.0, "host": 15.0, "database": 20.0, "asleep": 10.0}


def units_of(mill: Mill) -> list[int]:
    """PHP processes that work for a job right now."""
    rows = mill.rows(
        "SELECT unit_pid FROM wp_datamachine_bridge_leases WHERE state = 'running' AND unit_pid IS NOT NULL"
        " AND job_id > 0"
    )
    return [int(row["unit_pid"]) for row in rows]


@pytest.mark.timeout(900)
def test_every_job_ends_once_whatever_dies(mill: Mill, report: Callable[..., Any]) -> None:
    chance = random.Random(os.environ.get("DATAMACHINE_SEED", "7"))
    flow_of = {run: mill.flow(f"run{run}", CHILDREN) for run in range(RUNS)}
    parents = [mill.start(flow) for flow in flow_of.values()]
    dead = dict.fromkeys(MOST, 0)
    begun = time.monotonic()
    due = {kind: begun + 0.5 + between / 3 for kind, between in BETWEEN.items()}

    def kill_worker() -> bool:
        return mill.kill_one(chance)

    def kill_unit() -> bool:
        for pid in units_of(mill):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def kill_host() -> bool:
        host = mill.instance.servers["host"]
        os.kill(host.pid, signal.SIGKILL)
        host.stop()
        mill.instance.start_sidecar("host", name="host")
        return True

    def kill_database() -> bool:
        mill.instance.db.stop(grace=0)
        mill.instance.db.start()
        return True

    def put_to_sleep() -> bool:
        """Longer than a lease: somebody else takes over, and the sleeper must notice when it wakes up."""
        worker = chance.choice(mill.workers)
        worker.signal(signal.SIGSTOP)
        time.sleep(3.5)
        worker.signal(signal.SIGCONT)
        return True

    ways = {
        "worker": kill_worker,
        "unit": kill_unit,
        "host": kill_host,
        "database": kill_database,
        "asleep": put_to_sleep,
    }

    def torment() -> None:
        mill.fill(WORKERS)
        for kind, way in ways.items():
            if dead[kind] < MOST[kind] and time.monotonic() >= due[kind] and way():
                dead[kind] += 1
                due[kind] = time.monotonic() + BETWEEN[kind] * (0.5 + chance.random())

    mill.fill(WORKERS)
    mill.until(lambda: mill.unfinished() == 0 and bool(parents), 800, meanwhile=torment)
    seconds = time.monotonic() - begun
    mill.fill(WORKERS)
    mill.until(mill.settled, 60)
    mill.stop_workers()
    jobs = mill.number("SELECT COUNT(*) FROM wp_datamachine_jobs")
    unlucky = mill.rows(
        "SELECT job_id, status, JSON_VALUE(engine_data, '$.error_message') AS why, "
        " JSON_VALUE(engine_data, '$.error_trace') AS trace"
        " FROM wp_datamachine_jobs WHERE status <> 'completed'"
    )
    assert unlucky == []
    mill.assert_settled()
    assert jobs == RUNS * (CHILDREN + 1)
    assert mill.number("SELECT COUNT(*) FROM mill") == RUNS * CHILDREN * 2
    posts = mill.number("SELECT COUNT(*) FROM wp_posts WHERE post_title LIKE 'mill %%'")
    assert posts == RUNS * len([number for number in range(CHILDREN) if number % 20 == 0])
    assert dead["worker"] > 5
    told = sum(len(words) for words in mill.ends().values())
    report(
        f"engine: {jobs} jobs of {RUNS} fan-outs in {seconds:.0f} s; killed: {dead['worker']} workers,"
        f" {dead['unit']} units, {dead['host']} hosts, {dead['database']} databases; {dead['asleep']} put to"
        f" sleep; every step done once, {posts} posts, ends told {told} times"
    )
