"""``/agents``, ``/agents/me`` and ``/agents/{agent_id}`` through WordPress and the sidecar's own door."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from sidecar.identity import AccessService, AgentsService, Principal
from tests.integration.doors.agents import Doors

FORBIDDEN = (403, "rest_forbidden", "Sorry, you are not allowed to do that.")
STRANGER = (401, "rest_forbidden", "Sorry, you are not allowed to do that.")
HUGE = "9" * 30
DOORS = pytest.mark.parametrize("door", ["wordpress", "sidecar"])


@pytest.fixture(scope="module")
def alpha(doors: Doors) -> int:
    """An agent of the administrator, with a description."""
    return doors.agent("rest-alpha", description="hi é/")


@pytest.fixture(scope="module")
def beta(doors: Doors) -> int:
    """An agent of somebody with ``manage_agents`` who is no administrator; admin has a viewer's grant."""
    agent_id = doors.agent("rest-beta", "landlord")
    operator = Principal.command_line()
    doors.runtime.get(AccessService).grant(operator, agent_id, doors.people["admin"].id, "viewer")
    return agent_id


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


# Lists


def test_a_list_has_the_keys_clients_know(doors: Doors, alpha: int, beta: int) -> None:
    reply = doors.same("GET", "/agents", "admin")
    assert reply.status == 200
    assert list(reply.json) == ["success", "data"]
    items = {item["agent_id"]: item for item in reply.json["data"]}
    assert list(items[alpha].items()) == [
        ("agent_id", alpha),
        ("agent_slug", "rest-alpha"),
        ("agent_name", "Rest-Alpha"),
        ("owner_id", doors.people["admin"].id),
        ("site_scope", None),
        ("is_owner", True),
        ("description", "hi é/"),
        ("user_role", "admin"),
    ]
    assert list(items[beta]) == [
        "agent_id", "agent_slug", "agent_name", "owner_id", "site_scope", "is_owner", "user_role",
    ]  # fmt: skip
    assert (items[beta]["is_owner"], items[beta]["user_role"]) == (False, "viewer")
    # Owned first, then granted.
    assert [item["is_owner"] for item in reply.json["data"]] == sorted(
        (item["is_owner"] for item in reply.json["data"]), reverse=True
    )


def test_a_list_is_of_the_user_or_of_the_site(doors: Doors, alpha: int, beta: int) -> None:
    assert doors.same("GET", "/agents", "reader").json == {"success": True, "data": []}
    assert [item["agent_id"] for item in doors.same("GET", "/agents", "landlord").json["data"]] == [beta]
    roles = doors.same("GET", "/agents?include_role=0", "admin").json["data"]
    assert all("user_role" not in item for item in roles)
    everything = doors.same("GET", "/agents?scope=all", "admin").json["data"]
    assert {alpha, beta} <= {item["agent_id"] for item in everything}
    # Who manages flows may ask for all, and sees those that are theirs to use.
    seen = {item["agent_id"] for item in doors.same("GET", "/agents?scope=all", "runner").json["data"]}
    assert seen & {alpha, beta} == set()
    of_owner = doors.same("GET", f"/agents?user_id={doors.people['landlord'].id}", "admin").json["data"]
    assert [(item["agent_id"], item["is_owner"]) for item in of_owner] == [(beta, True)]


@pytest.mark.parametrize(
    ("query", "who", "refusal"),
    [
        ("", None, (401, "rest_not_logged_in", "You must be logged in to list agents.")),
        ("?scope=all", "reader", (403, "list_agents_failed", "scope=all requires admin privileges.")),
        (
            "?user_id=1",
            "reader",
            (403, "list_agents_failed", "Querying another user's agents requires admin privileges."),
        ),
        (
            "?scope=some",
            "admin",
            (403, "list_agents_failed", 'Invalid scope. Allowed values: "mine", "all".'),
        ),
    ],
)
def test_lists_are_refused_with_their_words(
    doors: Doors, query: str, who: str | None, refusal: tuple[int, str, str]
) -> None:
    assert doors.same("GET", f"/agents{query}", who).refusal == refusal


# Creating


