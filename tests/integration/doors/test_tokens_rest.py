"""``/agents/{agent_id}/tokens`` through both doors, by people and by the tokens themselves."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sidecar import settings
from sidecar.identity import AccessService, Principal
from sidecar.identity.token_service import TokensService
from tests.integration.conversations.client import Client, Reply
from tests.integration.doors.agents import Doors

CLI = Principal.command_line()
DOORS = pytest.mark.parametrize("door", ["wordpress", "sidecar"])
FORBIDDEN = (403, "rest_forbidden", "Sorry, you are not allowed to do that.")
HUGE = "9" * 30


@pytest.fixture(scope="module")
def mine(doors: Doors) -> int:
    """An agent of somebody with ``manage_agents`` who is no administrator."""
    return doors.agent("tokens-mine", "owner")


@pytest.fixture(scope="module")
def theirs(doors: Doors) -> int:
    """Another agent of the same owner."""
    return doors.agent("tokens-theirs", "owner")


@pytest.fixture(autouse=True)
def _forgiven(doors: Doors) -> None:
    """Failed attempts of other tests do not count here."""
    with doors.runtime.db.session() as session:
        session.execute(f"DELETE FROM {doors.runtime.db.tables().bridge_attempts}")


def path(agent_id: int, tail: str = "") -> str:
    return f"/agents/{agent_id}/tokens{tail}"


def knock(doors: Doors, door: str, token: str) -> Client:
    """A program with a token at one of the doors."""
    if door == "wordpress":
        return Client(f"{doors.site.url}/wp-json", token)
    return Client(settings.load(str(doors.site.config)).site(None).http, token)


def at_both(doors: Doors, token: str, route: str) -> list[int]:
    return [knock(doors, door, token).get(route).status for door in ("wordpress", "sidecar")]


def mint(doors: Doors, agent_id: int, **options: Any) -> str:
    return doors.runtime.get(TokensService).create(CLI, agent_id, **options).raw


def listed(doors: Doors, agent_id: int) -> dict[str, dict[str, Any]]:
    """The agent's tokens by label, as its owner reads them at both doors."""
    rows = doors.same("GET", path(agent_id), "owner").json["tokens"]
    return {row["label"]: row for row in rows}


# People


@DOORS
def test_a_token_is_made_shown_and_taken_back(doors: Doors, mine: int, door: str) -> None:
    label = f"ci {uuid.uuid4().hex}"
    made = doors.ask(
        door,
        "POST",
        path(mine),
        "owner",
        body={"label": label, "capabilities": ["datamachine_chat"], "expires_in": 3600},
    )
    assert made.status == 200
    raw = made.json["raw_token"]
    assert re.fullmatch(r"datamachine_tokens-mine_[0-9a-f]{64}", raw)
    assert list(made.json.items()) == [
        ("success", True),
        ("token_id", made.json["token_id"]),
        ("raw_token", raw),
        ("token_prefix", "datamachine_"),
        ("message", "Token created. Save it now — it cannot be retrieved again."),
    ]
    row = listed(doors, mine)[label]
    now = datetime.now(UTC).replace(tzinfo=None)
    end = datetime.fromisoformat(row["expires_at"])
    assert now + timedelta(minutes=59) < end <= now + timedelta(minutes=60)
    assert list(row.items()) == [
        ("token_id", str(made.json["token_id"])),
        ("agent_id", str(mine)),
        ("token_prefix", "datamachine_"),
        ("label", label),
        ("capabilities", ["datamachine_chat"]),
        ("last_used_at", None),
        ("expires_at", row["expires_at"]),
        ("created_at", row["created_at"]),
    ]
    assert at_both(doors, raw, "/agents/me") == [200, 200]
    assert listed(doors, mine)[label]["last_used_at"] is not None
    gone = doors.ask(door, "DELETE", path(mine, f"/{made.json['token_id']}"), "owner")
    assert (gone.status, gone.json) == (200, {"success": True, "message": "Token revoked successfully"})
    assert at_both(doors, raw, "/agents/me") == [401, 401]
    assert label not in listed(doors, mine)
    again = doors.same("DELETE", path(mine, f"/{made.json['token_id']}"), "owner")
    assert again.refusal == (
        404,
        "revoke_token_failed",
        "Token not found or does not belong to this agent",
    )


