"""Real faults on real processes: nothing is lost, nothing is done twice, the log says what happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from dev import processes
from sidecar import queue
from sidecar.clock import SYSTEM
from tests.integration.queue.lab import Lab

#: How often the worker is killed in the middle; a release is tried with 30 for each step.
KILLS = int(os.environ.get("DATAMACHINE_KILLS", "6"))


def wait(condition: Callable[[], bool], what: str, server: processes.Server | None = None) -> None:
    processes.wait_until(condition, what=what, seconds=60.0, server=server)


def ring(lab: Lab, hook: str, listed: list[dict[str, object]]) -> None:
    runtime = lab.runtime()
    with runtime.db.transaction() as session:
        for args in listed:
            queue.enqueue(session, hook, args, SYSTEM.now() - timedelta(seconds=1))
    runtime.db.close()


def jobs(count: int) -> list[dict[str, object]]:
    return [{"job_id": job, "flow_step_id": "1"} for job in range(1, count + 1)]


def settled(lab: Lab) -> bool:
    return (
        lab.number(
            "SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status IN ('pending', 'in-progress')"
        )
        == 0
    )


def busy(lab: Lab, worker: processes.Server) -> bool:
    """Whether a worker is in the middle of a step, or none is left."""
    running = "SELECT COUNT(*) FROM wp_datamachine_bridge_leases WHERE state = 'running' AND job_id > 0"
    return lab.number(f"{running} AND owner LIKE '%:{worker.pid}:%'") > 0 or settled(lab)


def assert_all_done(lab: Lab, count: int, steps: int = 3) -> None:
    """Every step of every job exactly once, and nothing left behind."""
    assert lab.sql("SELECT what, COUNT(*) FROM done GROUP BY what HAVING COUNT(*) <> 1") == []
    assert lab.number("SELECT COUNT(*) FROM done") == count * steps
    assert lab.sql("SELECT status, COUNT(*) FROM wp_actionscheduler_actions GROUP BY status") == [
        ["complete", str(count * steps)]
    ]
    assert lab.sql(
        "SELECT state, COUNT(*) FROM wp_datamachine_bridge_leases WHERE job_id > 0 GROUP BY state"
    ) == [["done", str(count)]]
    # One for what the step did, one for the doorbell that was served.
    assert lab.sql(
        "SELECT call_key = 'insert', status, COUNT(*) FROM wp_datamachine_bridge_effects GROUP BY 1, 2"
    ) == [["0", "done", str(count * steps)], ["1", "done", str(count * steps)]]
    completions = lab.sql(
        "SELECT COUNT(*), COUNT(DISTINCT action_id) FROM wp_actionscheduler_logs"
        " WHERE message LIKE 'action complete%'"
    )
    assert completions == [[str(count * steps), str(count * steps)]]


def leftovers(lab: Lab) -> tuple[int, int, int]:
    """Claims, claimed rows, leases of workers."""
    return (
        lab.number("SELECT COUNT(*) FROM wp_actionscheduler_claims"),
        lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE claim_id <> 0"),
        lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_leases WHERE lease_key LIKE 'worker:%'"),
    )


@pytest.mark.parametrize("way", ["skip-locked", "cas"])
def test_killed_at_random_moments_nothing_is_lost_or_done_twice(lab: Lab, way: str) -> None:
    count = 4 * KILLS
    ring(lab, "lab_step", jobs(count))
    chance = random.Random(os.environ.get("DATAMACHINE_SEED", "7") + way)
    for kill in range(KILLS):
        worker = lab.worker(f"killed-{kill}", claim=way, pause=0.02)
        wait(partial(busy, lab, worker), "a worker", worker)
        time.sleep(chance.uniform(0.0, 0.25))
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.process is not None
        worker.process.wait()
    survivor = lab.worker("survivor", claim=way)
    wait(lambda: settled(lab), "the jobs", survivor)
    survivor.stop()
    assert_all_done(lab, count)
    assert leftovers(lab) == (0, 0, 0)


def test_a_worker_that_sleeps_past_its_lease_writes_nothing_afterwards(lab: Lab) -> None:
    ring(lab, "lab_note", [{"n": 1}])
    sleeper = lab.worker("sleeper", pause=1.0)
    wait(lambda: lab.number("SELECT COUNT(*) FROM done") == 1, "the first half")
    os.kill(sleeper.pid, signal.SIGSTOP)
    try:
        other = lab.worker("other", pause=0.1)
        wait(
            lambda: lab.number("SELECT COUNT(*) FROM done WHERE what = 'end 1'") == 1,
            "the other worker",
            other,
        )
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
    wait(lambda: "declared dead" in lab.log("sleeper"), "the sleeper to notice")
    ring(lab, "lab_note", [{"n": 2}])
    wait(lambda: settled(lab), "the second doorbell")
    other.stop()
    sleeper.stop()
    firsts = lab.sql("SELECT what, worker FROM done WHERE what LIKE '%1' ORDER BY id")
    assert [what for what, _ in firsts] == ["begin 1", "begin 1", "end 1"]
    assert firsts[0][1] == str(sleeper.pid)
    assert firsts[1][1] == firsts[2][1] == str(other.pid)
    assert (
        lab.number("SELECT COUNT(*) FROM wp_actionscheduler_logs WHERE message LIKE 'action complete%'") == 2
    )
    assert leftovers(lab) == (0, 0, 0)


def test_a_worker_that_sleeps_inside_a_transaction_holds_nobody_up(lab: Lab) -> None:
    ring(lab, "lab_hold", [{"n": 1}])
    sleeper = lab.worker("holder", pause=1.0)
    wait(lambda: "holding" in lab.log("holder"), "the transaction", sleeper)
    os.kill(sleeper.pid, signal.SIGSTOP)
    try:
        other = lab.worker("waiter", pause=0.0)
        wait(lambda: settled(lab), "the other worker", other)
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
    other.stop()
    sleeper.stop()
    assert lab.sql("SELECT what, worker FROM done") == [["held 1", str(other.pid)]]
    assert leftovers(lab) == (0, 0, 0)


@pytest.mark.parametrize("way", ["skip-locked", "cas"])
def test_racing_workers_share_without_overlap(lab: Lab, way: str) -> None:
    ring(lab, "lab_note", [{"n": number} for number in range(120)])
    racers = [lab.worker(f"racer-{number}", claim=way) for number in range(3)]
    wait(lambda: settled(lab), "the doorbells")
    for racer in racers:
        racer.stop()
    assert lab.sql("SELECT what, COUNT(*) FROM done GROUP BY what HAVING COUNT(*) <> 1") == []
    assert lab.number("SELECT COUNT(*) FROM done") == 240
    assert lab.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE attempts <> 1") == 0
    assert leftovers(lab) == (0, 0, 0)


def test_two_doorbells_of_one_job_never_run_together(lab: Lab) -> None:
    ring(lab, "lab_step", [{"job_id": 1, "flow_step_id": "1"}, {"job_id": 1, "flow_step_id": "1"}])
    racers = [lab.worker(f"twin-{number}", pause=0.2) for number in range(2)]
    wait(
        lambda: lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_leases WHERE state = 'done'") == 1,
        "the job",
    )
    wait(lambda: settled(lab), "the doorbells")
    for racer in racers:
        racer.stop()
    # The second doorbell asks for a step that was done: its effect is found, not repeated.
    assert lab.sql("SELECT what, COUNT(*) FROM done GROUP BY what ORDER BY what") == [
        ["1.1", "1"],
        ["1.2", "1"],
        ["1.3", "1"],
    ]


def test_the_database_restarts_under_a_worker(lab: Lab) -> None:
    ring(lab, "lab_step", jobs(10))
    worker = lab.worker("patient", pause=0.05)
    wait(lambda: lab.number("SELECT COUNT(*) FROM done") > 2, "the first steps")
    lab.mysql.restart()
    wait(lambda: settled(lab), "the jobs", worker)
    worker.stop()
    assert_all_done(lab, 10)
    assert leftovers(lab) == (0, 0, 0)


def test_term_finishes_the_doorbell_under_way(lab: Lab) -> None:
    ring(lab, "lab_note", [{"n": number} for number in range(3)])
    worker = lab.worker("polite", pause=1.0)
    wait(lambda: lab.number("SELECT COUNT(*) FROM done") == 1, "the first half")
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.process is not None
    assert worker.process.wait(timeout=30) == 0
    assert lab.sql("SELECT what FROM done ORDER BY id") == [["begin 0"], ["end 0"]]
    assert lab.sql(
        "SELECT status, COUNT(*) FROM wp_actionscheduler_actions GROUP BY status ORDER BY status"
    ) == [
        ["complete", "1"],
        ["pending", "2"],
    ]
    assert leftovers(lab) == (0, 0, 0)


def test_several_workers_of_one_command_end_together(lab: Lab) -> None:
    ring(lab, "lab_note", [{"n": number} for number in range(20)])
    crew = lab.worker("crew", workers=3)
    wait(lambda: settled(lab), "the doorbells")
    os.kill(crew.pid, signal.SIGTERM)
    assert crew.process is not None
    assert crew.process.wait(timeout=30) == 0
    assert lab.number("SELECT COUNT(*) FROM done") == 40
    assert leftovers(lab) == (0, 0, 0)


def test_the_unit_of_a_dead_worker_is_ended_before_its_step_runs_again(lab: Lab) -> None:
    unit = subprocess.Popen(["php", "-r", "sleep(120);"])
    connection = lab.runtime()
    try:
        with connection.db.session() as held:
            number = held.scalar("SELECT CONNECTION_ID()")
            ring(lab, "lab_step", jobs(1))
            victim = lab.worker("victim", pause=3)
            wait(
                lambda: lab.number("SELECT COUNT(*) FROM wp_datamachine_bridge_leases WHERE job_id = 1") == 1,
                "the job's lease",
            )
            lab.sql(
                f"UPDATE wp_datamachine_bridge_leases SET unit_pid = {unit.pid},"
                f" unit_connection_id = {number}, heartbeat_at = UTC_TIMESTAMP(6) WHERE job_id = 1"
            )
            os.kill(victim.pid, signal.SIGKILL)
            assert victim.process is not None
            victim.process.wait()
            survivor = lab.worker("heir")
            # A real unit's parent reaps it; here that is this test.
            assert unit.wait(timeout=30) == -signal.SIGKILL
            wait(lambda: settled(lab), "the job", survivor)
            survivor.stop()
            assert lab.number(f"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {number}") == 0
    finally:
        unit.kill()
        unit.wait()
        connection.db.close()
    assert_all_done(lab, 1)
