"""Agents as PHP code reads them, and what travels with every call about who acts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.identity_php.conftest import Lab

ALL = [
    "manage_agents",
    "manage_flows",
    "manage_settings",
    "chat",
    "use_tools",
    "view_logs",
    "create_own_agent",
]
AGENTS = "$agents = new DataMachine\\Core\\Database\\Agents\\Agents();"


def test_rows_have_the_shape_of_database_rows(lab: Lab) -> None:
    [by_id, by_slug, by_owner] = lab.evaluate(
        f"""{AGENTS} $answer = array( $agents->get_agent( {lab.theirs} ), $agents->get_by_slug( 'theirs' ),
            $agents->get_by_owner_id( {lab.people.owner} ) )"""
    )
    [[created, updated]] = lab.sql(
        f"SELECT created_at, updated_at FROM wp_datamachine_agents WHERE agent_id = {lab.theirs}"
    )
    assert by_id == {
        "agent_id": str(lab.theirs),
        "agent_slug": "theirs",
        "agent_name": "Agent theirs",
        "owner_id": str(lab.people.owner),
        "site_scope": None,
        "agent_config": {"model": {"a": []}, "n": 1.0},
        "created_at": created,
        "updated_at": updated,
    }
    assert by_slug == by_id
    assert by_owner == by_id


def test_the_configuration_is_arrays_all_the_way_down(lab: Lab) -> None:
    lab.sql(
        "INSERT INTO wp_datamachine_agents (agent_slug, agent_name, owner_id, agent_config) VALUES "
        "('odd', 'Odd', 1, ''), ('deep', 'Deep', 1, '{\"a\":{},\"b\":{\"c\":[]}}')"
    )
    got = lab.evaluate(
        f"""{AGENTS} $odd = $agents->get_by_slug( 'odd' ); $deep = $agents->get_by_slug( 'deep' );
        $answer = array( $odd['agent_config'] === array(), $deep['agent_config'] === array(
            'a' => array(), 'b' => array( 'c' => array() ) ) )"""
    )
    lab.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug IN ('odd', 'deep')")
    assert got == [True, True]


def test_lists_are_oldest_first_and_limited(lab: Lab) -> None:
    lab.sql(f"UPDATE wp_datamachine_agents SET site_scope = 7 WHERE agent_id = {lab.theirs}")
    got = lab.evaluate(
        f"""{AGENTS} $ids = fn( $rows ) => array_map( 'intval', array_column( $rows, 'agent_id' ) );
        $answer = array_map( $ids, array(
            $agents->get_all(),
            $agents->get_all( array( 'site_id' => 1 ) ),
            $agents->get_all( array( 'site_id' => 7, 'owner_id' => {lab.people.owner} ) ),
            $agents->get_all_by_owner_id( 1 ),
            $agents->get_all_by_owner_id( 0 ),
            $agents->get_agents_by_ids( array( {lab.theirs}, '{lab.ours}', 0, -1, {lab.theirs} ) ),
            $agents->get_agents_by_ids( array() ),
        ) );
        $answer[] = array( $agents->get_agent( 0 ), $agents->get_agent( 99 ), $agents->get_by_slug( '' ) )"""
    )
    lab.sql(f"UPDATE wp_datamachine_agents SET site_scope = NULL WHERE agent_id = {lab.theirs}")
    ours = [lab.default, lab.ours]
    assert got == [
        [*ours, lab.theirs], ours, [lab.theirs], ours, [], [lab.ours, lab.theirs], [], [None, None, None],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ("", {"kind": "cli", "user_id": 0}),
        ("wp_set_current_user( 1 );", {"kind": "cli", "user_id": 1}),
        ("$no();", {"kind": "user", "user_id": 0, "actions": [], "administrator": False, "network": False}),
        ("$no(); wp_set_current_user( 1 );", {"kind": "user", "user_id": 1, "network": True}),
        (
            "$no(); P::set_agent_context( 5, 1, array( 'datamachine_chat' ), 7 );",
            {
                "kind": "user",
                "user_id": 1,
                "actions": ["chat"],
                "administrator": False,
                "network": False,
                "agent": {"agent_id": 5, "capabilities": ["datamachine_chat"], "token_id": 7},
            },
        ),
        # A limit leaves what it names.
        (
            "P::set_agent_context( 5, 1, array( 'manage_options' ) );",
            {"actions": [], "administrator": True, "network": True},
        ),
        (
            "P::set_caller_context("
            " new DataMachine\\Core\\Auth\\CallerContext( 'a.example', 'bot', 'c', 2 ) );",
            {"caller": {"site": "a.example", "agent": "bot", "chain_id": "c", "depth": 2}},
        ),
        # An agent that acts on the command line is the agent.
        ("P::set_agent_context( 5, 1 );", {"kind": "user", "user_id": 1, "actions": ALL}),
        ("$vouch = 0;", {"kind": "cli", "authenticated": True}),
        ("$no(); $vouch = 0;", {"kind": "system", "user_id": 0, "authenticated": True}),
        (
            "$no(); $vouch = $owner;",
            {"kind": "user", "administrator": True, "actions": ["chat", "create_own_agent"]},
        ),
        (
            "$no(); $vouch = 0; P::set_agent_context( 5, $owner );",
            {"kind": "user", "administrator": False, "authenticated": False},
        ),
    ],
)
def test_who_acts(lab: Lab, situation: str, expected: dict[str, Any]) -> None:
    told = lab.evaluate(
        f"""use DataMachine\\Abilities\\PermissionHelper as P;
        $owner = {lab.people.owner};
        $no    = fn() => add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );
        {situation}
        $tell   = array( 'DataMachine\\Bridge\\Identity\\Principal', 'describe' );
        $answer = isset( $vouch ) ? P::run_as_authenticated( $tell, $vouch ) : $tell()"""
    )
    assert told | expected == told
    assert set(told) == {
        "kind", "user_id", "actions", "administrator", "network", "authenticated", "agent", "caller",
    }  # fmt: skip


def test_callers_of_other_sites(lab: Lab) -> None:
    got = lab.evaluate(
        """use DataMachine\\Core\\Auth\\CallerContext as C;
        $request = new WP_REST_Request( 'GET', '/' );
        $request->set_header( 'X-Datamachine-Caller-Site', 'there.example' );
        $request->set_header( 'X-Datamachine-Chain-Depth', '2' );
        $all  = fn( $c ) => array( $c->callerSite(), $c->callerAgent(), $c->chainDepth(), $c->isCrossSite() );
        $in   = C::fromRequest( $request );
        $next = C::forOutbound( 'here.example', 'bot', $in );
        $answer = array(
            $all( $in ),
            $all( C::fromRequest( array( 'x-DATAMACHINE-chain-depth' => '-5', 'other' => 'x' ) ) ),
            $all( $next ), $next->chainId() === $in->chainId() && '' !== $in->chainId(),
            $all( C::forOutbound( 'here.example', 'bot' ) ),
            ( new C( '', '', 'cid', 0 ) )->toOutboundHeaders(),
            ( new C( 'a', 'b', 'c', 1 ) )->toLogContext(),
        )"""
    )
    assert got == [
        ["there.example", "", 2, True],
        ["", "", 0, False],
        ["here.example", "bot", 3, True],
        True,
        ["here.example", "bot", 1, True],
        {"X-Datamachine-Chain-Id": "cid", "X-Datamachine-Chain-Depth": "0"},
        {"caller_site": "a", "caller_agent": "b", "chain_id": "c", "chain_depth": 1},
    ]


#: A page of the administrator's whose calls have taken all the time they may.
LATE = """<?php
use DataMachine\\Bridge\\Bridge\\Client;
add_action( 'wp_loaded', function () {
    if ( isset( $_GET['late'] ) ) {
        wp_set_current_user( 1 );
        ( fn() => $this->spent = Client::TOTAL )->call( Client::instance() );
        wp_die( (string) datamachine_resolve_or_create_agent_id( (int) $_GET['late'] ), '', 200 );
    }
} );
"""


def test_an_agent_is_made_only_for_a_user_who_is_known_to_have_none(lab: Lab) -> None:
    """Who hears nothing of a user's agents has not heard that there are none."""
    count = "SELECT COUNT(*) FROM wp_datamachine_agents"
    before = lab.sql(count)
    plugin = lab.instance.path / "wp-content" / "mu-plugins" / "late.php"
    plugin.write_text(LATE)
    try:
        page = lab.instance.get(f"/?late={lab.people.owner}").text
    finally:
        plugin.unlink()
    assert ('<div class="wp-die-message">0</div>' in page, lab.sql(count)) == (True, before), page
    known = lab.evaluate(f"$answer = datamachine_resolve_or_create_agent_id( {lab.people.owner} )")
    assert (known, lab.sql(count)) == (lab.theirs, before)
