"""Attempts to get a token without the owner's consent: redirects, forged forms, stolen codes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.security.browser import Seen, browse
from tests.integration.security.lab import Lab

pytestmark = pytest.mark.usefixtures("unharmed", "nothing_waits")

TOKEN = "/wp-json/datamachine/v1/agent/token"
CALLBACK = "http://127.0.0.1:29340/callback"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def asked(lab: Lab, agent: str = "mine", **more: str) -> dict[str, str]:
    return {
        "agent_slug": lab.resources[agent].slug,
        "redirect_uri": CALLBACK,
        "label": "program",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "st=1&x",
        **more,
    }


def nonce(lab: Lab, who: str, agent: str = "mine") -> str:
    page = browse(lab, "GET", asked(lab, agent), who)
    assert page.status == 200, page.text
    found = re.search(r'name="_authorize_nonce" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def decided(lab: Lab, who: str, agent: str = "mine", action: str = "authorize", **more: str) -> Seen:
    form = asked(lab, agent) | {"action": action, "_authorize_nonce": nonce(lab, who, agent)} | more
    return browse(lab, "POST", form, who)


def a_code(lab: Lab, who: str = "mallory", agent: str = "mine") -> str:
    seen = decided(lab, who, agent)
    assert seen.status == 302
    return seen.query["code"]


def exchanged(lab: Lab, code: str, verifier: str = VERIFIER, uri: str = CALLBACK) -> tuple[int, Any]:
    body = json.dumps({"code": code, "code_verifier": verifier, "redirect_uri": uri}).encode()
    headers = {"Content-Type": "application/json"}
    answer = lab.instance.request("POST", TOKEN, headers=headers, body=body)
    return answer.status, answer.json()


@pytest.fixture
def nothing_waits(lab: Lab) -> Iterator[None]:
    """No code of one test is left for another."""
    yield
    with lab.runtime.db.session() as session:
        session.execute(f"DELETE FROM {lab.runtime.db.tables().bridge_codes}")


def codes(lab: Lab) -> int:
    return int(lab.rows("SELECT COUNT(*) AS n FROM {datamachine_bridge_codes}")[0]["n"])


@pytest.fixture(autouse=True)
def no_codes(lab: Lab) -> None:
    """Tests of other files approve too, on the same site."""
    lab.rows("DELETE FROM {datamachine_bridge_codes}")


# Open redirects

OPEN = (
    "https://evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://127.0.0.1@evil.example/cb",
    "http://user:pass@127.0.0.1/cb",
    "http://127.0.0.1:80@evil.example/cb",
    "http://localhost.evil.example/cb",
    "http://evil.example#@127.0.0.1/cb",
    "http://127.0.0.1/cb#token",
    "http://127.0.0.1\\@evil.example/cb",
    "http:\\\\127.0.0.1/cb",
    "http:///127.0.0.1/cb",
    "//evil.example/cb",
    "/cb",
    "javascript:alert(1)",
    "JavaScript://127.0.0.1/%0aalert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "custom://127.0.0.1/cb",
    "http://127.0.0.1/\r\nSet-Cookie: a=b",
    "http://127.0.0.1/%0d%0aSet-Cookie: a=b",
    "http://[::1]evil.example/cb",
    "http://2130706433/cb",
    "http://0x7f.1/cb",
    "http://127.0.0.1:99999/cb",
    "http://127.0.0.1:/cb",
    "http://ａ.example/cb",
    "https://allowed.example.evil.example/app/cb",
    "https://notallowed.example/app/cb",
    "https://allowed.example:8443/app/cb",
    "http://allowed.example/app/cb",
    "https://allowed.example/app/../cb",
    "https://allowed.example/app/%2e%2e/cb",
    "https://allowed.example/application",
    "https://allowed.example/cb",
)


@pytest.fixture
def narrow_agent(lab: Lab) -> str:
    """An agent whose clients live below one address."""
    if "listed" not in lab.resources:
        lab.add_agent("listed", "mallory")
        lab.command(
            "boss",
            "agents",
            "config",
            lab.resources["listed"].slug,
            '--set=allowed_redirect_uris=["https://allowed.example/app/*"]',
        )
    return "listed"


def test_no_address_but_the_registered_is_ever_gone_to(lab: Lab, narrow_agent: str) -> None:
    proof = nonce(lab, "mallory", narrow_agent)
    for number, uri in enumerate(OPEN):
        given = asked(lab, narrow_agent, redirect_uri=uri)
        who = ("mallory", "visitor")[number % 2]
        action = ("authorize", "deny")[number // 2 % 2]
        for seen in (
            browse(lab, "GET", given, who),
            browse(lab, "POST", given | {"action": action, "_authorize_nonce": proof}, who),
        ):
            assert (seen.status, seen.location) == (400, ""), uri
    assert codes(lab) == 0
    fine = asked(lab, narrow_agent, redirect_uri="https://allowed.example/app/cb")
    assert browse(lab, "GET", fine, "mallory").status == 200


def test_an_unknown_agent_redirects_nowhere(lab: Lab) -> None:
    for uri in (CALLBACK, "https://evil.example/cb"):
        given = asked(lab, agent_slug="nobody-has-this", redirect_uri=uri)
        for who in ("visitor", "mallory"):
            for action in ("authorize", "deny"):
                form = given | {"action": action, "_authorize_nonce": "x"}
                for seen in (browse(lab, "GET", given, who), browse(lab, "POST", form, who)):
                    assert (seen.status, seen.location) == (404, ""), (uri, who)


def test_no_header_and_no_status_comes_out_of_a_parameter(lab: Lab) -> None:
    for broken in ("a\r\nSet-Cookie: planted=1\r\n\r\n", "a\0b"):
        for seen in (
            browse(lab, "GET", asked(lab, state=broken), "mallory"),
            browse(lab, "POST", asked(lab, state=broken) | {"action": "deny", "_authorize_nonce": "x"}),
        ):
            assert (seen.status, seen.location) == (400, "")
    state = "<script>alert(1)</script>\"' &error=none&token=x#%0d%0a"
    page = browse(lab, "GET", asked(lab, state=state, label=state), "mallory")
    assert page.status == 200
    assert "<script" not in page.text
    denied = decided(lab, "mallory", action="deny", state=state)
    assert (denied.status, denied.query) == (302, {"error": "access_denied", "state": state})
    assert denied.location.startswith(f"{CALLBACK}?")


# Forged consent


def test_state_comes_back_with_every_answer(lab: Lab) -> None:
    form = asked(lab) | {"action": "authorize"}
    for error, seen in {
        "access_denied": decided(lab, "mallory", action="deny"),
        "invalid_nonce": browse(lab, "POST", form | {"_authorize_nonce": "x"}, "mallory"),
        "not_authenticated": browse(lab, "POST", form | {"_authorize_nonce": "x"}),
        "invalid_scope": decided(lab, "mallory", scope_preset="nobody-offers-this"),
        "invalid_request": decided(lab, "mallory", code_challenge="", code_challenge_method=""),
    }.items():
        assert seen.status == 302, error
        assert seen.query == {"error": error, "state": "st=1&x"}
    assert codes(lab) == 0
    done = decided(lab, "mallory")
    assert done.query.keys() == {"code", "state"}
    assert done.query["state"] == "st=1&x"


def test_a_form_from_elsewhere_is_no_consent(lab: Lab) -> None:
    form = asked(lab) | {"action": "authorize"}
    for name, proof in {
        "none": "",
        "REST's": lab.accounts["mallory"].nonce,
        "somebody else's": nonce(lab, "chief", "chiefs"),
    }.items():
        seen = browse(lab, "POST", form | {"_authorize_nonce": proof}, "mallory")
        assert (seen.status, seen.query.get("error")) == (302, "invalid_nonce"), name
    good = form | {"_authorize_nonce": nonce(lab, "mallory")}
    for headers in (
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ):
        assert browse(lab, "POST", good, "mallory", headers=headers).query.get("error") == "access_denied"
        assert browse(lab, "GET", asked(lab), "mallory", headers=headers).status == 403
    assert browse(lab, "GET", good, "mallory").status == 200, "an address alone decides nothing"
    assert codes(lab) == 0


def test_no_token_consents(lab: Lab) -> None:
    """An agent that could approve would give itself more than its token has, or another agent's."""
    proof = nonce(lab, "mallory")
    form = asked(lab) | {"action": "authorize", "_authorize_nonce": proof}
    for who in (lab.key([]), lab.key(), lab.key(agent="chiefs")):
        headers = lab.tokens[who].headers
        for browser in ("visitor", "mallory"):
            seen = browse(lab, "POST", form, browser, headers=headers)
            assert "code=" not in seen.location, who
            assert browse(lab, "GET", asked(lab), browser, headers=headers).status == 403
    assert codes(lab) == 0