@DOORS
def test_an_agent_is_made_with_everything_it_needs(doors: Doors, door: str) -> None:
    slug = unique("made")
    body = {
        "agent_slug": slug.upper(),
        "agent_name": "Made <b>here</b>",
        "config": {"description": "d", "empty": {}},
        "owner_id": doors.people["reader"].id,
    }
    reply = doors.ask(door, "POST", "/agents", "admin", body=body)
    assert reply.status == 200, reply.body
    data = reply.json["data"]
    assert list(data) == [
        "success", "agent_id", "agent_slug", "agent_name", "owner_id", "agent_dir", "message",
    ]  # fmt: skip
    agent_id = data["agent_id"]
    assert data == {
        "success": True,
        "agent_id": agent_id,
        "agent_slug": slug,
        "agent_name": "Made here",
        # The body cannot say whose it is.
        "owner_id": doors.people["admin"].id,
        "agent_dir": data["agent_dir"],
        "message": f'Agent "{slug}" created (ID: {agent_id}).',
    }
    assert data["agent_dir"].endswith(f"/datamachine-files/agents/{slug}")
    shown = doors.same("GET", f"/agents/{agent_id}", "admin").json["data"]
    assert (shown["has_files"], shown["agent_config"]) == (True, {"description": "d", "empty": []})
    assert [(row["user_id"], row["role"]) for row in shown["access"]] == [(str(data["owner_id"]), "admin")]


@DOORS
def test_a_form_makes_an_agent_too(doors: Doors, door: str) -> None:
    slug = unique("form")
    form = {"agent_slug": slug, "config[description]": "from a form"}
    data = doors.ask(door, "POST", "/agents", "admin", form=form).json["data"]
    assert (data["agent_slug"], data["agent_name"]) == (slug, slug)
    found = doors.runtime.get(AgentsService).get(slug)
    assert found.agent_config == {"description": "from a form"}


@DOORS
def test_accents_fold(doors: Doors, door: str) -> None:
    mark = uuid.uuid4().hex[:6]
    data = doors.ask(door, "POST", "/agents", "admin", body={"agent_slug": f"Café Bøt {mark}"}).json["data"]
    assert data["agent_slug"] == f"cafe-bot-{mark}"


@DOORS
def test_everybody_else_makes_one_of_their_own(doors: Doors, door: str) -> None:
    body = {"agent_slug": unique("own"), "agent_name": "Mine"}
    data = doors.ask(door, "POST", "/agents", "reader", body=body).json["data"]
    assert data["owner_id"] == doors.people["reader"].id
    try:
        second = doors.same("POST", "/agents", "reader", body={"agent_slug": unique("second")})
        message = 'You already have an agent ("Mine"). Non-admin users are limited to 1 agent.'
        assert second.refusal == (400, "agent_create_failed", message)
        assert second.json["data"]["ability_error_code"] == "agent_limit_reached"
        [mine] = doors.same("GET", "/agents", "reader").json["data"]
        assert (mine["agent_id"], mine["user_role"]) == (data["agent_id"], "admin")
        # It is theirs; the route is for those who manage agents.
        assert doors.same("GET", f"/agents/{data['agent_id']}", "reader").refusal == FORBIDDEN
    finally:
        doors.ask(door, "DELETE", f"/agents/{data['agent_id']}?delete_files=1", "admin")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "rest_missing_callback_param", "Missing parameter(s): agent_slug")),
        ({"agent_slug": None}, (400, "rest_missing_callback_param", "Missing parameter(s): agent_slug")),
        ({"agent_slug": 7}, (400, "rest_invalid_param", "Invalid parameter(s): agent_slug")),
        ({"agent_slug": ["a"]}, (400, "rest_invalid_param", "Invalid parameter(s): agent_slug")),
        (
            {"agent_slug": "a", "agent_name": 7},
            (400, "rest_invalid_param", "Invalid parameter(s): agent_name"),
        ),
        ({"agent_slug": "a", "config": "x"}, (400, "rest_invalid_param", "Invalid parameter(s): config")),
        ({"agent_slug": "a", "config": 5}, (400, "rest_invalid_param", "Invalid parameter(s): config")),
        ({"agent_slug": ""}, (400, "agent_create_failed", "Agent slug is required.")),
        ({"agent_slug": "!!!"}, (400, "agent_create_failed", "Agent slug is required.")),
        ({"agent_slug": "rest-alpha"}, (400, "agent_create_failed", None)),
        ({"agent_slug": "Rest ALPHA"}, (400, "agent_create_failed", None)),
        ({"agent_slug": "s" * 201}, (400, "agent_create_failed", None)),
        ({"agent_slug": "long-name", "agent_name": "n" * 201}, (400, "agent_create_failed", None)),
    ],
)
def test_what_cannot_be_an_agent_is_refused(
    doors: Doors, alpha: int, body: dict[str, Any], refusal: tuple[int, str, str | None]
) -> None:
    status, code, message = doors.same("POST", "/agents", "admin", body=body).refusal
    assert (status, code, refusal[2] and message) == refusal
    assert doors.runtime.get(AgentsService).find("long-name") is None


