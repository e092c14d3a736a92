"""Agents that call each other: what callers say, and where a chain ends."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.integration.bearer.conftest import Lab

PUBLIC = "/bearer/v1/public"


def hop(depth: int | str, **more: str) -> dict[str, str]:
    said = {"Caller-Site": "a.example", "Caller-Agent": "bot", "Chain-Id": "c1", "Chain-Depth": str(depth)}
    return {f"X-Datamachine-{name}": value for name, value in said.items()} | more


@pytest.fixture
def setting(lab: Lab) -> Iterator[None]:
    yield
    lab.instance.wp("option", "delete", "datamachine_settings", check=False)


def test_what_a_caller_says_is_kept(lab: Lab) -> None:
    said = lab.ask(lab.token(), PUBLIC, headers=hop(2)).json()
    assert said["caller"] == {"site": "a.example", "agent": "bot", "chain_id": "c1", "depth": 2}
    assert lab.ask(lab.token(), PUBLIC).json()["caller"] is None, "nobody said anything"
    partly = lab.ask(lab.token(), PUBLIC, headers={"X-Datamachine-Caller-Site": "a.example"}).json()["caller"]
    assert (partly["site"], partly["depth"], len(partly["chain_id"])) == ("a.example", 0, 36)
    assert lab.ask(None, PUBLIC, headers=hop(2)).json()["caller"] is None, "nobody acts"


def test_a_chain_ends_at_the_third_hop(lab: Lab) -> None:
    raw = lab.token()
    refused = lab.ask(raw, PUBLIC, headers=hop(3))
    assert refused.json() == {
        "code": "datamachine_chain_depth_exceeded",
        "message": "A2A chain depth (3) exceeded. Refusing to extend the chain further.",
        "data": {"status": 429, "retry_after": 60, "chain_id": "c1", "chain_depth": 3, "ceiling": 3},
    }
    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert lab.of(raw, "last_used_at IS NOT NULL") == "1", "the token was used"
    assert lab.ask(raw, PUBLIC, headers=hop(2)).status == 200


def test_a_wrong_token_is_told_nothing_of_chains(lab: Lab) -> None:
    assert lab.ask("datamachine_a_1", PUBLIC, headers=hop(9)).status == 401


@pytest.mark.usefixtures("setting")
def test_a_site_says_how_long_a_chain_may_be(lab: Lab) -> None:
    raw = lab.token()
    for setting, allowed, refused in ((5, 4, 5), (1, 0, 1), (99, 9, 10), ("x", 2, 3)):
        settings = json.dumps({"max_chain_depth": setting})
        lab.instance.wp("option", "update", "datamachine_settings", settings, "--format=json")
        assert lab.ask(raw, PUBLIC, headers=hop(allowed)).status == 200
        assert lab.ask(raw, PUBLIC, headers=hop(refused)).status == 429


def test_the_words_of_later_versions_count_too(lab: Lab) -> None:
    later = {"X-Agents-Api-Chain-Depth": "3", "X-Agents-Api-Chain-Root": "r"}
    assert lab.ask(lab.token(), PUBLIC, headers=later).status == 429
    assert lab.ask(lab.token(), PUBLIC, headers=hop(1, **later)).status == 429
