"""The classes and functions other plugins know Data Machine by, in a real WordPress."""

from __future__ import annotations

import json

import pytest

from sidecar.automation import catalogue


@pytest.fixture(scope="module")
def php(wordpress_site):
    """Evaluate PHP that leaves its answer in ``$answer``; our plugin is active, no sidecar runs."""
    wordpress_site.db.start()
    wordpress_site.wp("plugin", "activate", "datamachine-bridge")

    def evaluate(code):
        # WP-CLI may do everything unless it is told otherwise.
        prelude = "add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"
        return json.loads(
            wordpress_site.wp("eval", f"{prelude}{code}; echo wp_json_encode( $answer );").stdout
        )

    yield evaluate
    wordpress_site.wp("plugin", "deactivate", "datamachine-bridge")


HELPER = "use DataMachine\\Abilities\\PermissionHelper as P;"


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ("wp_set_current_user( 1 );", [True, True, 1, None]),
        ("P::run_as_authenticated( fn() => 0 );", [False, False, 0, None]),
        ("P::set_agent_context( 5, 1 );", [True, True, 1, 5]),
        ("P::set_agent_context( 5, 1, array( 'datamachine_chat' ) );", [False, True, 1, 5]),
        ("P::set_agent_context( 5, 0 );", [False, False, 0, 5]),
        (
            "wp_set_current_user( 1 ); P::set_agent_context( 5, 0 ); P::clear_agent_context();",
            [True, True, 1, None],
        ),
    ],
)
def test_permissions(php, situation, expected):
    code = f"""{HELPER} wp_set_current_user( 0 ); {situation}
        $answer = array( P::can_manage(), P::can( 'chat' ), P::acting_user_id(), P::get_acting_agent_id() )"""
    assert php(code) == expected


def test_run_as_authenticated_ends_and_may_nest(php):
    code = f"""{HELPER}
        wp_set_current_user( 0 );
        $inside = P::run_as_authenticated( function () {{
            P::run_as_authenticated( fn() => 1, 1 );
            return array( P::is_authenticated_context(), P::can( 'anything' ) );
        }} );
        $answer = array( $inside, P::is_authenticated_context(), P::can( 'chat' ) )"""
    assert php(code) == [[True, True], False, False]


def test_job_statuses(php):
    code = """use DataMachine\\Core\\JobStatus as S;
        $s = S::fromString( 'failed - a reason - more' );
        $answer = array( $s->getBaseStatus(), $s->getReason(), (string) $s, $s->isFinal(), $s->isFailure(),
            (string) S::agentSkipped( 'x' ), S::isStatusSuccess( 'completed_no_items' ),
            S::isStatusFinal( 'waiting' ), (string) S::completed() )"""
    assert php(code) == [
        "failed",
        "a reason - more",
        "failed - a reason - more",
        True,
        True,
        "agent_skipped - x",
        True,
        False,
        "completed",
    ]


def test_packets_and_engine_data(php):
    code = """
        $p = new DataMachine\\Core\\DataPacket( array( 'title' => 't' ), array( 'm' => 1 ), 'fetch' );
        $list = $p->addTo( array( array( 'type' => 'old' ) ) );
        unset( $list[0]['timestamp'] );
        $e = new DataMachine\\Core\\EngineData( array( 'a' => 1, 'metadata' => array( 'a' => 2, 'b' => 3 ),
            'source_url' => 'no url', 'job' => array( 'agent_id' => '7' ),
            'flow_config' => array( 's' => array( 'x' => 1 ) ) ) );
        $e->set( 'c', array( 'd' => 4 ) );
        $answer = array( $list, $e->get( 'a' ), $e->get( 'b' ), $e->get( 'c' ), $e->get( 'z', 'no' ),
            $e->getSourceUrl(), $e->getAgentId(), $e->getFlowStepConfig( 's' ),
            $e->getFlowStepConfig( 'none' ) )"""
    assert php(code) == [
        [{"type": "fetch", "data": {"title": "t"}, "metadata": {"m": 1}}, {"type": "old"}],
        1,
        3,
        {"d": 4},
        "no",
        None,
        7,
        {"x": 1},
        [],
    ]


def test_registries_need_no_sidecar(php):
    code = """
        $types = apply_filters( 'datamachine_step_types', array( 'ai' => 'mine' ) );
        $fetch = apply_filters( 'datamachine_handlers', array(), 'fetch' );
        $all   = apply_filters( 'datamachine_handlers', array() );
        $answer = array( $types['ai'], $types['fetch']['position'], array_keys( $fetch ), array_keys( $all ),
            apply_filters( 'datamachine_handlers', null ) )"""
    assert php(code) == [
        "mine",
        10,
        [slug for slug, entry in catalogue.HANDLERS.items() if entry["type"] == "fetch"],
        list(catalogue.HANDLERS),
        None,
    ]


def test_abilities_say_that_the_sidecar_is_missing(php):
    code = """
        wp_set_current_user( 1 );
        $result = wp_get_ability( 'datamachine/run-flow' )->execute( array( 'flow_id' => 1 ) );
        $denied = ( function () {
            wp_set_current_user( 0 );
            return wp_get_ability( 'datamachine/run-flow' )->execute( array( 'flow_id' => 1 ) );
        } )();
        $answer = array( $result->get_error_code(), $denied->get_error_code(),
            wp_get_ability( 'datamachine/execute-step' )->get_category() )"""
    assert php(code) == ["datamachine_unavailable", "ability_invalid_permissions", "datamachine-jobs"]