def test_a_taken_slug_names_the_agent_that_has_it(doors: Doors, alpha: int) -> None:
    reply = doors.same("POST", "/agents", "admin", body={"agent_slug": "rest-alpha"})
    assert reply.json["message"] == f'Agent with slug "rest-alpha" already exists (ID: {alpha}).'
    assert reply.json["data"] == {"status": 400, "ability_error_code": "agent_slug_conflict"}


def test_broken_json_is_said_to_be_broken(doors: Doors, alpha: int) -> None:
    for path in ("/agents", f"/agents/{alpha}"):
        refusal = doors.same("POST", path, "admin", raw=b'{"agent_slug": "x"').refusal
        assert refusal == (400, "rest_invalid_json", "Invalid JSON body passed.")


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("application/json", b"\xff\xfe"),
        ("application/json", b"[]"),
        ("application/json", b'"text"'),
        ("application/json", b"null"),
        ("application/json", b'{"agent_slug": "\\ud800"}'),
        ("application/json", b'{"agent_slug": "\\u0000"}'),
        ("application/json", b'{"agent_slug": {"a": "b"}}'),
        ("application/json", b'{"agent_slug": true}'),
        ("application/json", b'{"agent_slug": "x", "config": ' + b"[" * 600 + b"]" * 600 + b"}"),
        ("application/json", b'{"agent_slug": "x", "agent_name": ["a"]}'),
        ("text/plain", b'{"agent_slug": "x"}'),
        (FORM, b"agent_slug=%00"),
        (FORM, b"agent_slug[]=x"),
        (FORM, b"agent_slug=%ff%fe"),
        (FORM, b"agent_slug=x&config=text"),
    ],
)
def test_no_body_is_our_defect(doors: Doors, alpha: int, kind: str, raw: bytes) -> None:
    for method, path in (
        ("POST", "/agents"),
        ("PATCH", f"/agents/{alpha}"),
        ("POST", f"/agents/{alpha}/access"),
    ):
        reply = doors.same(method, path, "admin", raw=raw, kind=kind)
        assert reply.status == 400, reply
        assert reply.json["data"]["status"] == 400
    assert doors.runtime.get(AgentsService).find("x") is None


@DOORS
def test_a_large_configuration_comes_back_whole(doors: Doors, door: str) -> None:
    agent_id = doors.agent(unique("large"))
    config = {"text": "é/" * 400_000, "list": list(range(1000))}
    stored = doors.ask(door, "PATCH", f"/agents/{agent_id}", "admin", body={"agent_config": config})
    assert stored.json["data"]["agent_config"] == config
    assert doors.same("GET", f"/agents/{agent_id}", "admin").json["data"]["agent_config"] == config


def test_creating_needs_a_right(doors: Doors) -> None:
    body = {"agent_slug": "never-made"}
    assert doors.same("POST", "/agents", None, body=body).refusal == STRANGER
    assert doors.same("POST", "/agents", "nobody", body=body).refusal == FORBIDDEN
    assert doors.runtime.get(AgentsService).find("never-made") is None


# One agent


def test_me_is_the_first_agent_one_owns(doors: Doors, alpha: int, beta: int) -> None:
    reply = doors.same("GET", "/agents/me", "landlord")
    assert list(reply.json["data"].items()) == [
        ("agent_id", beta),
        ("agent_slug", "rest-beta"),
        ("agent_name", "Rest-Beta"),
        ("owner_id", doors.people["landlord"].id),
        ("site_url", doors.site.url),
        ("site_name", "Data Machine"),
    ]
    assert doors.same("GET", "/agents/me", "keeper").refusal == (
        404,
        "no_agent",
        "No agent found for this user.",
    )
    assert doors.same("GET", "/agents/me", None).refusal == STRANGER


