"""Durable subscriptions: written in the request's transaction, delivered later, once to each."""

from __future__ import annotations

import json

from tests.integration.hooks.conftest import Hooked


def events(hooked: Hooked, where: str) -> list[list[str]]:
    return hooked.sql(f"SELECT event_id, status, attempts FROM wp_datamachine_bridge_events WHERE {where}")


def test_a_large_event_arrives_whole_and_once(hooked: Hooked) -> None:
    post = hooked.php(
        """
        wp_set_current_user( 1 );
        $post = new WP_Post( (object) array( 'ID' => 7, 'post_title' => 'Värde' ) );
        do_action( 't_durable', str_repeat( 'ü', 200000 ), array( 3 => 'three' ), $post );
        $out = $GLOBALS['wpdb']->get_var( 'SELECT MAX(event_id) FROM wp_datamachine_bridge_events' );
        """
    )
    event = int(post)
    hooked.eventually(lambda: events(hooked, f"event_id = {event} AND status = 'done'") != [], "The delivery")
    assert [entry for entry in hooked.noted("first") if entry[0] == event] == [
        [event, 1, [200000, {"3": "three"}, "Värde"]]
    ]
    assert [entry for entry in hooked.noted("second") if entry[0] == event] == [[event, 200000]]


def test_an_old_site_without_all_of_unicode_loses_no_event(hooked: Hooked) -> None:
    column = "ALTER TABLE wp_datamachine_bridge_events MODIFY args longtext CHARACTER SET {} NOT NULL"
    text = "Zoë's \U0001f600 \\u0041 Жук\n"
    hooked.sql(column.format("latin1"))
    try:
        event = hooked.php(
            f"""
            do_action( 't_durable', json_decode( {json.dumps(json.dumps(text))} ) );
            $out = $GLOBALS['wpdb']->get_var( 'SELECT MAX(event_id) FROM wp_datamachine_bridge_events' );
            """
        )
        hooked.eventually(
            lambda: [text] in [entry[2] for entry in hooked.noted("first")], f"The delivery of {event}"
        )
    finally:
        hooked.sql(column.format("utf8mb4"))


def test_a_rolled_back_transaction_takes_its_events_along(hooked: Hooked) -> None:
    before = len(hooked.noted("first"))
    counts = hooked.php(
        """
        global $wpdb;
        $count = fn() => array(
            (int) $wpdb->get_var( 'SELECT COUNT(*) FROM wp_datamachine_bridge_events' ),
            (int) $wpdb->get_var( 'SELECT COUNT(*) FROM wp_actionscheduler_actions' ),
        );
        $out = array( $count() );
        $wpdb->query( 'START TRANSACTION' );
        do_action( 't_durable', 'never' );
        $out[] = $count();
        $wpdb->query( 'ROLLBACK' );
        $out[] = $count();
        do_action( 't_durable', 'kept' );
        """
    )
    start, inside, after = counts
    assert inside == [start[0] + 1, start[1] + 1]
    assert after == start
    hooked.eventually(lambda: len(hooked.noted("first")) == before + 1, "The delivery of the kept event")
    assert hooked.noted("first")[-1][2] == ["kept"]


def test_a_failing_subscriber_is_tried_again_alone(hooked: Hooked) -> None:
    # Events of earlier tests are told to the second subscriber after the first.
    hooked.eventually(
        lambda: events(hooked, "hook = 't_durable' AND status NOT IN ('done', 'failed')") == [], "The others"
    )
    (hooked.notes / "second-tries").unlink(missing_ok=True)
    event = int(
        hooked.php(
            """
            do_action( 't_durable', 'fails once' );
            $out = $GLOBALS['wpdb']->get_var( 'SELECT MAX(event_id) FROM wp_datamachine_bridge_events' );
            """
        )
    )
    hooked.eventually(
        lambda: events(hooked, f"event_id = {event} AND status = 'done'") != [], "The second delivery"
    )
    assert events(hooked, f"event_id = {event}") == [[str(event), "done", "2"]]
    assert len([entry for entry in hooked.noted("first") if entry[0] == event]) == 1
    assert [entry for entry in hooked.noted("second") if entry[0] == event] == [[event, "fails once"]]
    [[error]] = hooked.sql(
        f"SELECT IFNULL(last_error, 'none') FROM wp_datamachine_bridge_events WHERE event_id = {event}"
    )
    assert error == "none"


def test_a_second_doorbell_for_a_delivered_event_does_nothing(hooked: Hooked) -> None:
    [[event]] = hooked.sql("SELECT MAX(event_id) FROM wp_datamachine_bridge_events WHERE status = 'done'")
    before = len(hooked.noted("first"))
    action = hooked.php(
        "use DataMachine\\Bridge\\Queue\\Doorbells;"
        f"$out = Doorbells::ring( 'datamachine_bridge_deliver', array( {event} ) );"
    )
    hooked.eventually(
        lambda: (
            hooked.sql(f"SELECT status FROM wp_actionscheduler_actions WHERE action_id = {action}")
            == [["complete"]]
        ),
        "The doorbell",
    )
    assert len(hooked.noted("first")) == before
