"""Doorbells rung by PHP: the same rows as Python's, nothing lost to another runner or to deactivation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dev import processes
from dev.instance import DATABASE, Instance
from sidecar import queue, settings
from sidecar.db import Database
from sidecar.queue import cron, tables

#: As much of the library as our side of the PHP runner asks for.
LIBRARY = """<?php
class ActionScheduler {
	public static $filters = array();
	public static function store() { return new self(); }
	public function set_claim_filter( $name, $value ) { self::$filters[ $name ] = $value; }
	public function fetch_action( $id ) { return new ActionScheduler_Action(); }
}
class ActionScheduler_Action {}
function as_schedule_single_action( $timestamp, $hook, $args = array(), $group = '' ) {
	$GLOBALS['scheduled'][] = array( $timestamp - time() > 20, $hook, $args, $group );
	return 1;
}
add_action( 'init', static function () { do_action( 'action_scheduler_init' ); } );
"""


@pytest.fixture(scope="module")
def idle_site(instances: Path) -> Iterator[Instance]:
    """A site whose workers are not running."""
    instance = Instance(instances / "doorbells")
    try:
        instance.install()
        yield instance
    finally:
        instance.destroy()


def rows(site: Instance, sql: str) -> list[list[str]]:
    return [line.split("\t") for line in site.db.sql(sql, database=DATABASE).splitlines()]


def php(site: Instance, code: str) -> Any:
    """What a piece of PHP in WordPress gives back."""
    return json.loads(
        site.wp("eval", f"echo wp_json_encode( ( static function () {{ {code} }} )() );").stdout
    )


def test_php_and_python_write_the_same_row(idle_site: Instance) -> None:
    moment = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    stamp = int(moment.timestamp())
    idle_site.wp("option", "update", "gmt_offset", "5.5")
    php(
        idle_site,
        f"""
        as_schedule_single_action( {stamp}, 'same', array( 'job_id' => 7, 'x' => 'é/"' ), 'data-machine' );
        as_schedule_recurring_action( {stamp}, 3600, 'same', array(), 'data-machine', false, 5 );
        as_schedule_cron_action( {stamp}, '*/15 * * * *', 'same', array( str_repeat( 'x', 300 ) ),
        'data-machine' );
        """,
    )
    db = Database(settings.load(idle_site.config).site().database)
    tables.configure(db)
    with db.session() as session:
        queue.enqueue(session, "same", {"job_id": 7, "x": 'é/"'}, moment)
        queue.enqueue(session, "same", [], queue.Interval(moment, 3600), priority=5)
        queue.enqueue(session, "same", ["x" * 300], queue.Cron(moment, "*/15 * * * *"))
        written = session.all(
            "SELECT * FROM wp_actionscheduler_actions WHERE hook = 'same' ORDER BY action_id"
        )
    db.close()
    for row in written:
        del row["action_id"]
    assert len(written) == 6
    assert written[:3] == written[3:]
    assert written[0]["scheduled_date_local"] == "2027-01-15 13:30:00"


def test_cron_times_are_those_of_another_reader(idle_site: Instance) -> None:
    expressions = [
        "* * * * *",
        "*/15 * * * *",
        "5-50/15 3 * * *",
        "0 0 1 * *",
        "30 4 29 2 *",
        "0 12 13 * 5",
        "0 9-17/2 * jan-mar mon,wed",
        "0 0 * * 7",
        "59 23 31 12 *",
        "10/20 * * * *",
        "0 0 */2 */3 1/2",
        "5 6 L,1 * sat-sun",
        "0 7 15W * ?",
        "0 8 * * 5L",
        "0 9 * * 7#2",
        "0 0 29 2 1",
        "@monthly",
        "0 9 * * mon-fri *",
    ]
    starts = [1767225600, 1795403221, 1835481540, 1899999999]
    found = php(
        idle_site,
        f"""
        $found = array();
        foreach ( json_decode( '{json.dumps(expressions)}' ) as $expression ) {{
            foreach ( array( {", ".join(map(str, starts))} ) as $start ) {{
                $times   = new \\DataMachine\\Bridge\\Queue\\CronTimes( $expression );
                $found[] = $times->at_or_after( $start );
            }}
        }}
        return $found;
        """,
    )
    # The next time after the second before.
    assert found == [
        int(cron.parse(expression).after(datetime.fromtimestamp(start - 1, UTC)).timestamp())
        for expression in expressions
        for start in starts
    ]


def test_the_functions_answer_as_the_library_s(idle_site: Instance) -> None:
    answers = php(
        idle_site,
        """
        $now   = time() + 100;
        $first = as_schedule_single_action( $now, 'asked', array( 1 ), 'g' );
        $again = as_schedule_single_action( $now, 'asked', array( 2 ), 'g', true );
        $other = as_schedule_single_action( $now, 'asked', array( 2 ), 'other', true );
        $found = array(
            as_next_scheduled_action( 'asked', array( 1 ) ) - $now,
            as_has_scheduled_action( 'asked' ), as_has_scheduled_action( 'asked', array( 3 ) ),
            $again, $other > $first, as_get_scheduled_actions( array( 'hook' => 'asked', 'group' => 'g' ),
            'ids' ) === array( $first ), as_unschedule_action( 'asked', array( 1 ), 'g' ) === $first,
            as_next_scheduled_action( 'asked', array( 1 ) ),
        );
        as_enqueue_async_action( 'asked', array( 4 ) );
        $found[] = as_next_scheduled_action( 'asked', array( 4 ) );
        as_unschedule_all_actions( 'asked' );
        $found[] = as_has_scheduled_action( 'asked' );
        return $found;
        """,
    )
    assert answers == [0, True, False, 0, True, True, True, False, True, False]


def test_a_group_that_does_not_exist_is_not_the_lack_of_one(idle_site: Instance) -> None:
    answers = php(
        idle_site,
        """
        $alone = as_enqueue_async_action( 'ungrouped' );
        $found = array(
            as_has_scheduled_action( 'ungrouped', null, 'nobody-s' ),
            as_next_scheduled_action( 'ungrouped', null, 'nobody-s' ),
            as_get_scheduled_actions( array( 'hook' => 'ungrouped', 'group' => 'nobody-s' ), 'ids' ),
            as_unschedule_action( 'ungrouped', array(), 'nobody-s' ),
        );
        as_unschedule_all_actions( 'ungrouped', array(), 'nobody-s' );
        $found[] = as_has_scheduled_action( 'ungrouped' );
        as_unschedule_all_actions( 'ungrouped' );
        return $found;
        """,
    )
    assert answers == [False, False, [], None, True]


def test_what_cannot_be_stored_is_no_exception(idle_site: Instance) -> None:
    answers = php(
        idle_site,
        """
        $large = array( str_repeat( 'x', 9000 ) );
        return array( as_enqueue_async_action( 'large', $large ),
            as_schedule_single_action( time(), 'large', $large ),
            as_schedule_recurring_action( time(), 60, 'large', $large ),
            as_schedule_cron_action( time(), '* * * * *', 'large', $large ) );
        """,
    )
    assert answers == [0, 0, 0, 0]


def test_a_recurring_action_without_an_interval_rings_once(idle_site: Instance) -> None:
    answers = php(
        idle_site,
        """
        $id = as_schedule_recurring_action( time() + 900, 0, 'without_interval' );
        return array( $id > 0, as_schedule_recurring_action( time(), -1, 'without_interval' ) );
        """,
    )
    assert answers == [True, 0]
    (row,) = rows(
        idle_site, "SELECT schedule FROM wp_actionscheduler_actions WHERE hook = 'without_interval'"
    )
    assert "ActionScheduler_SimpleSchedule" in row[0]


def test_a_queued_hook_fired_by_a_page_rings(idle_site: Instance) -> None:
    php(idle_site, "do_action( 'datamachine_execute_step', 41, '1_a_1' ); return 1;")
    found = rows(
        idle_site,
        "SELECT a.args, a.status, g.slug FROM wp_actionscheduler_actions a JOIN wp_actionscheduler_groups g"
        " USING (group_id) WHERE hook = 'datamachine_execute_step' AND args LIKE '[41%'",
    )
    assert found == [['[41,"1_a_1"]', "pending", "data-machine"]]


def test_a_hook_fired_by_a_worker_does_not_ring(idle_site: Instance) -> None:
    heard = php(
        idle_site,
        """
        $heard = array();
        add_action( 'datamachine_execute_step', static function ( ...$args ) use ( &$heard ) { $heard[] =
        $args; }, 10, 2 ); \\DataMachine\\Bridge\\Host\\Operations::dispatch( 'queue.fire', array( 'hook' =>
        'datamachine_execute_step', 'args' => array( 42, 's' ) ) ); return $heard;
        """,
    )
    assert heard == [[42, "s"]]
    assert rows(idle_site, "SELECT 1 FROM wp_actionscheduler_actions WHERE args LIKE '[42%'") == []


def test_the_runner_s_hooks_carry_the_library_s_arguments(idle_site: Instance) -> None:
    heard = php(
        idle_site,
        """
        $id    = as_schedule_single_action( time() + 100, 'watched', array( 5 ), 'data-machine', false, 7 );
        $heard = array();
        foreach ( array( 'before_process_queue', 'before_execute', 'begin_execute', 'after_execute',
        'completed_action',
            'failed_execution', 'after_process_queue' ) as $event ) {
            add_action( "action_scheduler_$event", static function ( ...$args ) use ( &$heard, $event, $id ) {
                $heard[] = array( $event, array_map( static fn( $arg ) => $arg instanceof
                ActionScheduler_Action
                    ? array( $arg->get_hook(), $arg->get_args(), $arg->get_group(), $arg->get_priority() )
                    : ( $arg instanceof Exception ? $arg->getMessage() : ( $arg === $id ? 'id' : $arg ) ),
                    $args ) );
            }, 10, 3 );
            \\DataMachine\\Bridge\\Host\\Operations::dispatch( 'queue.notify',
                array( 'event' => $event, 'action_id' => $id, 'context' => 'C', 'message' => 'why' ) );
        }
        return $heard;
        """,
    )
    assert heard == [
        ["before_process_queue", [""]],
        ["before_execute", ["id", "C"]],
        ["begin_execute", ["id", "C"]],
        ["after_execute", ["id", ["watched", [5], "data-machine", 7], "C"]],
        ["completed_action", ["id"]],
        ["failed_execution", ["id", "why", "C"]],
        ["after_process_queue", [""]],
    ]


def test_deactivation_parks_and_activation_restores(idle_site: Instance) -> None:
    php(idle_site, "as_schedule_single_action( time(), 'parked_hook', array(), 'data-machine' ); return 1;")
    php(idle_site, "as_schedule_single_action( time(), 'foreign_hook', array(), 'woocommerce' ); return 1;")
    status = "SELECT hook, status FROM wp_actionscheduler_actions WHERE hook LIKE '%\\_hook' ORDER BY hook"
    idle_site.wp("plugin", "deactivate", "datamachine-bridge")
    assert rows(idle_site, status) == [["foreign_hook", "pending"], ["parked_hook", "parked"]]
    assert rows(idle_site, "SELECT mode FROM wp_datamachine_bridge_sites") == [["inactive"]]
    idle_site.wp("plugin", "activate", "datamachine-bridge")
    assert rows(idle_site, status) == [["foreign_hook", "pending"], ["parked_hook", "pending"]]


def test_the_php_runner_leaves_our_groups_to_a_living_worker(idle_site: Instance) -> None:
    plugin = idle_site.path / "wp-content" / "mu-plugins" / "library.php"
    plugin.write_text(LIBRARY)
    ask = """
        do_action( 'action_scheduler_before_process_queue' );
        return array( ActionScheduler::$filters['exclude-groups'] ?? null,
            apply_filters( 'action_scheduler_queue_runner_concurrent_batches', 1 ) );
    """
    try:
        assert php(idle_site, ask) == [None, 1]
        idle_site.db.sql(
            "UPDATE wp_datamachine_bridge_sites SET worker_seen_at = UTC_TIMESTAMP(6);"
            "INSERT INTO wp_datamachine_bridge_leases"
            " (lease_key, state, claim_id, lease_until, created_at, updated_at)"
            " VALUES ('worker:a', 'running', 9, UTC_TIMESTAMP(6) + INTERVAL 30 SECOND, NOW(6), NOW(6))",
            database=DATABASE,
        )
        excluded, batches = php(idle_site, ask)
        assert "data-machine" in excluded
        assert batches == 2
    finally:
        plugin.unlink()
        idle_site.db.sql(
            "UPDATE wp_datamachine_bridge_sites SET worker_seen_at = NULL;"
            "DELETE FROM wp_datamachine_bridge_leases",
            database=DATABASE,
        )


def test_a_php_runner_that_meets_our_hook_puts_it_back(idle_site: Instance) -> None:
    plugin = idle_site.path / "wp-content" / "mu-plugins" / "library.php"
    plugin.write_text(LIBRARY)
    try:
        (found,) = php(
            idle_site,
            """
            $GLOBALS['scheduled'] = array();
            do_action( 'action_scheduler_begin_execute', 5, 'WP Cron' );
            do_action( 'datamachine_execute_step', 43, 's' );
            do_action( 'action_scheduler_after_execute', 5, null, 'WP Cron' );
            return $GLOBALS['scheduled'];
            """,
        )
    finally:
        plugin.unlink()
    # Later, so that the runner's next batch does not meet it again.
    assert found == [True, "datamachine_execute_step", [43, "s"], "data-machine"]


def test_a_ring_without_a_worker_starts_one_bounded_run(idle_site: Instance, tmp_path: Path) -> None:
    script, proof = tmp_path / "work.sh", tmp_path / "proof"
    script.write_text(f'#!/bin/sh\necho "$@" >> {proof}\n')
    script.chmod(0o755)

    def ring() -> None:
        php(
            idle_site,
            f"define( 'DATAMACHINE_BRIDGE_WORK_COMMAND', array( '{script}', 'work' ) );"
            "return \\DataMachine\\Bridge\\Queue\\Doorbells::ring("
            " 'datamachine_execute_step', array( 44, 's' ) );",
        )

    for _ in range(2):
        ring()
    # The shell makes the file before it writes.
    processes.wait_until(lambda: proof.exists() and proof.read_text() != "", what="The worker")
    assert proof.read_text() == "work --max-time=55\n"
    # A while later, when that run has just ended: whoever left takes nothing on, however lately it was seen.
    idle_site.db.sql(
        "UPDATE wp_options SET option_value = 1"
        " WHERE option_name = 'datamachine_bridge_work_command_started';"
        "UPDATE wp_datamachine_bridge_sites SET worker_seen_at = UTC_TIMESTAMP(6)",
        database=DATABASE,
    )
    try:
        ring()
        processes.wait_until(lambda: proof.read_text().count("work") == 2, what="The second worker")
    finally:
        idle_site.db.sql("UPDATE wp_datamachine_bridge_sites SET worker_seen_at = NULL", database=DATABASE)


def test_an_option_names_no_command(idle_site: Instance, tmp_path: Path) -> None:
    """Who may write options may not run programs: an import or a form is enough to write one."""
    script, proof = tmp_path / "work.sh", tmp_path / "proof"
    script.write_text(f'#!/bin/sh\necho "$@" >> {proof}\n')
    script.chmod(0o755)
    started = php(
        idle_site,
        f"update_option( 'datamachine_bridge_work_command', array( '{script}', 'work' ) );"
        " \\DataMachine\\Bridge\\Queue\\Workers::nudge();"
        " $started = \\DataMachine\\Bridge\\Queue\\Workers::start();"
        " delete_option( 'datamachine_bridge_work_command' ); return $started;",
    )
    assert started is False
    assert not proof.exists()
