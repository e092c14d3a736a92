"""From a site's address to an acting agent, as a chat program and somebody with a browser do it."""

from __future__ import annotations

import html
import re
import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from dev.instance import Instance
from tests.integration.conversations.client import Client, Proof
from tests.integration.conversations.conftest import BACK, SLUG, Roadie

PASSWORD = "correct horse battery staple"
TIMEOUT = 60


@pytest.fixture
def signed_out(roadie: Roadie) -> requests.Session:
    """The browser of the agent's owner, who knows the password."""
    roadie.site.wp("user", "update", str(roadie.owner_id), f"--user_pass={PASSWORD}", "--skip-email")
    return requests.Session()


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=[\"']hidden[\"'][^>]*>", page):
        given = dict(re.findall(r"(\w+)=[\"']([^\"']*)[\"']", tag))
        found[given["name"]] = html.unescape(given.get("value", ""))
    return found


@pytest.mark.parametrize("action", ["authorize", "deny"])
def test_somebody_logs_in_and_a_program_becomes_the_agent(
    site: Instance, roadie: Roadie, signed_out: requests.Session, action: str
) -> None:
    # The program knows the site's address and the agent's name.
    program = Client(f"{site.url}/wp-json")
    known = program.get(f"/bridge/onboarding?agent_slug={SLUG}").json["data"]
    proof, state = Proof.new(), secrets.token_urlsafe(24)
    asked = {
        "agent_slug": known["agent"]["agent_slug"],
        "redirect_uri": BACK,
        "label": "beeper-roadie",
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
        "state": state,
    }

    # The browser is sent there, logs in, and comes back to the same question.
    login = signed_out.get(known["authorize_url"], params=asked, timeout=TIMEOUT)
    assert urlsplit(login.url).path == "/wp-login.php"
    answers = fields(login.text) | {"log": "talk-owner", "pwd": PASSWORD, "wp-submit": "Log In"}
    page = signed_out.post(f"{site.url}/wp-login.php", data=answers, timeout=TIMEOUT)
    assert page.status_code == 200
    assert "Roadie" in page.text
    hidden = fields(page.text)
    assert {name: hidden[name] for name in asked} == asked
    answer = signed_out.post(
        known["authorize_url"], data=hidden | {"action": action}, allow_redirects=False, timeout=TIMEOUT
    )
    assert answer.status_code == 302
    back, _, query = answer.headers["Location"].partition("?")
    told = dict(parse_qsl(query, strict_parsing=True))
    assert told.pop("iss") == site.url
    assert (back, told["state"]) == (BACK, state)
    if action == "deny":
        assert told == {"error": "access_denied", "state": state}
        return
    assert set(told) == {"code", "state"}

    # The program heard a code at its own address, and has the verifier.
    body = {"code": told["code"], "code_verifier": proof.verifier, "redirect_uri": BACK}
    found = program.post("/bridge/token", body).json
    assert (found["token_label"], found["agent_slug"]) == ("beeper-roadie", SLUG)
    agent = program.with_token(found["access_token"])
    assert agent.get("/bridge/identity").json["token_id"] == found["token_id"]
    assert agent.get("/agents/me").json["data"]["owner_id"] == roadie.owner_id
    assert [each["agent_slug"] for each in agent.get("/agents").json["data"]] == [SLUG]
    assert program.post("/bridge/token", body).refusal == (400, "invalid_code")
