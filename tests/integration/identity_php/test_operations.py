"""What Python may ask of WordPress about users, slugs and declared agents."""

from __future__ import annotations

import json
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
NO_BYPASS = "add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );"


def operate(lab: Lab, name: str, params: dict[str, Any], *, before: str = "") -> Any:
    """An operation's answer, or the code of its error."""
    return lab.evaluate(
        f"""{before} try {{
            $answer = DataMachine\\Bridge\\Host\\Operations::dispatch(
                '{name}', json_decode( '{json.dumps(params)}', true ) );
        }} catch ( DataMachine\\Bridge\\Bridge\\RemoteError $error ) {{
            $answer = $error->error_code();
        }}"""
    )


def test_what_a_user_may_do(lab: Lab) -> None:
    def answers(user_id: int) -> Any:
        return operate(lab, "identity.answers", {"user_id": user_id})

    assert answers(1) == {"actions": ALL, "administrator": True, "network": True, "known": True}
    assert answers(lab.people.flows) == {
        "actions": ["manage_flows", "chat", "create_own_agent"],
        "administrator": False,
        "network": False,
        "known": True,
    }
    nothing = {"actions": [], "administrator": False, "network": False, "known": False}
    assert answers(0) == nothing
    assert answers(99999) == nothing


def test_an_administrator_without_the_products_capabilities_has_all(lab: Lab) -> None:
    got = operate(
        lab,
        "identity.answers",
        {"user_id": 1},
        before="""add_filter( 'user_has_cap', fn( $all ) => array_filter(
            $all, fn( $name ) => ! str_starts_with( $name, 'datamachine_' ), ARRAY_FILTER_USE_KEY ) );""",
    )
    assert got["actions"] == ALL


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Café Bot!", "cafe-bot"),
        ("  My <b>Agent</b> 2 ", "my-agent-2"),
        ("!!!", ""),
        ("", ""),
        ("日本", "%e6%97%a5%e6%9c%ac"),
        ("a" * 200, "a" * 200),
        ("a" * 201, "a" * 201),
        ("a" + " " * 300, "a"),
    ],
)
def test_slugs_are_wordpress_own_and_never_cut(lab: Lab, text: str, slug: str) -> None:
    got = operate(lab, "identity.slug", {"text": text, "name": " A <i>name</i>\n"})
    assert got == {"slug": slug, "name": "A name"}


def test_what_wordpress_would_cut_is_given_whole(lab: Lab) -> None:
    for text in ("日本語" * 40, "a" * 150 + " " * 300 + "b" * 150):
        assert len(operate(lab, "identity.slug", {"text": text})["slug"]) > 200


def test_declared_agents(lab: Lab) -> None:
    assert operate(lab, "identity.declared", {"slug": "admin"}) is True
    assert operate(lab, "identity.declared", {"slug": "ours"}) is False


def test_removed_agents_are_remembered_until_they_are_restored(lab: Lab) -> None:
    as_user = f"{NO_BYPASS} wp_set_current_user( %d );"
    agents, nobody = as_user % lab.people.agents, as_user % lab.people.nobody
    lab.evaluate("update_option( 'datamachine_bridge_agents', array( 'hash' => 'x' ) ); $answer = 1")
    assert operate(lab, "identity.removed", {"slug": "one", "user_id": 3}, before=nobody) == "forbidden"
    assert operate(lab, "identity.removed", {"slug": "one", "user_id": 3}, before=agents) is True
    assert operate(lab, "identity.removed", {"slug": "two", "user_id": 1}, before=agents) is True
    known = lab.evaluate("$answer = get_option( 'datamachine_removed_agents' )")
    assert set(known) == {"one", "two"}
    assert known["one"]["user"] == 3
    assert known["one"]["time"].endswith("Z")
    hashed = "$answer = get_option( 'datamachine_bridge_agents' )['hash'] ?? null"
    assert lab.evaluate(hashed) != "x", "the next request reconciles"
    visitor = f"{NO_BYPASS} wp_set_current_user( 0 );"
    assert operate(lab, "identity.removed", {"slug": "one", "user_id": None}, before=visitor) == "forbidden"
    assert operate(lab, "identity.removed", {"slug": "one", "user_id": None}, before=nobody) is True
    assert set(lab.evaluate("$answer = get_option( 'datamachine_removed_agents' )")) == {"two"}
    assert operate(lab, "identity.removed", {"slug": "two", "user_id": None}) is True
    assert lab.evaluate("$answer = get_option( 'datamachine_removed_agents' )") == []


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("identity.answers", {"user_id": "1"}),
        ("identity.answers", {}),
        ("identity.slug", {"text": 5}),
        ("identity.declared", {"slug": ""}),
        ("identity.removed", {"user_id": 1}),
        ("identity.removed", {"slug": "x", "user_id": "1"}),
    ],
)
def test_wrong_parameters_are_named(lab: Lab, name: str, params: dict[str, Any]) -> None:
    assert operate(lab, name, params) == "invalid_parameter"
