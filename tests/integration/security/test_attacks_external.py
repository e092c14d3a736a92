"""Attempts to plant, take or read the tokens that other sites have given us."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest

from tests.integration.security.browser import browse
from tests.integration.security.lab import Lab

pytestmark = pytest.mark.usefixtures("unharmed")

BACK = "/wp-json/datamachine/v1/agent/auth/callback"


def connections(lab: Lab) -> list[dict[str, Any]]:
    return lab.rows("SELECT option_value FROM {options} WHERE option_name = 'datamachine_external_tokens'")


@pytest.mark.parametrize("who", ["visitor", "nobody", "mallory", "chief"])
def test_nobody_plants_a_token_of_another_site(lab: Lab, who: str) -> None:
    """Neither without a state, nor with an invented one, nor by saying where one comes from."""
    before = connections(lab)
    planted = {"token": "datamachine_bot_" + "a" * 64, "agent_slug": "bot", "agent_id": "1"}
    for state in ({}, {"state": ""}, {"state": "x"}, {"state": secrets.token_urlsafe(32)}):
        for headers in ({}, {"Referer": "https://bank.example/"}, {"Origin": "https://bank.example"}):
            for given in (planted, {"code": "0" * 64}):
                seen = browse(lab, "GET", {**given, **state}, who, path=BACK, headers=headers)
                assert seen.status in (302, 400, 401, 403), (who, state)
                assert planted["token"] not in seen.location
    assert connections(lab) == before


def test_a_state_is_its_administrators_and_works_once(lab: Lab) -> None:
    token, before = "datamachine_bot_" + "b" * 64, connections(lab)
    line = ("external", "connect", "remote.example", "bot", "--user=chief")
    said = lab.instance.wp("datamachine", *line).stdout
    found = re.search(r"[?&]state=([A-Za-z0-9_-]+)", said)
    assert found is not None, said
    given = {"token": token, "agent_slug": "bot", "agent_id": "1", "state": found[1]}
    for who in ("visitor", "mallory"):
        assert browse(lab, "GET", given, who, path=BACK).status in (401, 403), who
    assert connections(lab) == before
    assert browse(lab, "GET", given, "chief", path=BACK).status == 200
    assert browse(lab, "GET", given, "chief", path=BACK).status == 400, "a second time"
    stored = str(connections(lab))
    assert "remote.example/bot" in stored
    assert token not in stored
    assert "dm:enc:v1:" in stored
    path = "/wp-json/datamachine/v1/agent/auth/tokens"
    for address in (path, f"/?rest_route={path.removeprefix('/wp-json')}/remote.example/bot"):
        shown = lab.answer("chief", "GET", address)
        assert shown.status == 200
        assert token not in shown.text
        assert lab.answer("mallory", "GET", address).status == 403
        assert (
            lab.answer(lab.key(["datamachine_manage_agents"], agent="chiefs"), "GET", address).status == 403
        )
    lab.instance.wp("datamachine", "external", "remove", "remote.example/bot", "--yes")
