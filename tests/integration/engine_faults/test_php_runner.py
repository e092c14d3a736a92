"""A PHP runner beside the workers: one queue, every doorbell done once, whoever meets it.

``runner.php`` stands in for the library's runner, with its own statements. A deaf one is a library without
claim filters: it takes our doorbells too, and our side of it puts them back.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import DATABASE
from dev.processes import wait_until
from dev.wordpress import wp_cli
from sidecar.automation import FlowsService
from sidecar.automation.flows.deletion import FlowDeletion
from sidecar.queue.reconciler import Reconciler
from tests.integration.engine_faults.conftest import CLI, Mill

PLUGIN = """<?php
foreach ( array( 'acme_tick', 'acme_slow' ) as $hook ) {
	add_action( $hook, static function ( $what, $seconds = 0 ) use ( $hook ) {
		global $wpdb;
		sleep( $seconds );
		$wpdb->insert( 'acme', array( 'what' => "$hook $what" ) );
	}, 10, 2 );
}
"""
SCRIPT = Path(__file__).with_name("runner.php")


class Runners:
    """PHP runners of one test."""

    def __init__(self, mill: Mill, folder: Path) -> None:
        self._mill = mill
        self._stop = folder / "stop"
        self._running: list[subprocess.Popen[str]] = []

    def start(self, name: str, *, seconds: int = 200, period: int = 300) -> None:
        """Returns when it has begun to look for work."""
        instance = self._mill.instance
        command = [*instance.php(), str(wp_cli()), f"--path={instance.path}", "--allow-root", "--no-color"]
        arguments = ["eval-file", str(SCRIPT), name, str(seconds), str(period), str(self._stop)]
        self._running.append(
            subprocess.Popen(
                [*command, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=instance.environment(),
            )
        )
        begun = self._stop.with_name(f"{self._stop.name}-{name}")
        wait_until(begun.exists, what=f"The runner {name}")

    def look(self) -> None:
        """They are all at work."""
        for process in self._running:
            assert process.poll() is None, process.communicate()

    def finish(self) -> list[dict[str, int]]:
        """Let them end their batches; what each did."""
        self.look()
        self._stop.touch()
        return self.wait()

    def wait(self) -> list[dict[str, int]]:
        found = []
        while self._running:
            process = self._running.pop(0)
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, err
            found.append(json.loads(out.splitlines()[-1]))
        return found

    def kill(self) -> None:
        for process in self._running:
            process.kill()
            process.communicate()


@pytest.fixture
def runners(mill: Mill, tmp_path: Path) -> Iterator[Runners]:
    found = Runners(mill, tmp_path)
    yield found
    found.kill()
    mill.stop_workers()


@pytest.fixture(scope="module", autouse=True)
def acme(mill: Mill) -> None:
    """A plugin with work of its own in the queue."""
    (mill.instance.path / "wp-content" / "mu-plugins" / "acme.php").write_text(PLUGIN)
    mill.instance.db.sql(
        "CREATE TABLE acme (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, what varchar(50))",
        database=DATABASE,
    )


def php(mill: Mill, code: str) -> None:
    mill.instance.wp("eval", code)


def workers(mill: Mill, count: int) -> None:
    """Workers of whom WordPress knows."""
    mill.fill(count)
    mill.until(
        lambda: (
            mill.number(
                "SELECT COUNT(*) FROM wp_datamachine_bridge_sites"
                " WHERE worker_seen_at > UTC_TIMESTAMP(6) - INTERVAL 2 SECOND"
            )
            == 1
        ),
        30,
    )


def no_worker(mill: Mill) -> None:
    """The last one has been gone for long."""
    mill.stop_workers()
    mill.instance.db.sql("UPDATE wp_datamachine_bridge_sites SET worker_seen_at = NULL", database=DATABASE)


def put_back_is_due(mill: Mill) -> None:
    """Half a minute passes for doorbells that were put back."""
    mill.instance.db.sql(
        "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP() - INTERVAL 1 SECOND"
        " WHERE status = 'pending' AND scheduled_date_gmt > UTC_TIMESTAMP()"
        " AND scheduled_date_gmt < UTC_TIMESTAMP() + INTERVAL 1 MINUTE",
        database=DATABASE,
    )


def pending(mill: Mill, *, slug: str = "data-machine") -> int:
    """How many doorbells of a group are still to be done."""
    return mill.number(
        "SELECT COUNT(*) FROM wp_actionscheduler_actions a JOIN wp_actionscheduler_groups g USING (group_id)"
        " WHERE a.status IN ('pending', 'in-progress') AND g.slug = :slug",
        slug=slug,
    )


def nothing_went_wrong(mill: Mill) -> None:
    """No action failed, and each one that is complete was completed once."""
    assert mill.rows("SELECT * FROM wp_actionscheduler_actions WHERE status = 'failed'") == []
    assert mill.rows("SELECT * FROM wp_actionscheduler_logs WHERE message LIKE '%%no callbacks%%'") == []
    assert (
        mill.rows(
            "SELECT action_id, COUNT(*) FROM wp_actionscheduler_logs"
            " WHERE message LIKE 'action complete via%%' GROUP BY action_id HAVING COUNT(*) > 1"
        )
        == []
    )
    assert mill.rows("SELECT what FROM acme GROUP BY what HAVING COUNT(*) > 1") == []


@pytest.mark.timeout(240)
def test_both_drain_one_queue(mill: Mill, runners: Runners, report: Any) -> None:
    flows = mill.built.get(FlowsService)
    scheduled = [mill.flow(f"plan{number}", 0, steps=1) for number in range(2)]
    for flow, interval in zip(scheduled, ("hourly", "0 3 1 1 *"), strict=True):
        flows.update(CLI, flow.flow_id, scheduling={"interval": interval})
        mill.instance.db.sql(
            "UPDATE wp_actionscheduler_actions SET scheduled_date_gmt = UTC_TIMESTAMP() - INTERVAL 2 SECOND"
            f" WHERE args = '[{flow.flow_id}]' AND status = 'pending'",
            database=DATABASE,
        )
    parents = [mill.start(mill.flow(f"shared{number}", 4)) for number in range(2)]
    runners.start("deaf")
    workers(mill, 2)
    runners.start("obedient")
    php(
        mill,
        "foreach ( range( 1, 40 ) as $n ) {"
        " as_enqueue_async_action( 'acme_tick', array( $n ), 'data-machine' );"
        " as_enqueue_async_action( 'acme_tick', array( 1000 + $n ), 'acme' ); }",
    )

    def meanwhile() -> None:
        runners.look()
        put_back_is_due(mill)

    mill.until(lambda: pending(mill, slug="acme") == 0 and mill.unfinished() == 0, 120, meanwhile=meanwhile)
    # A schedule's doorbell that was put back starts its flow a little later, once.
    mill.until(lambda: pending(mill) == len(scheduled) and mill.unfinished() == 0, 60, meanwhile=meanwhile)
    did = runners.finish()
    nothing_went_wrong(mill)
    rows = mill.rows(
        "SELECT SUBSTRING_INDEX(l.message, 'via ', -1) AS runner, g.slug, COUNT(*) AS n"
        " FROM wp_actionscheduler_logs l JOIN wp_actionscheduler_actions a USING (action_id)"
        " JOIN wp_actionscheduler_groups g USING (group_id) WHERE l.message LIKE 'action complete via%%'"
        " GROUP BY 1, 2"
    )
    by = {(row["runner"], row["slug"]): int(row["n"]) for row in rows}
    # A library that knows filters leaves ours alone while a worker lives; nobody but PHP takes others'.
    assert ("obedient", "data-machine") not in by
    assert {runner for runner, slug in by if slug == "acme"} <= {"obedient", "deaf"}
    assert by["Data Machine Worker", "data-machine"] > 0
    assert by.get(("deaf", "data-machine"), 0) > 0
    assert mill.number("SELECT COUNT(*) FROM mill") == 2 * 4 * 2
    ended = {int(row["job_id"]): row["status"] for row in mill.rows("SELECT * FROM wp_datamachine_jobs")}
    assert {ended[parent] for parent in parents} == {"completed"}
    assert {job: Counter(words) for job, words in mill.ends().items()} == {
        job: Counter({word: 1}) for job, word in ended.items()
    }
    assert mill.number("SELECT COUNT(*) FROM acme") == 80
    for flow in scheduled:
        mine = "FROM wp_datamachine_jobs WHERE flow_id = :flow"
        assert mill.number(f"SELECT COUNT(*) {mine}", flow=flow.flow_id) == 1
        assert (
            mill.number(
                "SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE args = :args AND status = 'pending'",
                args=f"[{flow.flow_id}]",
            )
            == 1
        )
        mill.built.get(FlowDeletion).delete(CLI, flow.flow_id)
    report(f"engine: a queue shared with PHP runners: completed by {by}; runners: {did}")


@pytest.mark.timeout(120)
def test_without_workers_a_runner_loses_nothing(mill: Mill, runners: Runners) -> None:
    mill.stop_workers()
    job = mill.start(mill.flow("alone", 1))
    no_worker(mill)
    for _ in range(3):
        runners.start("once")
        (did,) = runners.wait()
        assert did["executed"] == 1
        assert did["failed"] == 0
        bells = mill.rows(
            "SELECT status, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), scheduled_date_gmt) AS due"
            " FROM wp_actionscheduler_actions WHERE hook = 'datamachine_execute_step' AND"
            " (args LIKE :named OR args LIKE :listed) ORDER BY action_id",
            named=f'{{"job_id":{job},%',
            listed=f"[{job},%",
        )
        assert [bell["status"] for bell in bells].count("pending") == 1
        assert bells[-1]["status"] == "pending"
        assert bells[-1]["due"] > 5
        put_back_is_due(mill)
    workers(mill, 1)
    mill.until(mill.settled, 60, meanwhile=lambda: put_back_is_due(mill))
    nothing_went_wrong(mill)
    mill.stop_workers()
    mill.assert_settled()


@pytest.mark.timeout(120)
def test_a_cleaner_ends_no_work_that_lives_and_loses_none_that_died(mill: Mill, runners: Runners) -> None:
    # PHP's cleaner fails what looks dead to it: a worker's long step says that it lives.
    workers(mill, 1)
    runners.start("obedient cleaner", period=4)
    php(mill, "as_enqueue_async_action( 'acme_slow', array( 'alive', 6 ), 'data-machine' );")
    mill.until(
        lambda: (
            mill.number("SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'in-progress'") == 1
        ),
        30,
    )
    mill.until(lambda: mill.number("SELECT COUNT(*) FROM acme WHERE what = 'acme_slow alive'") == 1, 30)
    mill.until(lambda: pending(mill) == 0, 30)
    (did,) = runners.finish()
    assert did["batches"] > 0
    nothing_went_wrong(mill)
    mill.stop_workers()
    # A worker dies in a step, and no other is there before the cleaner.
    flow = mill.flow("cleaned", 1)
    job = mill.start(flow)
    mill.fill(1, DATAMACHINE_MILL_GRIND="30")
    mill.until(
        lambda: (
            mill.number(
                "SELECT COUNT(*) FROM wp_actionscheduler_actions a JOIN wp_datamachine_bridge_leases l"
                " ON l.action_id = a.action_id WHERE l.job_id = :job AND l.state = 'running'"
                " AND a.status = 'in-progress' AND a.args NOT LIKE :fetch",
                job=job,
                fetch=f"%{flow.steps()[0]['flow_step_id']}%",
            )
            == 1
        ),
        30,
    )
    (worker,) = mill.workers
    os.kill(worker.pid, 9)
    assert worker.process is not None
    worker.process.wait()
    no_worker(mill)
    mill.instance.db.sql(
        "UPDATE wp_actionscheduler_actions SET last_attempt_gmt = last_attempt_gmt - INTERVAL 10 MINUTE"
        " WHERE status = 'in-progress'",
        database=DATABASE,
    )
    mill.instance.wp("eval-file", str(SCRIPT), "once", "10", "300", "/nonexistent")
    assert (
        mill.number(
            "SELECT COUNT(*) FROM wp_actionscheduler_actions WHERE status = 'failed' AND args LIKE :job",
            job=f'{{"job_id":{job},%',
        )
        == 1
    )
    workers(mill, 1)

    def ring_again() -> None:
        # A minute passes for the reconciler.
        mill.instance.db.sql(
            "UPDATE wp_datamachine_bridge_leases SET updated_at = updated_at - INTERVAL 2 MINUTE"
            f" WHERE job_id = {job} AND state = 'ready'",
            database=DATABASE,
        )
        mill.built.get(Reconciler).reconcile()

    mill.until(mill.settled, 60, meanwhile=ring_again)
    assert mill.rows("SELECT status FROM wp_datamachine_jobs WHERE job_id = :job", job=job)[0]["status"] == (
        "completed"
    )
    assert mill.number("SELECT COUNT(*) FROM mill WHERE job_id = :job", job=job) == 2
    mill.stop_workers()
    mill.assert_settled()
