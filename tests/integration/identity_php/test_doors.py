"""What PHP's own doors ask before anything travels: routes, commands, the queue in a page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.identity_php.conftest import Lab

NO_BYPASS = "add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"
HELPER = "use DataMachine\\Abilities\\PermissionHelper as P;"


def checked(lab: Lab, rule: str, situation: str) -> Any:
    """True, or the code and status of the refusal."""
    return lab.evaluate(
        f"""{HELPER} {NO_BYPASS} wp_set_current_user( 0 ); {situation}
        $rule   = array( 'code' => 'c', 'message' => 'm' ) + {rule};
        $answer = ( new DataMachine\\Bridge\\Rest\\Permission( $rule ) )->check();
        $answer = is_wp_error( $answer )
            ? array( $answer->get_error_code(), $answer->get_error_data()['status'] ) : $answer"""
    )


SIGNED_IN = "array()"
EITHER = "array( 'actions' => array( 'manage_agents', 'create_own_agent' ) )"
FLOWS = "array( 'actions' => array( 'manage_flows' ) )"
FIXED = "array( 'actions' => array( 'manage_flows' ), 'status' => 403 )"
OLD = "array( 'action' => 'manage_flows' )"


@pytest.mark.parametrize(
    ("rule", "situation", "expected"),
    [
        (SIGNED_IN, "", ["c", 401]),
        (SIGNED_IN, "wp_set_current_user( 1 );", True),
        # An agent is somebody, even before WordPress has a current user.
        (SIGNED_IN, "P::set_agent_context( 2, 1, array() );", True),
        (SIGNED_IN, "P::set_agent_context( 2, 0 );", True),
        (EITHER, "", ["c", 401]),
        (EITHER, "wp_set_current_user( get_user_by( 'login', 'nobody' )->ID );", True),
        (EITHER, "P::set_agent_context( 2, 1, array( 'datamachine_chat' ) );", ["c", 403]),
        (FLOWS, "wp_set_current_user( get_user_by( 'login', 'nobody' )->ID );", ["c", 403]),
        (FLOWS, "wp_set_current_user( get_user_by( 'login', 'flows' )->ID );", True),
        (FLOWS, "", ["c", 401]),
        (FIXED, "", ["c", 403]),
        (OLD, "", ["c", 401]),
        (OLD, "wp_set_current_user( 1 );", True),
    ],
)
def test_routes(lab: Lab, rule: str, situation: str, expected: Any) -> None:
    assert checked(lab, rule, situation) == expected


def test_a_narrowed_command_line_needs_a_user(lab: Lab) -> None:
    code = "WP_CLI::add_wp_hook( 'datamachine_cli_bypass_permissions', '__return_false' );"
    command = ["datamachine", "agents", "list", f"--exec={code}"]
    refused = lab.instance.wp(*command, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: You are not allowed to run this command. "
        "Name a user who may manage Data Machine with --user.\n"
    )
    all_of_them = lab.instance.wp(*command, "--user=owner", check=False)
    assert (all_of_them.returncode, all_of_them.stdout) == (1, "")
    mine = lab.instance.wp(*command, "--user=owner", "--scope=mine", "--format=csv").stdout
    assert ",theirs," in mine
    assert ",ours," not in mine
    assert ",ours," in lab.instance.wp("datamachine", "agents", "list", "--format=csv").stdout


def test_the_queue_in_a_page_is_the_site(lab: Lab) -> None:
    got = lab.page(
        {
            "queue": True,
            "user": lab.people.nobody,
            "ask": [["can", "anything"], ["can_access_agent", lab.theirs, "admin"]],
        }
    )
    assert got["answers"] == [True, True]


@pytest.mark.parametrize("who", ["queue", "vouched"])
def test_who_acts_for_nobody_is_believed(lab: Lab, who: str) -> None:
    """A call from a page that no user made: the sidecar takes it for the site's own."""
    situation = {"queue": True} if who == "queue" else {"authenticated": 0}
    got = lab.page({**situation, "ask": [["ability", "datamachine/list-agents", {"scope": "all"}]]})
    slugs = {agent["agent_slug"] for agent in got["answers"][0]["agents"]}
    assert slugs >= {"ours", "theirs"}
    anonymous = lab.page({"ask": [["ability", "datamachine/list-agents", {"scope": "all"}]]})
    assert anonymous["answers"] == ["ability_invalid_permissions"]