@pytest.mark.parametrize("who", ["nobody", "reader", "operator", "chief"])
def test_only_owners_and_admins_of_an_agent_consent(lab: Lab, who: str) -> None:
    """An administrator of the site is neither, and must give himself the role first."""
    assert browse(lab, "GET", asked(lab, "theirs"), who).status == 403
    own = "chiefs" if who == "chief" else None
    proof = nonce(lab, who, own) if own else "x"
    form = asked(lab, "theirs") | {"action": "authorize", "_authorize_nonce": proof}
    error = "access_denied" if own else "invalid_nonce"
    assert browse(lab, "POST", form, who).query["error"] == error
    assert codes(lab) == 0


def test_no_proof_key_no_code_and_no_token_in_an_address(lab: Lab) -> None:
    for more in (
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
        {"code_challenge": CHALLENGE + "="},
        {"code_challenge": "A" * 44},
    ):
        assert browse(lab, "GET", asked(lab, **more), "mallory").status == 400, more
        seen = decided(lab, "mallory", **more)
        assert seen.query == {"error": "invalid_request", "state": "st=1&x"}, more
    assert codes(lab) == 0


# Stolen codes


def test_a_code_works_once(lab: Lab) -> None:
    code = a_code(lab)
    status, given = exchanged(lab, code)
    assert status == 200
    assert exchanged(lab, code) == (400, {**exchanged(lab, "0" * 64)[1], "code": "invalid_code"})
    me = {"Authorization": f"Bearer {given['access_token']}"}
    answer = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=me)
    assert answer.json()["data"]["agent_slug"] == lab.mine.slug


