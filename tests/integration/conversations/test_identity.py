"""Who a token is, what it may do, and where its agent's memory is."""

from __future__ import annotations

from pathlib import Path

from tests.integration.conversations.client import Client
from tests.integration.conversations.conftest import SLUG, Roadie


def test_nobody_is_nobody(client: Client) -> None:
    assert client.get("/bridge/identity").refusal == (401, "rest_forbidden")
    assert client.get("/agents/me").refusal == (401, "rest_forbidden")


def test_a_token_says_who_it_is(client: Client, roadie: Roadie) -> None:
    minted = roadie.token()
    reply = client.with_token(minted.raw).get("/bridge/identity")
    data = {
        "agent_id": roadie.agent.agent_id,
        "token_id": minted.token.token_id,
        "agent_slug": SLUG,
        "agent_name": "Roadie",
        "status": "active",
        "site_url": roadie.site.url,
        "site_name": "Data Machine",
        "site_host": "127.0.0.1",
    }
    assert (reply.status, reply.json) == (200, {"success": True, "data": data, **data})
    assert list(reply.json) == ["success", "data", *data]


def test_chains_end(client: Client, roadie: Roadie) -> None:
    token = roadie.token().raw
    near = client.with_token(token, X_Datamachine_Chain_Depth="2", X_Datamachine_Chain_Id="abc")
    assert near.get("/bridge/identity").status == 200
    far = client.with_token(token, X_Datamachine_Chain_Depth="3", X_Datamachine_Chain_Id="abc")
    reply = far.get("/bridge/identity")
    assert reply.refusal == (429, "datamachine_chain_depth_exceeded")
    told = {name: reply.json["data"][name] for name in ("retry_after", "chain_id", "chain_depth", "ceiling")}
    assert told == {"retry_after": 60, "chain_id": "abc", "chain_depth": 3, "ceiling": 3}


def test_an_ended_token_and_another_spelling(client: Client, roadie: Roadie) -> None:
    ended = roadie.token(expires_at="2026-01-01 00:00:00").raw
    reply = client.with_token(ended).get("/bridge/identity")
    assert reply.refusal == (401, "datamachine_invalid_token")
    lower = client.with_token("", Authorization=f"bearer {roadie.token().raw}")
    assert lower.get("/bridge/identity").refusal == (401, "rest_forbidden")


def test_a_limited_token_knows_itself_and_nothing_else(client: Client, roadie: Roadie) -> None:
    minted = roadie.token(capabilities=["datamachine_view_logs"])
    limited = client.with_token(minted.raw)
    assert limited.get("/bridge/identity").json["token_id"] == minted.token.token_id
    for path in ("/jobs", f"/agents/{roadie.agent.agent_id}", f"/agents/{roadie.agent.agent_id}/tokens"):
        assert limited.get(path).refusal == (403, "rest_forbidden")


def test_me_tells_what_a_runtime_needs(client: Client, roadie: Roadie) -> None:
    minted = roadie.token(
        label="kimaki",
        capabilities=["datamachine_chat", "datamachine_manage_flows"],
        expires_at="2037-01-02 03:04:05",
    )
    reply = client.with_token(minted.raw).get("/agents/me")
    assert reply.status == 200
    data = reply.json["data"]
    memory = data.pop("memory")
    assert list(data.items()) == [
        ("agent_id", roadie.agent.agent_id),
        ("agent_slug", SLUG),
        ("agent_name", "Roadie"),
        ("owner_id", roadie.owner_id),
        ("site_url", roadie.site.url),
        ("site_name", "Data Machine"),
        (
            "token",
            {
                "id": minted.token.token_id,
                "label": "kimaki",
                "expires_at": "2037-01-02 03:04:05",
                "capabilities": ["datamachine_chat", "datamachine_manage_flows"],
            },
        ),
        # Its owner is a subscriber: a token gives nothing that its owner does not have.
        ("may", ["chat"]),
    ]
    root = Path(roadie.site.path)
    assert memory["directory"] == str(root / memory["relative"])
    assert memory["relative"] == f"wp-content/uploads/datamachine-files/agents/{SLUG}"
    assert {f"{memory['relative']}/SOUL.md", f"{memory['relative']}/MEMORY.md"} <= set(memory["files"])
    assert all((root / name).is_file() for name in memory["files"])
    assert minted.raw not in reply.body.decode()


def test_a_token_that_is_revoked_is_nobody_at_once(client: Client, roadie: Roadie) -> None:
    minted = roadie.token()
    known = client.with_token(minted.raw)
    assert known.get("/bridge/identity").status == 200
    roadie.execute("DELETE FROM {tokens} WHERE token_id = :id", id=minted.token.token_id)
    assert known.get("/bridge/identity").refusal == (401, "datamachine_invalid_token")
