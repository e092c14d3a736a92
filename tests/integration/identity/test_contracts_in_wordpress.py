"""What only a real WordPress shows of the public contracts: slugs, file names, notices, load order."""

from __future__ import annotations

import json
import shutil

import pytest

from dev.instance import Instance
from tests.integration.identity.conftest import Site


def evaluate(instance: Instance, code: str) -> object:
    return json.loads(
        instance.wp("eval", f"echo wp_json_encode( ( static function () {{ {code} }} )() );").stdout
    )


def test_slugs_and_seeds_are_wordpress_own(agents: Site) -> None:
    got = evaluate(
        agents.instance,
        """
        $names = array( 'Hello World!', 'Ünïcode Ägent', 'team/agent_one v2.0', '日本' );
        $slugs = array_map( static fn ( $name ) => ( new WP_Agent( $name ) )->get_slug(), $names );
        $agent = new WP_Agent( 'a', array( 'memory_seeds' => array( '../a b/SOUL.md' => '/x' ) ) );
        return array( $slugs, $agent->get_memory_seeds() );
        """,
    )
    assert got == [
        ["hello-world", "unicode-agent", "team-agent_one-v2-0", "%e6%97%a5%e6%9c%ac"],
        {"a-bSOUL.md": "/x"},
    ]


def test_notices_arrive_through_wordpress_once_each(agents: Site) -> None:
    got = evaluate(
        agents.instance,
        """
        add_filter( 'doing_it_wrong_trigger_error', '__return_false' );
        $said = array();
        add_action( 'doing_it_wrong_run', static function ( $what, $message, $version ) use ( &$said ) {
            $said[] = "$what|$version";
        }, 10, 3 );
        wp_register_agent( 'late' );
        wp_get_agent( 'nobody' );
        wp_has_agent( 'nobody' );
        WP_Agents_Registry::get_instance()->register( 'admin' );
        wp_get_agent_package_artifact_types();
        return $said;
        """,
    )
    assert got == [
        "wp_register_agent|0.102.8",
        "WP_Agents_Registry::get_registered|0.71.0",
        "WP_Agents_Registry::register|0.71.0",
    ]


@pytest.mark.parametrize(
    ("role", "has", "lacks"),
    [
        ("administrator", "datamachine_manage_agents", "datamachine_nothing"),
        ("editor", "datamachine_view_logs", "datamachine_manage_flows"),
        ("subscriber", "datamachine_chat", "datamachine_use_tools"),
    ],
)
def test_activation_gives_roles_their_capabilities(agents: Site, role: str, has: str, lacks: str) -> None:
    got = evaluate(agents.instance, f"return array_keys( get_role( '{role}' )->capabilities );")
    assert has in got
    assert lacks not in got


def test_another_agents_api_wins_and_only_names_it_lacks_are_ours(agents: Site) -> None:
    instance = agents.instance
    folder = instance.path / "wp-content/plugins/agents-api"
    folder.mkdir()
    (folder / "agents-api.php").write_text(
        "<?php\n/** Plugin Name: Agents API */\n"
        # The original does the same: the request that activates it has ours already.
        "if ( defined( 'AGENTS_API_LOADED' ) ) { return; }\n"
        "define( 'AGENTS_API_LOADED', true );\n"
        "require __DIR__ . '/contracts.php';\n"
    )
    (folder / "contracts.php").write_text(
        "<?php\n"
        "final class WP_Agents_Registry { public static function get_instance() { return null; } }\n"
        "class WP_Agent { const WHOSE = 'theirs'; }\n"
        "function wp_get_agents() { return array(); }\n"
        "function wp_has_agent( $slug ) { return true; }\n"
    )
    instance.wp("plugin", "activate", "agents-api")
    try:
        got = evaluate(
            instance,
            """
            return array(
                WP_Agent::WHOSE,
                ( new ReflectionFunction( 'wp_get_agents' ) )->getNumberOfParameters(),
                function_exists( 'wp_register_agent' ),
                basename( ( new ReflectionClass( 'WP_Agents_Registry' ) )->getFileName() ),
                interface_exists( 'AgentsAPI\\\\Core\\\\FilesRepository\\\\AgentMemoryStoreInterface' ),
            );
            """,
        )
        assert got == ["theirs", 0, False, "contracts.php", True]
        assert instance.get("/").status == 200
    finally:
        instance.wp("plugin", "deactivate", "agents-api")
        shutil.rmtree(folder)