def test_an_agent_is_shown_with_its_grants(doors: Doors, alpha: int) -> None:
    reply = doors.same("GET", f"/agents/{alpha}", "admin")
    data = reply.json["data"]
    assert list(data) == [
        "agent_id", "agent_slug", "agent_name", "owner_id", "agent_config", "created_at", "updated_at",
        "agent_dir", "has_files", "access",
    ]  # fmt: skip
    assert data["agent_config"] == {"description": "hi é/"}
    [grant] = data["access"]
    assert list(grant) == ["id", "agent_id", "user_id", "role", "granted_at"]
    assert all(isinstance(value, str) for value in grant.values())
    assert (grant["agent_id"], grant["role"]) == (str(alpha), "admin")


def test_an_empty_configuration_is_an_empty_array(doors: Doors, beta: int) -> None:
    assert b'"agent_config":[]' in doors.same("GET", f"/agents/{beta}", "admin").body


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_update_answers_what_showing_answers(doors: Doors, method: str) -> None:
    agent_id = doors.agent(unique("update"), description="old", kept="no")
    path = f"/agents/{agent_id}"
    named = doors.ask("wordpress", method, path, "admin", body={"agent_name": f"By {method} & <i>x</i>"})
    assert named.json["data"]["agent_name"] == f"By {method} &amp; x" or named.json["data"]["agent_name"] == (
        f"By {method} & x"
    )
    assert named.json["data"]["agent_config"] == {"description": "old", "kept": "no"}
    # The whole configuration is replaced.
    replaced = doors.ask("sidecar", method, path, "admin", body={"agent_config": {"a": {"b": [1, 2.5]}}})
    assert replaced.json["data"]["agent_config"] == {"a": {"b": [1, 2.5]}}
    assert replaced.body == doors.same("GET", path, "admin").body
    emptied = doors.ask("wordpress", method, path, "admin", body={"agent_config": {}})
    assert b'"agent_config":[]' in emptied.body
    # Slug and owner are not what this changes.
    body = {"agent_slug": "other", "owner_id": 7, "agent_name": "Same"}
    for door in ("wordpress", "sidecar"):
        other = doors.ask(door, method, path, "admin", body=body).json["data"]
        assert other["owner_id"] == doors.people["admin"].id
        assert other["agent_slug"].startswith("update-")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "agent_update_failed", "No fields to update. Provide agent_name or agent_config.")),
        (
            {"other": 1},
            (400, "agent_update_failed", "No fields to update. Provide agent_name or agent_config."),
        ),
        ({"agent_name": ""}, (400, "agent_update_failed", "Agent name cannot be empty.")),
        ({"agent_name": None}, (400, "agent_update_failed", "Agent name cannot be empty.")),
        ({"agent_name": "<b></b>"}, (400, "agent_update_failed", "Agent name cannot be empty.")),
        ({"agent_name": 5}, (400, "rest_invalid_param", "Invalid parameter(s): agent_name")),
        ({"agent_config": "text"}, (400, "rest_invalid_param", "Invalid parameter(s): agent_config")),
        ({"agent_name": "n" * 201}, (400, "agent_update_failed", None)),
    ],
)
def test_what_cannot_be_an_update_is_refused(
    doors: Doors, alpha: int, body: dict[str, Any], refusal: tuple[int, str, str | None]
) -> None:
    status, code, message = doors.same("PATCH", f"/agents/{alpha}", "admin", body=body).refusal
    assert (status, code, refusal[2] and message) == refusal
    assert doors.runtime.get(AgentsService).get(alpha).agent_name == "Rest-Alpha"


def test_an_update_is_read_from_json_alone(doors: Doors, alpha: int) -> None:
    for sent in ({"form": {"agent_name": "Formed"}}, {}):
        refusal = doors.same("PATCH", f"/agents/{alpha}?agent_name=Queried", "admin", **sent).refusal
        assert refusal[:2] == (400, "agent_update_failed")
    assert doors.runtime.get(AgentsService).get(alpha).agent_name == "Rest-Alpha"