@DOORS
@pytest.mark.parametrize(
    ("body", "limit_and_end"),
    [
        ({}, (None, False)),
        ({"capabilities": None, "expires_in": None}, (None, False)),
        ({"capabilities": [], "expires_in": 0}, ([], False)),
        ({"capabilities": "", "expires_in": -5}, ([], False)),
        ({"capabilities": "datamachine_chat,read", "expires_in": "60"}, (["datamachine_chat", "read"], True)),
        ({"capabilities": ["never heard of", "a", "a"]}, (["never heard of", "a"], False)),
    ],
)
def test_limits_and_ends_as_they_are_asked_for(
    doors: Doors, mine: int, door: str, body: dict[str, Any], limit_and_end: tuple[Any, bool]
) -> None:
    label = uuid.uuid4().hex
    made = doors.ask(door, "POST", path(mine), "owner", body={"label": label, **body})
    assert made.status == 200, made.body
    row = listed(doors, mine)[label]
    assert (row["capabilities"], row["expires_at"] is not None) == limit_and_end


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"capabilities": "x" * 201}, "create_token_failed"),
        ({"capabilities": [""]}, "create_token_failed"),
        ({"capabilities": [str(number) * 20 for number in range(4000)]}, "create_token_failed"),
        ({"label": "x" * 201}, "create_token_failed"),
        ({"expires_in": 10**15}, "create_token_failed"),
        ({"capabilities": [5]}, "rest_invalid_param"),
        ({"capabilities": {"capabilities": []}}, "rest_invalid_param"),
        ({"label": ["x"]}, "rest_invalid_param"),
        ({"label": None}, "rest_invalid_param"),
        ({"expires_in": "soon"}, "rest_invalid_param"),
    ],
)
def test_what_no_token_can_be_is_refused(doors: Doors, mine: int, body: dict[str, Any], code: str) -> None:
    before = len(listed(doors, mine))
    status, found, _ = doors.same("POST", path(mine), "owner", body=body).refusal
    assert (status, found) == (400, code)
    assert len(listed(doors, mine)) == before


@pytest.mark.parametrize("agent_id", ["0", "999999", "18446744073709551616", HUGE])
def test_agents_that_are_not_there(doors: Doors, agent_id: str) -> None:
    for method, tail, code in (
        ("GET", "", "list_tokens_failed"),
        ("POST", "", "create_token_failed"),
        ("DELETE", "/1", "revoke_token_failed"),
    ):
        refusal = doors.same(method, f"/agents/{agent_id}/tokens{tail}", "admin").refusal
        assert refusal == (404, code, "Agent not found.")


@pytest.mark.parametrize("token_id", ["0", "999999", "18446744073709551616", HUGE])
def test_tokens_that_are_not_there(doors: Doors, mine: int, token_id: str) -> None:
    status, code, _ = doors.same("DELETE", path(mine, f"/{token_id}"), "admin").refusal
    assert (status, code) == (404, "revoke_token_failed")


def test_a_token_is_revoked_below_its_own_agent_only(doors: Doors, mine: int, theirs: int) -> None:
    token = doors.runtime.get(TokensService).create(CLI, theirs, label="kept")
    status, code, _ = doors.same("DELETE", path(mine, f"/{token.token.token_id}"), "owner").refusal
    assert (status, code) == (404, "revoke_token_failed")
    assert at_both(doors, token.raw, "/agents/me") == [200, 200]


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (None, (403, 403, 403)),
        ("viewer", (403, 403, 403)),
        ("operator", (200, 403, 403)),
        ("admin", (200, 200, 404)),
    ],
)
def test_roles_on_the_agent_decide(
    doors: Doors, mine: int, role: str | None, statuses: tuple[int, int, int]
) -> None:
    people, keeper = doors.runtime.get(AccessService), doors.people["keeper"].id
    if role is not None:
        people.grant(CLI, mine, keeper, role)
    try:
        replies = [
            doors.ask(door, method, path(mine, tail), "keeper")
            for door in ("wordpress", "sidecar")
            for method, tail in (("GET", ""), ("POST", ""), ("DELETE", "/999999"))
        ]
        assert tuple(reply.status for reply in replies) == statuses * 2
        codes = ["list_tokens_failed", "create_token_failed", "revoke_token_failed"] * 2
        for reply, code in zip(replies, codes, strict=True):
            if reply.status == 403:
                assert reply.refusal[1] == code
                assert "access to this agent" in reply.refusal[2]
    finally:
        if role is not None:
            people.revoke(CLI, mine, keeper)


