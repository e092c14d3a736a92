"""The abilities on agents: over ``wp-abilities/v1``, and as PHP code runs them."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from dev.instance import Response
from sidecar.abilities import Registry
from sidecar.identity import AccessService, AgentsService, Principal
from tests.integration.doors.agents import Doors
from tools import generate_abilities

CLI = Principal.command_line()
AGENTS = [each for each in generate_abilities.declarations() if each.category.slug == "datamachine-agent"]


@pytest.fixture(scope="module")
def delta(doors: Doors) -> int:
    """An agent of the administrator."""
    return doors.agent("ability-delta", description="first")


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def run(doors: Doors, who: str | None, name: str, given: Any = None, method: str = "POST") -> Response:
    """One ability over HTTP."""
    path = f"/wp-json/wp-abilities/v1/abilities/datamachine/{name}/run"
    headers = {"Content-Type": "application/json"}
    if who is not None:
        person = doors.people[who]
        pair = base64.b64encode(f"{person.login}:{person.password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    if method == "GET":
        query = "&".join(f"input[{quote(key)}]={quote(str(value))}" for key, value in (given or {}).items())
        return doors.site.request("GET", f"{path}?{query}", headers=headers)
    return doors.site.request(method, path, body=json.dumps({"input": given}).encode(), headers=headers)


def login_of(doors: Doors, name: str) -> str:
    """The login of one of our people, or of the administrator the site was made with."""
    return doors.people[name].login if name in doors.people else name


def php(doors: Doors, login: str, code: str) -> Any:
    """What PHP code of a page prints as JSON: no command line, whose operator may do everything."""
    prelude = (
        "add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"
        "function run( $name, ...$input ) {"
        " $result = wp_get_ability( 'datamachine/' . $name )->execute( ...$input );"
        " return is_wp_error( $result ) ? array( $result->get_error_code(), $result->get_error_message(),"
        "  $result->get_error_data() ) : $result; }"
    )
    return json.loads(doors.site.wp("eval", prelude + code, f"--user={login_of(doors, login)}").stdout)


def test_wordpress_lists_what_is_declared(doors: Doors) -> None:
    printed = php(
        doors,
        "admin",
        "$found = array(); foreach ( wp_get_abilities() as $name => $ability ) {"
        " if ( 0 === strpos( $name, 'datamachine/' ) ) { $found[ $name ] = array("
        "  $ability->get_label(), $ability->get_category(), $ability->get_input_schema(),"
        "  $ability->get_meta_item( 'show_in_rest' ), $ability->get_meta_item( 'annotations' ) ); } }"
        "echo wp_json_encode( $found );",
    )
    assert list(printed) == [each.name for each in generate_abilities.declarations()]
    for each in generate_abilities.declarations():
        label, category, schema, in_rest, annotations = printed[each.name]
        assert (label, category, in_rest) == (each.label, each.category.slug, each.show_in_rest)
        assert schema == dict(each.input_schema)
        promised = {name: getattr(each, name) for name in ("readonly", "destructive", "idempotent")}
        assert annotations == promised
    category = "echo wp_json_encode( wp_get_ability_category( 'datamachine-agent' )->get_label() );"
    assert php(doors, "admin", category) == "Agents"


def test_everything_declared_can_be_executed(doors: Doors) -> None:
    names = {each.name for each in generate_abilities.declarations()}
    assert set(doors.runtime.get(Registry).names()) == names


def test_listing_answers_agents_without_an_envelope_of_rest(doors: Doors, delta: int) -> None:
    reply = run(doors, "admin", "list-agents", {"scope": "mine", "include_role": True})
    assert reply.status == 200, reply.text
    assert list(reply.json()) == ["success", "agents"]
    [item] = [item for item in reply.json()["agents"] if item["agent_id"] == delta]
    assert list(item.items()) == [
        ("agent_id", delta),
        ("agent_slug", "ability-delta"),
        ("agent_name", "Ability-Delta"),
        ("owner_id", doors.people["admin"].id),
        ("site_scope", None),
        ("description", "first"),
        ("is_owner", True),
        ("user_role", "admin"),
    ]
    # Nothing at all is an input too, in PHP and over HTTP.
    plain = php(doors, "admin", "echo wp_json_encode( run( 'list-agents' ) );")
    assert plain == run(doors, "admin", "list-agents").json()
    assert all("user_role" not in item for item in plain["agents"])
    assert run(doors, "reader", "list-agents", {}).json() == {"success": True, "agents": []}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"scope": "all"}, "scope=all requires admin privileges."),
        ({"user_id": 1}, "Querying another user's agents requires admin privileges."),
        ({"scope": "some"}, 'Invalid scope. Allowed values: "mine", "all".'),
    ],
)
def test_a_broken_rule_is_an_answer(doors: Doors, given: dict[str, Any], error: str) -> None:
    reply = run(doors, "reader", "list-agents", given)
    assert (reply.status, reply.json()) == (200, {"success": False, "error": error})


def test_an_agent_lives_through_its_abilities(doors: Doors) -> None:
    slug, other = unique("lives"), unique("moved")
    owner = doors.people["owner"].id
    made = run(
        doors,
        "admin",
        "create-agent",
        {"agent_slug": slug, "agent_name": "Lives", "owner_id": owner, "config": {"description": "d"}},
    ).json()
    agent_id = made["agent_id"]
    assert made == {
        "success": True,
        "agent_id": agent_id,
        "agent_slug": slug,
        "agent_name": "Lives",
        "owner_id": owner,
        "agent_dir": made["agent_dir"],
        "message": f'Agent "{slug}" created (ID: {agent_id}).',
    }
    taken = run(doors, "admin", "create-agent", {"agent_slug": slug})
    error = f'Agent with slug "{slug}" already exists (ID: {agent_id}).'
    assert (taken.status, taken.json()) == (200, {"success": False, "error": error})

    shown = run(doors, "admin", "get-agent", {"agent_slug": slug}, "GET").json()
    assert shown == run(doors, "admin", "get-agent", {"agent_id": agent_id}, "GET").json()
    rest = doors.ask("wordpress", "GET", f"/agents/{agent_id}", "admin").json["data"]
    assert (list(shown), shown["agent"]) == (["success", "agent"], rest)

    updated = run(doors, "admin", "update-agent", {"agent_id": agent_id, "agent_config": {}}).json()
    assert updated["agent"]["agent_config"] == []
    empty = run(doors, "admin", "update-agent", {"agent_id": agent_id, "agent_name": ""})
    assert empty.json() == {"success": False, "error": "Agent name cannot be empty."}
    nothing = run(doors, "admin", "update-agent", {"agent_id": agent_id}).json()
    assert nothing["error"] == "No fields to update. Provide agent_name or agent_config."

    renamed = run(doors, "admin", "rename-agent", {"old_slug": slug, "new_slug": other}).json()
    assert list(renamed) == ["success", "message", "old_slug", "new_slug", "old_path", "new_path"], renamed
    assert renamed["message"] == f'Agent renamed from "{slug}" to "{other}". Directory moved.'
    assert renamed["new_path"].endswith(f"/agents/{other}")
    again = run(doors, "admin", "rename-agent", {"old_slug": slug, "new_slug": other})
    assert (again.status, again.json()) == (
        200,
        {"success": False, "message": f'Agent with slug "{slug}" not found.'},
    )

    gone = run(doors, "admin", "delete-agent", {"agent_slug": other, "delete_files": True}).json()
    assert gone == {
        "success": True,
        "agent_id": agent_id,
        "agent_slug": other,
        "files_deleted": True,
        "message": f'Agent "{other}" (ID: {agent_id}) deleted. Files removed.',
    }
    absent = {"success": False, "error": "Agent not found."}
    assert run(doors, "admin", "delete-agent", {"agent_id": agent_id}).json() == absent
    assert run(doors, "admin", "get-agent", {"agent_id": agent_id}, "GET").json() == absent
    # Neither slug nor id names nobody.
    assert run(doors, "admin", "delete-agent", {}).json() == absent


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("create-agent", {"agent_slug": 5}),
        ("create-agent", {"agent_slug": "x", "config": "text"}),
        ("create-agent", {}),
        ("update-agent", {"agent_id": "x"}),
        ("update-agent", {"agent_name": "No id"}),
        ("rename-agent", {"old_slug": "a"}),
        ("delete-agent", {"agent_id": [1]}),
        ("list-agents", {"user_id": "me"}),
    ],
)
def test_wordpress_refuses_what_the_schema_does_not_allow(
    doors: Doors, name: str, given: dict[str, Any]
) -> None:
    reply = run(doors, "admin", name, given)
    assert (reply.status, reply.json()["code"]) == (400, "ability_invalid_input")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"agent_slug": ""}, "Agent slug is required."),
        ({"agent_slug": "?!"}, "Agent slug is required."),
        ({"agent_slug": "s" * 201}, None),
        ({"agent_slug": "fine", "agent_name": "n" * 201}, None),
        ({"agent_slug": "fine", "owner_id": 99999999}, "Owner user ID 99999999 not found."),
    ],
)
def test_what_cannot_be_an_agent_is_an_answer(doors: Doors, given: dict[str, Any], error: str | None) -> None:
    reply = run(doors, "admin", "create-agent", given)
    assert reply.status == 200
    assert (reply.json()["success"], error and reply.json()["error"]) == (False, error)
    assert doors.runtime.get(AgentsService).find("fine") is None


def test_only_administrators_name_an_owner(doors: Doors) -> None:
    slug = unique("forced")
    made = run(doors, "reader", "create-agent", {"agent_slug": slug, "owner_id": 1}).json()
    try:
        assert made["owner_id"] == doors.people["reader"].id
        second = run(doors, "reader", "create-agent", {"agent_slug": unique("second")}).json()
        assert second["error"].startswith("You already have an agent")
    finally:
        doors.runtime.get(AgentsService).delete(CLI, made["agent_id"], delete_files=True)


@pytest.mark.parametrize("each", AGENTS, ids=lambda each: each.name.rpartition("/")[2])
def test_permissions_are_wordpresss_own(doors: Doors, delta: int, each: Any) -> None:
    name = each.name.rpartition("/")[2]
    given = {
        "create-agent": {"agent_slug": "never-made"},
        "get-agent": {"agent_id": delta},
        "update-agent": {"agent_id": delta, "agent_name": "Taken over"},
        "rename-agent": {"old_slug": "ability-delta", "new_slug": "taken-over"},
        "delete-agent": {"agent_id": delta},
        "create-agent-token": {"agent_id": delta},
        "list-agent-tokens": {"agent_id": delta},
        "revoke-agent-token": {"agent_id": delta, "token_id": 1},
        "agent-remote-call": {
            "remote_site": "a.example",
            "agent_slug": "bot",
            "method": "GET",
            "path": "/",
        },
    }.get(name, {})
    method = "GET" if each.readonly else "POST"
    stranger = run(doors, None, name, given, method)
    assert (stranger.status, stranger.json()["code"]) == (401, "rest_ability_cannot_execute")
    nobody = run(doors, "nobody", name, given, method)
    assert (nobody.status, nobody.json()["code"]) == (403, "rest_ability_cannot_execute")
    code = f"echo wp_json_encode( run( '{name}', json_decode( '{json.dumps(given)}', true ) ) );"
    assert php(doors, "nobody", code)[0] == "ability_invalid_permissions"
    wrong = run(doors, "admin", name, given, "POST" if each.readonly else "GET")
    assert (wrong.status, wrong.json()["code"]) == (405, "rest_ability_invalid_method")
    assert doors.runtime.get(AgentsService).get(delta).agent_name == "Ability-Delta"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("get-agent", {}),
        ("update-agent", {"agent_name": "Taken over"}),
        ("delete-agent", {"delete_files": True}),
        ("rename-agent", {"old_slug": "ability-delta", "new_slug": "taken-over"}),
    ],
)
def test_managing_is_not_enough_without_a_role(
    doors: Doors, delta: int, name: str, given: dict[str, Any]
) -> None:
    given = given if "old_slug" in given else {**given, "agent_id": delta}
    refused = ["rest_forbidden", "Sorry, you are not allowed to do that.", {"status": 403}]
    for who in ("runner", "keeper"):
        reply = run(doors, who, name, given, "GET" if name == "get-agent" else "POST")
        assert (reply.status, reply.json()) == (
            403,
            dict(zip(("code", "message", "data"), refused, strict=True)),
        )
        code = f"echo wp_json_encode( run( '{name}', json_decode( '{json.dumps(given)}', true ) ) );"
        assert php(doors, who, code) == refused
    found = doors.runtime.get(AgentsService).get(delta)
    assert (found.agent_slug, found.agent_name) == ("ability-delta", "Ability-Delta")


def test_a_role_is_enough_beside_managing(doors: Doors, delta: int) -> None:
    access, runner = doors.runtime.get(AccessService), doors.people["runner"].id
    access.grant(CLI, delta, runner, "viewer")
    try:
        assert run(doors, "runner", "get-agent", {"agent_id": delta}, "GET").json()["success"] is True
        change = {"agent_id": delta, "agent_config": {"description": "second"}}
        assert run(doors, "runner", "update-agent", change).status == 403
        access.grant(CLI, delta, runner, "admin")
        assert run(doors, "runner", "update-agent", change).json()["success"] is True
    finally:
        access.revoke(CLI, delta, runner)


def test_php_reads_numbers_that_came_as_text(doors: Doors, delta: int) -> None:
    code = (
        f"echo wp_json_encode( array( run( 'get-agent', array( 'agent_id' => '{delta}' ) ),"
        " run( 'list-agents', array( 'include_role' => '0' ) ) ) );"
    )
    shown, listed = php(doors, "admin", code)
    assert shown["agent"]["agent_id"] == delta
    assert all("user_role" not in item for item in listed["agents"])


def test_a_slug_of_digits_is_a_slug(doors: Doors, delta: int) -> None:
    digits = str(10**9 + int(uuid.uuid4().hex[:6], 16))
    made = run(doors, "admin", "create-agent", {"agent_slug": digits}).json()
    shown = run(doors, "admin", "get-agent", {"agent_slug": digits}, "GET").json()
    assert shown["agent"]["agent_id"] == made["agent_id"]
    assert run(doors, "admin", "delete-agent", {"agent_slug": digits}).json()["agent_slug"] == digits


def test_listeners_of_abilities_see_these_too(doors: Doors, delta: int) -> None:
    code = (
        "$seen = array();"
        "foreach ( array( 'wp_before_execute_ability', 'wp_after_execute_ability' ) as $hook ) {"
        " add_action( $hook, function ( $name ) use ( &$seen, $hook ) {"
        "  $seen[] = array( $hook, $name ); } ); }"
        f"run( 'get-agent', array( 'agent_id' => {delta} ) ); echo wp_json_encode( $seen );"
    )
    assert php(doors, "admin", code) == [
        ["wp_before_execute_ability", "datamachine/get-agent"],
        ["wp_after_execute_ability", "datamachine/get-agent"],
    ]