@DOORS
@pytest.mark.parametrize(("query", "removed"), [("", False), ("?delete_files=true", True)])
def test_deleting_says_what_went(doors: Doors, door: str, query: str, removed: bool) -> None:
    slug = unique("gone")
    agent_id = doors.agent(slug)
    path = doors.runtime.get(AgentsService).show(Principal.command_line(), agent_id).agent_dir
    listing = f"echo is_dir( '{path}' ) ? 'yes' : 'no';"
    assert doors.site.wp("eval", listing).stdout == "yes"
    reply = doors.ask(door, "DELETE", f"/agents/{agent_id}{query}", "admin")
    tail = " Files removed." if removed else ""
    assert list(reply.json["data"].items()) == [
        ("success", True),
        ("agent_id", agent_id),
        ("agent_slug", slug),
        ("files_deleted", removed),
        ("message", f'Agent "{slug}" (ID: {agent_id}) deleted.{tail}'),
    ]
    assert doors.site.wp("eval", listing).stdout == ("no" if removed else "yes")
    again = doors.same("DELETE", f"/agents/{agent_id}", "admin")
    assert again.refusal == (404, "agent_delete_failed", "Agent not found.")


def test_deleting_takes_a_boolean(doors: Doors, alpha: int) -> None:
    refusal = doors.same("DELETE", f"/agents/{alpha}?delete_files=perhaps", "admin").refusal
    assert refusal == (400, "rest_invalid_param", "Invalid parameter(s): delete_files")


@pytest.mark.parametrize("agent_id", ["0", "999999", "18446744073709551616", HUGE])
def test_ids_that_nobody_has_are_not_found(doors: Doors, agent_id: str) -> None:
    path = f"/agents/{agent_id}"
    assert doors.same("GET", path, "admin").refusal == (404, "agent_not_found", "Agent not found.")
    status, code, message = doors.same("PATCH", path, "admin", body={"agent_name": "x"}).refusal
    assert (status, code) == (404, "agent_update_failed")
    assert message.startswith("Agent ID ")
    assert doors.same("DELETE", path, "admin").refusal == (404, "agent_delete_failed", "Agent not found.")
    for method, tail, body in (
        ("GET", "/access", None),
        ("POST", "/access", {"user_id": 1}),
        ("DELETE", "/access/1", None),
    ):
        refusal = doors.same(method, path + tail, "admin", body=body).refusal
        assert refusal == (404, "agent_not_found", "Agent not found.")


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "", {}),
    ("PATCH", "", {"body": {"agent_name": "Taken over"}}),
    ("DELETE", "", {}),
    ("GET", "/access", {}),
    ("POST", "/access", {"body": {"user_id": 1, "role": "viewer"}}),
    ("DELETE", "/access/1", {}),
]


@pytest.mark.parametrize(("method", "tail", "sent"), REQUESTS)
def test_each_route_asks_for_the_right_and_for_the_role(
    doors: Doors, alpha: int, method: str, tail: str, sent: dict[str, Any]
) -> None:
    path = f"/agents/{alpha}{tail}"
    before = doors.same("GET", f"/agents/{alpha}", "admin").body
    assert doors.same(method, path, None, **sent).refusal == STRANGER
    # `reader` lacks the capability, `keeper` has it and no role on this agent.
    for who in ("reader", "runner", "keeper"):
        assert doors.same(method, path, who, **sent).refusal == FORBIDDEN
    assert doors.same("GET", f"/agents/{alpha}", "admin").body == before


def test_roles_open_what_they_say(doors: Doors, beta: int) -> None:
    access = doors.runtime.get(AccessService)
    keeper = doors.people["keeper"].id
    path = f"/agents/{beta}"
    try:
        for role in ("viewer", "operator"):
            access.grant(Principal.command_line(), beta, keeper, role)
            assert doors.same("GET", path, "keeper").status == 200
            for method, tail, sent in REQUESTS[1:]:
                assert doors.same(method, path + tail, "keeper", **sent).refusal == FORBIDDEN
        access.grant(Principal.command_line(), beta, keeper, "admin")
        assert doors.same("PATCH", path, "keeper", body={"agent_config": {}}).status == 200
        assert doors.same("GET", path + "/access", "keeper").status == 200
    finally:
        access.revoke(Principal.command_line(), beta, keeper)
    assert doors.same("GET", path, "keeper").refusal == FORBIDDEN
    # The owner needs no grant, only the capability.
    assert doors.same("GET", path, "landlord").status == 200