def test_a_code_gives_one_token_to_all_who_come_at_once(lab: Lab) -> None:
    code = a_code(lab)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: exchanged(lab, code)[0], range(24)))
    assert sorted(results) == [200] + [400] * 23


def test_a_stolen_code_is_worth_nothing(lab: Lab) -> None:
    code = a_code(lab)
    for verifier in ("wrong" * 10, CHALLENGE, "", VERIFIER + " ", VERIFIER.swapcase(), "A" * 43, "A" * 200):
        status, said = exchanged(lab, code, verifier)
        assert (status, said["code"]) == (400, "pkce_failed"), verifier
    for uri in (CALLBACK + "/", CALLBACK + "?", CALLBACK.replace("127.0.0.1", "localhost"), ""):
        status, said = exchanged(lab, code, uri=uri)
        assert (status, said["code"]) == (400, "redirect_mismatch"), uri
    assert exchanged(lab, code)[0] == 200, "and the right one still may"


def test_codes_that_are_none(lab: Lab) -> None:
    stored = hashlib.sha256(a_code(lab).encode()).hexdigest()
    for code in ("", "x", "0" * 64, stored, "' OR 1=1 -- ", "%", "\u0000" * 64, "🤖", "a" * 100_000):
        status, said = exchanged(lab, code)
        assert (status, said["code"]) == (400, "invalid_code"), code[:20]


def test_a_code_ends(lab: Lab) -> None:
    code = a_code(lab)
    with lab.runtime.db.session() as session:
        session.execute(
            f"UPDATE {lab.runtime.db.tables().bridge_codes} SET expires_at = '2020-01-01 00:00:00'"
        )
    status, said = exchanged(lab, code)
    assert (status, said["code"]) == (400, "expired_code")
    assert exchanged(lab, code)[1]["code"] == "invalid_code"


def test_a_code_ends_with_the_right_of_who_gave_it(lab: Lab) -> None:
    """Between the approval and the exchange the grant was taken back."""
    lab.command("boss", "agents", "access", "grant", lab.chiefs.slug, "deputy", "--role=admin")
    code = a_code(lab, "deputy", "chiefs")
    lab.command("boss", "agents", "access", "revoke", lab.chiefs.slug, "deputy")
    status, said = exchanged(lab, code)
    assert (status, said["code"]) == (403, "access_denied")


def test_what_was_granted_gives_no_more_than_it_has(lab: Lab) -> None:
    """Everything the owner may do, chosen by somebody who has only a grant, is what he may himself."""
    lab.command("boss", "agents", "access", "grant", lab.chiefs.slug, "deputy", "--role=admin")
    code = decided(lab, "deputy", "chiefs", scope_preset="full_owner_ceiling").query["code"]
    status, given = exchanged(lab, code)
    assert status == 200
    [row] = lab.rows(
        "SELECT capabilities FROM {datamachine_agent_tokens} WHERE token_id = :id", id=given["token_id"]
    )
    assert "manage_options" not in json.loads(row["capabilities"])
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert lab.instance.request("GET", "/wp-json/wp/v2/settings", headers=headers).status == 403


def test_codes_and_verifiers_are_stored_nowhere(lab: Lab) -> None:
    code = a_code(lab)
    [row] = lab.rows("SELECT * FROM {datamachine_bridge_codes}")
    assert code not in str(row)
    assert row["code_hash"] == hashlib.sha256(code.encode()).hexdigest()
    exchanged(lab, code)
    logs = (file.read_text(errors="replace") for file in lab.instance.logs.glob("*"))
    assert not [text for text in logs if code in text or VERIFIER in text]
