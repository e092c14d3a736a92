"""Without the sidecar every hook takes its policy, and nothing throws into WordPress."""

from __future__ import annotations

import pytest

from tests.integration.hooks.conftest import Hooked

FIRE = """
    $error = apply_filters( 'datamachine_timeframe_limit', array( 'all' ), null );
    do_action( 'datamachine_job_complete', 3, 'completed' );
    do_action( 'datamachine_import', 'pipelines', 'a,b' );
    $out = array(
        'pass'  => apply_filters( 't_order', 'v' ),
        'deny'  => apply_filters( 'datamachine_can_access_agent', true, 1, 1, 'viewer' ),
        'error' => is_wp_error( $error ) ? $error->get_error_code() : $error,
        'agent' => wp_get_agent( 'cook' )?->get_label(),
        'tidy'  => current_filter(),
    );
"""


@pytest.fixture
def down(hooked: Hooked) -> Hooked:
    hooked.stop()
    return hooked


def test_each_policy_with_the_sidecar_down_and_up_again(down: Hooked) -> None:
    assert down.php(FIRE) == {
        "pass": "v",
        "deny": False,
        "error": "datamachine_unavailable",
        "agent": "Cook",
        "tidy": False,
    }
    assert down.noted("complete") == []
    assert down.noted("command") == []
    down.start()
    # The command was written down and reaches its subscriber; the observation was skipped.
    down.eventually(lambda: down.noted("command") == [["pipelines", "a,b"]], "The delivery of the command")
    assert down.noted("complete") == []
    answer = down.php(FIRE)
    assert answer["deny"] is True
    assert answer["error"] == 7
    assert down.noted("complete") == [[3]]
    assert down.noted("command") == [["pipelines", "a,b"], ["pipelines", "a,b"]]


def test_a_page_is_served_while_the_sidecar_is_down(hooked: Hooked) -> None:
    hooked.instance.start_web()
    hooked.stop()
    try:
        page = hooked.instance.get("/")
        assert page.status == 200
        assert "(seen by Python)" not in page.text
        assert "Fatal error" not in page.text
    finally:
        hooked.start()
