"""The filters of permissions: when they fire, with what, and what their answer does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.identity_php.conftest import Lab


@pytest.fixture
def rules(lab: Lab) -> Any:
    """A plugin's rules: what its listener answers, by agent and user."""

    def change(known: dict[str, Any]) -> None:
        code = (
            f"update_option( 'identity_php_rules', json_decode( '{json.dumps(known)}', true ) ); $answer = 1"
        )
        lab.evaluate(code)

    yield change
    change({})


def test_the_filter_fires_once_a_decision_for_what_is_only_granted(lab: Lab) -> None:
    people = lab.people
    [viewer, nobody, owner, admin, anonymous] = lab.ask(
        *(
            {"user": user, "ask": [["can_access_agent", lab.theirs, "operator"]]}
            for user in (people.viewer, people.nobody, people.owner, people.admin, 0)
        )
    )
    assert viewer["filter"] == [[False, lab.theirs, people.viewer, "operator"]]
    assert nobody["filter"] == [[False, lab.theirs, people.nobody, "operator"]]
    assert (owner["filter"], admin["filter"], anonymous["filter"]) == ([], [], [])
    [operator] = lab.ask({"user": people.operator, "ask": [["can_access_agent", lab.theirs, "operator"]]})
    assert operator["filter"] == [[True, lab.theirs, people.operator, "operator"]]


def test_a_plugin_may_grant_and_refuse(lab: Lab, rules: Any) -> None:
    people = lab.people
    rules(
        {
            f"{lab.theirs}:{people.nobody}": True,
            f"{lab.theirs}:{people.viewer}": False,
            f"{lab.theirs}:{people.owner}": False,
            f"{lab.theirs}:{people.admin}": False,
            f"99999:{people.nobody}": True,
            # What is not true is no.
            f"{lab.theirs}:{people.operator}": "yes",
        }
    )
    users = (people.nobody, people.viewer, people.owner, people.admin, people.operator)
    got = lab.ask(*({"user": user, "ask": [["can_access_agent", lab.theirs]]} for user in users))
    assert [each["answers"] for each in got] == [[True], [False], [True], [True], [False]]
    [unknown, list_] = lab.ask(
        {"user": people.nobody, "ask": [["can_access_agent", 99999, "admin"]]},
        {"user": people.viewer, "ask": [["resolve_all_accessible_agent_ids"]]},
    )
    assert unknown["answers"] == [True]
    assert list_["answers"] == [[]], "a refused grant is not listed"


def test_a_page_asks_too(lab: Lab, rules: Any) -> None:
    people = lab.people
    rules({f"{lab.ours}:{people.viewer}": True})
    got = lab.page(
        {
            "user": people.viewer,
            "ask": [["can_access_agent", lab.ours, "admin"], ["can_access_agent", lab.theirs]],
        }
    )
    assert got == {
        "answers": [True, True],
        "filter": [
            [False, lab.ours, people.viewer, "admin"],
            [True, lab.theirs, people.viewer, "viewer"],
        ],
        "errors": [],
    }


def test_a_listener_that_throws_refuses(lab: Lab) -> None:
    got = lab.evaluate(
        f"""add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );
        add_filter( 'datamachine_can_access_agent', function () {{ throw new Exception( 'broken' ); }}, 20 );
        wp_set_current_user( {lab.people.viewer} );
        $answer = DataMachine\\Abilities\\PermissionHelper::can_access_agent( {lab.theirs} )"""
    )
    assert got is False


def test_the_command_line_is_asked_about_itself(lab: Lab) -> None:
    got = lab.evaluate(
        """$seen = array();
        add_filter( 'datamachine_cli_bypass_permissions', function ( ...$arguments ) use ( &$seen ) {
            $seen[] = $arguments;
            return false;
        }, 10, 5 );
        $answer = array( DataMachine\\Abilities\\PermissionHelper::can( 'chat' ) );
        $answer[] = array_unique( $seen, SORT_REGULAR )"""
    )
    assert got == [False, [[True]]]


def test_capabilities_filtered_by_plugins_count(lab: Lab) -> None:
    got = lab.evaluate(
        f"""add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );
        add_filter( 'user_has_cap', function ( $all, $caps, $args, $user ) {{
            if ( {lab.people.nobody} === $user->ID ) {{ $all['datamachine_manage_flows'] = true; }}
            if ( 1 === $user->ID ) {{ $all = array(); }}
            return $all;
        }}, 10, 4 );
        $ask = fn( $id ) => DataMachine\\Bridge\\Host\\Operations::dispatch(
            'identity.answers', array( 'user_id' => $id ) );
        $answer = array( $ask( {lab.people.nobody} ), $ask( 1 ) )"""
    )
    assert got == [
        {
            "actions": ["manage_flows", "chat", "create_own_agent"],
            "administrator": False,
            "network": False,
            "known": True,
        },
        {"actions": [], "administrator": False, "network": False, "known": True},
    ]