def test_the_kind_of_work_is_asked_first(doors: Doors, mine: int) -> None:
    for method, tail in (("GET", ""), ("POST", ""), ("DELETE", "/1")):
        for who in ("reader", "runner", "nobody"):
            assert doors.same(method, path(mine, tail), who).refusal == FORBIDDEN
        status, code, _ = doors.same(method, path(mine, tail), None).refusal
        assert (status, code) == (401, "rest_forbidden")


# Tokens


@DOORS
def test_a_token_makes_none_for_another_agent(doors: Doors, mine: int, theirs: int, door: str) -> None:
    program = knock(doors, door, mint(doors, mine))
    assert program.post(path(mine), {"label": "same"}).status == 200
    before = len(listed(doors, theirs))
    reply = program.post(path(theirs), {"label": "other"})
    assert reply.refusal == (403, "create_token_failed")
    assert len(listed(doors, theirs)) == before


@DOORS
def test_a_limited_token_makes_no_wider_one(doors: Doors, mine: int, door: str) -> None:
    limit = ["datamachine_manage_agents", "datamachine_chat", "read"]
    end = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S")
    program = knock(doors, door, mint(doors, mine, capabilities=limit, expires_at=end))

    def ask(**body: Any) -> tuple[Reply, dict[str, Any]]:
        label = uuid.uuid4().hex
        reply = program.post(path(mine), {"label": label, **body})
        return reply, listed(doors, mine).get(label, {})

    reply, row = ask()
    assert (reply.status, row["capabilities"], row["expires_at"]) == (200, limit, end)
    reply, row = ask(capabilities=["read"], expires_in=60)
    assert (reply.status, row["capabilities"]) == (200, ["read"])
    assert row["expires_at"] < end
    reply, row = ask(expires_in=10**8)
    assert (reply.status, row["expires_at"]) == (200, end)
    for wider in (["manage_options"], [*limit, "datamachine_manage_flows"]):
        reply, row = ask(capabilities=wider)
        assert (reply.refusal, row) == ((403, "create_token_failed"), {})
    # The new token is what it was said to be.
    child = program.post(path(mine), {"capabilities": ["read"]}).json["raw_token"]
    assert knock(doors, door, child).get("/agents/me").json["data"]["may"] == []
    assert knock(doors, door, child).post(path(mine), {}).refusal == (403, "rest_forbidden")


@DOORS
def test_without_the_capability_in_its_list_a_token_touches_no_tokens(
    doors: Doors, mine: int, door: str
) -> None:
    program = knock(doors, door, mint(doors, mine, capabilities=["datamachine_chat", "manage_options"]))
    assert program.get(path(mine)).refusal == (403, "rest_forbidden")
    assert program.post(path(mine), {}).refusal == (403, "rest_forbidden")
    assert program.ask("DELETE", path(mine, "/1")).refusal == (403, "rest_forbidden")


@DOORS
def test_what_is_secret_is_told_once_and_kept_nowhere(doors: Doors, mine: int, door: str) -> None:
    made = knock(doors, door, mint(doors, mine)).post(path(mine), {"label": "secret"})
    assert "no-store" in made.headers["cache-control"]
    raw = made.json["raw_token"]
    random = raw.rpartition("_")[2]
    shown = doors.same("GET", path(mine), "owner").body.decode()
    assert random not in shown
    assert "hash" not in shown
    with doors.runtime.db.session() as session:
        tables = doors.runtime.db.tables()
        logged = json.dumps([dict(row) for row in session.all(f"SELECT * FROM {tables.logs}")], default=str)
        assert "Agent token created" in logged
        assert random not in logged
    for file in [*doors.site.logs.iterdir(), doors.site.debug_log]:
        if file.is_file():
            assert random.encode() not in file.read_bytes(), file


def test_deleting_an_agent_ends_its_tokens_at_both_doors(doors: Doors) -> None:
    agent_id = doors.agent("tokens-short", "owner")
    raw = mint(doors, agent_id)
    assert at_both(doors, raw, "/agents/me") == [200, 200]
    assert doors.ask("wordpress", "DELETE", f"/agents/{agent_id}", "owner").status == 200
    assert at_both(doors, raw, "/agents/me") == [401, 401]
