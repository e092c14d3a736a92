"""Who may access which agent, as PHP code is told: everybody against everything, on a real site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.identity_php.conftest import Lab

UNKNOWN = 99999


def questions(lab: Lab) -> list[list[Any]]:
    return [
        ["can_manage"],
        ["resolve_scoped_agent_id", {}],
        ["resolve_scoped_agent_id", {"agent_id": str(lab.ours)}],
        ["resolve_scoped_agent_id", {"agent_id": str(lab.theirs)}],
        ["can_access_agent", lab.ours],
        ["can_access_agent", lab.theirs, "admin"],
        ["can_access_agent", UNKNOWN],
        ["owns_agent_resource", None, 0],
        ["resolve_all_accessible_agent_ids"],
    ]


def table(lab: Lab) -> dict[str, tuple[dict[str, Any], list[Any]]]:
    """Situation, and what the questions above must be answered with."""
    people, ours, theirs = lab.people, lab.ours, lab.theirs
    mine = [ours, lab.default]
    free = [True, None, ours, theirs, True, True, True, True, []]
    return {
        "anonymous": ({}, [False, 0, None, None, False, False, False, True, []]),
        "admin": ({"user": people.admin}, free),
        "subscriber": ({"user": people.nobody}, [False, 0, None, None, False, False, False, True, []]),
        "manage_flows": (
            {"user": people.flows},
            [True, None, ours, theirs, False, False, False, True, []],
        ),
        "owner": (
            {"user": people.owner},
            [False, theirs, None, theirs, False, True, False, True, [theirs]],
        ),
        "viewer": (
            {"user": people.viewer},
            [False, theirs, None, theirs, False, False, False, True, [theirs]],
        ),
        "granted admin": (
            {"user": people.granted_admin},
            [False, theirs, None, theirs, False, True, False, True, [theirs]],
        ),
        "manage_agents": (
            {"user": people.agents},
            [True, 0, None, None, False, False, False, True, []],
        ),
        # An acting agent is the default of what it asks for, and its owner decides the rest.
        "agent of the admin": (
            {"agent": [ours, people.admin]},
            [True, ours, ours, theirs, True, True, True, True, []],
        ),
        "agent of the admin, limited to chat": (
            {"user": people.admin, "agent": [ours, people.admin, ["datamachine_chat"], 7]},
            [False, ours, ours, None, True, False, False, True, mine],
        ),
        "agent of the admin, limited to flows": (
            {"agent": [ours, people.admin, ["datamachine_manage_flows"]]},
            [True, ours, ours, theirs, True, False, False, True, []],
        ),
        "agent of the owner": (
            {"agent": [theirs, people.owner]},
            [False, theirs, None, theirs, False, True, False, True, [theirs]],
        ),
        "agent of nobody": (
            {"agent": [theirs, 0]},
            [False, theirs, None, None, False, False, False, True, []],
        ),
        "agent that is somebody else's": (
            {"agent": [theirs, people.viewer]},
            [False, theirs, None, None, False, False, False, True, []],
        ),
        "vouched for": ({"authenticated": 0}, free),
        "vouched for as the owner": (
            {"authenticated": people.owner},
            [False, theirs, None, theirs, False, True, False, True, [theirs]],
        ),
        "queue": ({"queue": True}, free),
        "queue, agent of the owner": (
            {"queue": True, "agent": [theirs, people.owner]},
            [False, theirs, None, theirs, False, True, False, True, [theirs]],
        ),
        "queue, limited agent": (
            {"queue": True, "agent": [ours, people.admin, []]},
            [False, ours, ours, None, True, False, False, True, mine],
        ),
    }


CASES = (
    "anonymous",
    "admin",
    "subscriber",
    "manage_flows",
    "owner",
    "viewer",
    "granted admin",
    "manage_agents",
    "agent of the admin",
    "agent of the admin, limited to chat",
    "agent of the admin, limited to flows",
    "agent of the owner",
    "agent of nobody",
    "agent that is somebody else's",
    "vouched for",
    "vouched for as the owner",
    "queue",
    "queue, agent of the owner",
    "queue, limited agent",
)


@pytest.fixture(scope="module")
def answered(lab: Lab) -> dict[str, dict[str, Any]]:
    """All situations, asked in one process."""
    known = table(lab)
    assert tuple(known) == CASES
    asked = lab.ask(*({**situation, "ask": questions(lab)} for situation, _ in known.values()))
    return dict(zip(known, asked, strict=True))


@pytest.mark.parametrize("who", CASES)
def test_truth_table(lab: Lab, answered: dict[str, dict[str, Any]], who: str) -> None:
    assert answered[who]["answers"] == table(lab)[who][1]
    assert answered[who]["errors"] == []


def test_the_command_line_may_everything_until_an_agent_acts_there(lab: Lab) -> None:
    free, limited = lab.ask(
        {"ask": questions(lab)},
        {"agent": [lab.theirs, lab.people.owner, ["datamachine_chat"]], "ask": questions(lab)},
        bypass=True,
    )
    assert free["answers"] == [True, None, lab.ours, lab.theirs, True, True, True, True, []]
    assert limited["answers"][:6] == [False, lab.theirs, None, lab.theirs, False, True]


@pytest.mark.parametrize(
    ("who", "passed"),
    [("viewer", 1), ("operator", 2), ("granted_admin", 3), ("nobody", 0)],
)
def test_roles_hold_what_is_below_them(lab: Lab, who: str, passed: int) -> None:
    roles = ["viewer", "operator", "admin", "emperor", ""]
    [got] = lab.ask(
        {
            "user": getattr(lab.people, who),
            "ask": [["can_access_agent", lab.theirs, role] for role in roles],
        }
    )
    assert got["answers"] == [True] * passed + [False] * (5 - passed)


def test_resources_of_agents_and_of_nobody(lab: Lab) -> None:
    people = lab.people
    ask = [
        ["owns_agent_resource", None, people.viewer],
        ["owns_agent_resource", 0, people.viewer],
        ["owns_agent_resource", 0, people.owner],
        ["owns_agent_resource", lab.theirs, people.nobody],
        ["owns_agent_resource", lab.ours, people.viewer],
        ["owns_resource", people.viewer],
        ["resolve_scoped_user_id", {"user_id": "5"}],
        ["resolve_scoped_agent_id", {"agent_id": ""}],
        ["resolve_scoped_agent_id", {"agent_id": "abc"}],
        ["resolve_scoped_agent_id", {"agent_id": ["1"]}],
    ]
    viewer, flows, admin, nobody = lab.ask(
        *({"user": user, "ask": ask} for user in (people.viewer, people.flows, people.admin, 0))
    )
    assert viewer["answers"] == [
        True, True, False, True, False, True, people.viewer, lab.theirs, None, None,
    ]  # fmt: skip
    assert flows["answers"] == [False, False, False, False, False, False, 5, None, 0, 0]
    assert admin["answers"] == [True, True, True, True, True, True, 5, None, 0, 0]
    assert nobody["answers"] == [False, False, False, False, False, False, 0, 0, None, None]


def test_several_agents_owned_ones_first(lab: Lab) -> None:
    lab.grant(lab.ours, lab.people.owner, "viewer")
    [plain, limited] = lab.ask(
        {
            "user": lab.people.owner,
            "ask": [["resolve_all_accessible_agent_ids"], ["resolve_scoped_agent_id", {}]],
        },
        {"agent": [lab.theirs, lab.people.owner], "ask": [["resolve_all_accessible_agent_ids"]]},
    )
    lab.sql(f"DELETE FROM wp_datamachine_agent_access WHERE agent_id = {lab.ours}")
    assert plain["answers"] == [[lab.theirs, lab.ours], lab.theirs]
    assert limited["answers"] == [[lab.theirs, lab.ours]]


def test_a_revoked_grant_is_gone_in_the_same_request(lab: Lab) -> None:
    people = lab.people
    got = lab.evaluate(
        f"""add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );
        wp_set_current_user( {people.operator} );
        $ask = fn() => DataMachine\\Abilities\\PermissionHelper::can_access_agent( {lab.theirs}, 'operator' );
        $answer = array( $ask() );
        $where  = array( 'agent_id' => {lab.theirs}, 'user_id' => {people.operator} );
        $table  = 'wp_datamachine_agent_access';
        $GLOBALS['wpdb']->update( $table, array( 'role' => 'viewer' ), $where );
        $answer[] = $ask();
        $GLOBALS['wpdb']->update( $table, array( 'role' => 'operator' ), $where );
        $answer[] = $ask()"""
    )
    assert got == [True, False, True]


def test_contexts_end_and_carry_what_they_were_given(lab: Lab) -> None:
    got = lab.evaluate(
        """use DataMachine\\Abilities\\PermissionHelper as P; use DataMachine\\Core\\Auth\\CallerContext as C;
        $answer = array( P::in_cross_site_context(), P::get_caller_context() );
        P::set_agent_context( 3, 1, array( 5 => 'datamachine_chat' ), 7 );
        P::set_caller_context( new C( 'there.example', 'bot', 'chain', 1 ) );
        $answer[] = array( P::in_agent_context(), P::get_acting_agent_id(), P::get_acting_token_id(),
            P::get_acting_capabilities(), P::in_cross_site_context(),
            P::get_caller_context()->callerAgent() );
        P::clear_agent_context();
        $answer[] = array( P::in_agent_context(), P::get_acting_agent_id(), P::get_acting_token_id(),
            P::get_caller_context() )"""
    )
    assert got == [
        False,
        None,
        [True, 3, 7, ["datamachine_chat"], True, "bot"],
        [False, None, None, None],
    ]


def test_run_as_an_agent_and_be_oneself_again(lab: Lab) -> None:
    got = lab.evaluate(
        f"""use DataMachine\\Abilities\\PermissionHelper as P;
        wp_set_current_user( 1 );
        P::set_agent_context( {lab.ours}, 1, array( 'datamachine_chat' ), 7 );
        $now = fn() => array( P::get_acting_agent_id(), P::get_acting_token_id(), get_current_user_id(),
            P::get_allowed_actions() );
        try {{
            P::run_as_agent_context( {lab.theirs}, {lab.people.owner}, function () use ( $now, &$inside ) {{
                $inside = $now();
                throw new Exception( 'broken' );
            }} );
        }} catch ( Exception ) {{}}
        $answer = array( $inside, $now() )"""
    )
    assert got == [
        # The limit of who asked goes along.
        [lab.theirs, None, lab.people.owner, ["chat"]],
        [lab.ours, 7, 1, ["chat"]],
    ]
