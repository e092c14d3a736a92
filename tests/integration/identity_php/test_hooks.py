"""The hooks of identity fire in PHP with the arguments the catalogue names, no more and no fewer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dev import paths
from tests.integration.identity_php.conftest import Lab

NAMES = (
    "datamachine_can_access_agent",
    "datamachine_cli_bypass_permissions",
    "datamachine_max_agents_per_user",
    "datamachine_agent_created",
    "datamachine_agent_updated",
    "datamachine_agent_deleted",
    "datamachine_registered_agent_reconciled",
    "datamachine_register_agents",
)
TYPES = {"boolean": "bool", "integer": "int", "double": "float"}


def catalogue() -> dict[str, Any]:
    hooks: dict[str, Any] = {}
    for file in (paths.ROOT / "hooks").glob("*.json"):
        hooks |= json.loads(file.read_text()).get("hooks", {})
    return hooks


@pytest.fixture(scope="module")
def fired(lab: Lab) -> dict[str, list[list[Any]]]:
    """Arguments of every firing while agents are declared, listed, created, changed and deleted.

    The listeners are set before WordPress begins: two of the hooks fire while it loads.
    """
    names = json.dumps(NAMES)
    before = f"""
        $GLOBALS['fired'] = array();
        foreach ( json_decode( '{names}' ) as $name ) {{
            WP_CLI::add_wp_hook( $name, function ( ...$arguments ) use ( $name ) {{
                $GLOBALS['fired'][ $name ][] = $arguments;
                return 'datamachine_cli_bypass_permissions' === $name ? false : $arguments[0] ?? null;
            }}, 10, 9 );
        }}
        WP_CLI::add_wp_hook( 'wp_agents_api_init', function () {{
            wp_register_agent( 'hooked', array( 'label' => 'Hooked' ) );
        }} );"""
    got = lab.evaluate(
        f"""$run = function ( $user, $name, $input ) {{
            wp_set_current_user( $user );
            $result = wp_get_ability( "datamachine/$name" )->execute( $input );
            if ( is_wp_error( $result ) ) {{ throw new Exception( $name . $result->get_error_message() ); }}
            return $result;
        }};
        $made = $run( {lab.people.nobody}, 'create-agent',
            array( 'agent_slug' => 'made', 'agent_name' => 'Made' ) );
        $run( {lab.people.viewer}, 'list-agents', array() );
        $run( 1, 'update-agent', array( 'agent_id' => $made['agent_id'], 'agent_name' => 'New' ) );
        $run( 1, 'delete-agent', array( 'agent_id' => $made['agent_id'] ) );
        $answer = array( $made['agent_id'], array_map( fn( $calls ) => array_map(
            fn( $arguments ) => array_map( fn( $value ) => array( gettype( $value ), $value ), $arguments ),
            $calls ), $GLOBALS['fired'] ) )""",
        f"--exec={before}",
    )
    lab.made = got[0]  # type: ignore[attr-defined]
    # Nobody declares it any more, and other tests count the administrator's agents.
    lab.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug = 'hooked'")
    return got[1]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_the_catalogue(fired: dict[str, list[list[Any]]], name: str) -> None:
    entry = catalogue()[name]
    declared = [kind.partition("|")[0] for kind in entry["args"].values()]
    assert fired[name], "never fired"
    for arguments in fired[name]:
        # WordPress hands an empty text to listeners of an action without arguments.
        given = [TYPES.get(kind, kind) for kind, value in arguments if not (declared == [] and value == "")]
        assert given == declared


def test_values(lab: Lab, fired: dict[str, list[list[Any]]]) -> None:
    def values(name: str) -> list[list[Any]]:
        return [[value for _, value in arguments] for arguments in fired[name]]

    made = lab.made  # type: ignore[attr-defined]
    assert values("datamachine_agent_created") == [[made, "made", "Made"]]
    assert values("datamachine_agent_updated") == [[made]]
    assert values("datamachine_agent_deleted") == [[made, "made"]]
    assert values("datamachine_max_agents_per_user") == [[1, lab.people.nobody]]
    assert values("datamachine_can_access_agent") == [[True, lab.theirs, lab.people.viewer, "viewer"]]
    [reconciled] = values("datamachine_registered_agent_reconciled")
    assert reconciled[1:] == [
        "hooked",
        {
            "slug": "hooked",
            "label": "Hooked",
            "description": "",
            "memory_seeds": [],
            "owner_resolver": None,
            "default_config": [],
            "meta": [],
        },
    ]


def test_filters_of_permissions_deny_when_nobody_answers() -> None:
    hooks = catalogue()
    for name in ("datamachine_can_access_agent", "datamachine_cli_bypass_permissions"):
        assert (hooks[name]["on_failure"], hooks[name]["denied"]) == ("deny", False)
