"""Nobody is sent to an address that is not the client's: every attempt is answered on the site itself."""

from __future__ import annotations

import pytest

from dev.instance import Instance
from tests.integration.authorize.browsing import Browser, asked, refusal, told

ELSEWHERE = {
    "nobody's host": "https://evil.example/cb",
    "longer than loopback": "http://127.0.0.1.evil.example/cb",
    "longer than localhost": "http://localhost.evil.example/cb",
    "below the site's address": "http://evil.127.0.0.1/cb",
    "longer than a listed domain": "https://bridge.example.evil.net/cb",
    "ends like a listed domain": "https://evilbridge.example/cb",
    "longer than a pattern": "https://ext.example.evil.net/cb",
    "user name before another host": "https://ext.example@evil.net/cb",
    "user name before loopback": "http://evil@127.0.0.1/cb",
    "fragment": "http://127.0.0.1/cb#@evil.example",
    "fragment before the host ends": "https://evil.example#@ext.example/",
    "backslash": "https://evil.example\\@ext.example/",
    "backslash instead of slashes": "http:\\\\127.0.0.1\\cb",
    "dot segments": "https://exact.example/x/../cb",
    "encoded dot segments": "https://ext.example/a/%2e%2e/b",
    "encoded slash": "https://ext.example/..%2f..%2fb",
    "line break": "http://127.0.0.1/cb\r\nX-Evil: 1",
    "encoded line break": "http://127.0.0.1/%0d%0aX-Evil:%201",
    "tab in the host": "http://127.0.0.1\t.evil.example/",
    "space": "http://127.0.0.1 .evil.example/",
    "no scheme": "//evil.example/cb",
    "script": "javascript:alert(1)//127.0.0.1",
    "data": "data:text/html,<script>alert(1)</script>",
    "file transfer": "ftp://127.0.0.1/cb",
    "another script's full stop": "http://127.0.0.1。evil.example/",
}


@pytest.mark.parametrize("uri", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_an_address_that_is_not_the_clients_is_not_gone_to(
    browsers: dict[str, Browser], who: str, uri: str
) -> None:
    nonce = browsers["owner"].form(asked()).hidden["_authorize_nonce"]
    given = asked(redirect_uri=uri)
    expected = {(400, "invalid_redirect_uri"), (400, "missing_redirect_uri")}
    assert refusal(browsers[who].get(given, Accept="*/*")) in expected
    for action in ("authorize", "deny"):
        sent = given | {"_authorize_nonce": nonce, "action": action}
        assert refusal(browsers[who].post(sent, Accept="*/*")) in expected


@pytest.mark.parametrize("who", ["visitor", "owner"])
@pytest.mark.parametrize("slug", ["zzz", "", "e-roadie-x", "e-roadie/../e-roadie"])
def test_an_unknown_agent_leads_nowhere(browsers: dict[str, Browser], who: str, slug: str) -> None:
    for uri in ("http://127.0.0.1/cb", "https://evil.example/cb"):
        given = asked(agent_slug=slug, redirect_uri=uri)
        assert refusal(browsers[who].get(given, Accept="*/*")) == (404, "agent_not_found")
        for action in ("authorize", "deny"):
            sent = given | {"_authorize_nonce": "0123456789", "action": action}
            assert refusal(browsers[who].post(sent, Accept="*/*")) == (404, "agent_not_found")


def test_an_agent_that_was_deleted_while_the_form_was_open_leads_nowhere(
    site: Instance, owner: Browser
) -> None:
    site.datamachine("agents", "create", "e-gone", "--owner=e-ada")
    form = owner.form(asked(agent_slug="e-gone")).hidden
    site.datamachine("agents", "delete", "e-gone", "--yes")
    assert refusal(owner.post(form | {"action": "deny"}, Accept="*/*")) == (404, "agent_not_found")


def test_what_is_listed_is_gone_to(owner: Browser) -> None:
    for uri in (
        "https://sub.bridge.example:8443/a?b=c",
        "https://ext.example/x/y",
        "https://exact.example/cb/",
        "http://localhost:1/",
    ):
        # The page checks that the browser goes exactly there.
        answer = owner.decide(asked(redirect_uri=uri), "deny")
        assert answer["error"] == "access_denied"


def test_answers_an_attacker_wrote_into_the_address_are_gone(owner: Browser) -> None:
    uri = "http://127.0.0.1:29340/callback?code=evil&state=evil&error=evil&agent_id=9"
    form = owner.form(asked(redirect_uri=uri)).hidden
    assert told(owner.post(form | {"action": "deny"})) == {"error": "access_denied", "state": "ST1"}
