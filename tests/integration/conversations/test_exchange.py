"""A code becomes a token: once, in time, for whoever has the verifier."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sidecar.identity import AccessService, Principal
from tests.integration.conversations.client import Client, Proof, Reply
from tests.integration.conversations.conftest import BACK, SLUG, Roadie

PATHS = pytest.mark.parametrize("path", ["/bridge/token", "/agent/token"])
UNKNOWN = "0" * 64


def exchange(client: Client, code: str, proof: Proof, path: str = "/agent/token", **changed: Any) -> Reply:
    body = {"code": code, "code_verifier": proof.verifier, "redirect_uri": BACK}
    return client.post(path, body | changed)


def of(roadie: Roadie, code: str) -> int:
    """How many rows a code has."""
    return len(roadie.execute("SELECT 1 FROM {codes} WHERE code_hash = SHA2(:code, 256)", code=code))


@PATHS
def test_the_whole_way_from_a_code_to_an_answer(client: Client, roadie: Roadie, path: str) -> None:
    proof = Proof.new()
    code = roadie.approve(proof)
    assert exchange(client, code, proof, path, code_verifier="wrong").refusal == (400, "pkce_failed")
    other = Proof.new().verifier
    assert exchange(client, code, proof, path, code_verifier=other).refusal == (400, "pkce_failed")
    moved = exchange(client, code, proof, path, redirect_uri=BACK + "/x")
    assert moved.refusal == (400, "redirect_mismatch")
    reply = exchange(client, code, proof, path)
    assert reply.status == 200
    found = reply.json
    assert found["access_token"].startswith(f"datamachine_{SLUG}_")
    assert list(found.items()) == [
        ("success", True),
        ("access_token", found["access_token"]),
        ("token_type", "Bearer"),
        ("token_id", found["token_id"]),
        ("token_label", "beeper-roadie"),
        ("agent_id", roadie.agent.agent_id),
        ("agent_slug", SLUG),
        ("agent_name", "Roadie"),
        ("site_url", roadie.site.url),
        ("site_host", "127.0.0.1"),
    ]
    assert "no-store" in reply.headers["cache-control"]
    assert exchange(client, code, proof, path).refusal == (400, "invalid_code")
    known = client.with_token(found["access_token"]).get("/bridge/identity")
    assert (known.status, known.json["token_id"]) == (200, found["token_id"])


@PATHS
def test_what_is_missing_is_named(client: Client, path: str) -> None:
    reply = client.post(path, {"code": "x"})
    assert reply.refusal == (400, "rest_missing_callback_param")
    assert reply.json["data"]["params"] == ["code_verifier", "redirect_uri"]


@pytest.mark.parametrize("code", ["", "x", UNKNOWN, "é" * 64, "' OR 1=1 -- ", "x" * 100_000])
def test_codes_nobody_issued(client: Client, code: str) -> None:
    assert exchange(client, code, Proof.new()).refusal == (400, "invalid_code")


def test_a_code_is_not_stored_and_its_upper_case_is_another(client: Client, roadie: Roadie) -> None:
    proof = Proof.new()
    code = roadie.approve(proof)
    (row,) = roadie.execute("SELECT * FROM {codes} WHERE code_hash = SHA2(:code, 256)", code=code).all()
    assert len(code) == 64
    assert code not in repr(row)
    assert exchange(client, code.upper(), proof).refusal == (400, "invalid_code")
    # The hash opens nothing either.
    assert exchange(client, row["code_hash"], proof).refusal == (400, "invalid_code")
    assert exchange(client, code, proof).status == 200
    lifetime = roadie.execute(
        "SELECT TIMESTAMPDIFF(SECOND, :a, :b)", a=row["created_at"], b=row["expires_at"]
    )
    assert lifetime.scalar() == 600


def test_a_code_ends(client: Client, roadie: Roadie) -> None:
    proof = Proof.new()
    code = roadie.approve(proof)
    roadie.execute(
        "UPDATE {codes} SET expires_at = UTC_TIMESTAMP() WHERE code_hash = SHA2(:code, 256)", code=code
    )
    assert exchange(client, code, proof).refusal == (400, "expired_code")
    assert of(roadie, code) == 0
    assert exchange(client, code, proof).refusal == (400, "invalid_code")


def test_fifty_at_once_get_one_token(client: Client, roadie: Roadie) -> None:
    proof = Proof.new()
    code = roadie.approve(proof, label="race")
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda _: exchange(client, code, proof), range(50)))
    won = [reply for reply in replies if reply.status == 200]
    assert len(won) == 1
    assert {reply.refusal for reply in replies if reply.status != 200} == {(400, "invalid_code")}
    made = roadie.execute("SELECT token_id FROM {tokens} WHERE label = 'race'").column()
    assert made == [won[0].json["token_id"]]
    roadie.execute("DELETE FROM {tokens} WHERE label = 'race'")


def test_the_token_may_do_what_was_agreed_to(client: Client, roadie: Roadie) -> None:
    proof = Proof.new()
    asked = {
        "scope": "read_only",
        "label": "Read only",
        "ability_categories": ["datamachine-agent"],
        "ability_allow": [],
        "ability_deny": [],
        "capabilities": ["read", "datamachine_chat"],
    }
    for capabilities in (["datamachine_chat"], [], None, asked):
        code = roadie.approve(proof, capabilities=capabilities, label="scoped")
        token = exchange(client, code, proof).json["access_token"]
        me = client.with_token(token).get("/agents/me").json["data"]
        assert me["token"]["capabilities"] == capabilities
        expected = ["chat", "create_own_agent"] if capabilities is None else ["chat"] if capabilities else []
        assert me["may"] == expected
    roadie.execute("DELETE FROM {tokens} WHERE label = 'scoped'")


def test_who_may_not_any_more_has_approved_nothing(client: Client, roadie: Roadie) -> None:
    made = roadie.site.wp("user", "create", "talk-keeper", "talk-keeper@example.org", "--porcelain")
    keeper = int(made.stdout)
    try:
        people, operator = roadie.runtime.get(AccessService), Principal.command_line()
        people.grant(operator, roadie.agent.agent_id, keeper, "admin")
        proof = Proof.new()
        code, other = (roadie.approve(proof, user_id=keeper) for _ in range(2))
        assert exchange(client, code, proof).status == 200
        people.revoke(operator, roadie.agent.agent_id, keeper)
        assert exchange(client, other, proof).refusal == (403, "access_denied")
        assert of(roadie, other) == 0
    finally:
        roadie.site.wp("user", "delete", "talk-keeper", "--yes")


def test_the_token_of_somebody_granted_is_bounded_by_what_he_holds(client: Client, roadie: Roadie) -> None:
    made = roadie.site.wp(
        "user", "create", "talk-guest", "talk-guest@example.org", "--role=subscriber", "--porcelain"
    )
    guest = int(made.stdout)
    try:
        people = roadie.runtime.get(AccessService)
        people.grant(Principal.command_line(), roadie.agent.agent_id, guest, "admin")
        proof = Proof.new()
        token = exchange(client, roadie.approve(proof, user_id=guest), proof).json["access_token"]
        limit = client.with_token(token).get("/agents/me").json["data"]["token"]["capabilities"]
        assert {"read", "datamachine_chat", "datamachine_create_own_agent"} <= set(limit)
        assert not {"manage_options", "datamachine_manage_agents"} & set(limit)
        # A scope that names more is narrowed.
        code = roadie.approve(proof, user_id=guest, capabilities=["read", "manage_options"])
        token = exchange(client, code, proof).json["access_token"]
        me = client.with_token(token).get("/agents/me").json["data"]
        assert me["token"]["capabilities"] == ["read"]
    finally:
        roadie.site.wp("user", "delete", "talk-guest", "--yes")


def test_codes_end_with_the_agent(client: Client, roadie: Roadie) -> None:
    proof = Proof.new()
    code = roadie.approve(proof)
    roadie.execute("UPDATE {codes} SET agent_id = 99999999 WHERE code_hash = SHA2(:code, 256)", code=code)
    assert exchange(client, code, proof).refusal == (404, "agent_not_found")
    assert of(roadie, code) == 0


def test_old_codes_go_when_new_ones_come(roadie: Roadie) -> None:
    proof = Proof.new()
    old, late = roadie.approve(proof), roadie.approve(proof)
    for code, age in ((old, 90_000), (late, 3_600)):
        roadie.execute(
            "UPDATE {codes} SET expires_at = DATE_SUB(UTC_TIMESTAMP(), INTERVAL :age SECOND) "
            "WHERE code_hash = SHA2(:code, 256)",
            age=age,
            code=code,
        )
    new = roadie.approve(proof)
    assert [of(roadie, code) for code in (old, late, new)] == [0, 1, 1]
