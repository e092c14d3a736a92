"""Pages of somebody else, in the same browser where the owner is logged in, get nothing."""

from __future__ import annotations

import html

import pytest
from playwright.sync_api import Page, expect

from tests.browser.client import API, Client
from tests.browser.conftest import log_in


@pytest.fixture
def victim(page: Page, client: Client) -> Page:
    """The owner, logged in."""
    page.goto(client.link())
    log_in(page, "owner")
    expect(page.get_by_role("button", name="Authorize")).to_be_visible()
    return page


def test_another_origin_cannot_read_the_form(victim: Page, client: Client) -> None:
    # The same host at another port is the same site to cookies, and another origin to scripts.
    client.pages["/evil"] = "<h1>Evil</h1>"
    victim.goto(client.origin + "/evil")
    steal = """async address => {
        try {
            const reply = await fetch(address, { credentials: "include" });
            return reply.type + " " + reply.status + " " + (await reply.text());
        } catch (error) {
            return "refused: " + error.name;
        }
    }"""
    assert victim.evaluate(steal, client.link()) == "refused: TypeError"
    # The same request to another route of the site shows that WordPress would have let it be read.
    assert victim.evaluate(steal, f"{client.site.url}/wp-json/").startswith("cors 200")
    no_cors = (
        "address => fetch(address, { mode: 'no-cors', credentials: 'include' }).then(reply => reply.text())"
    )
    assert victim.evaluate(no_cors, client.link()) == ""


def test_a_frame_shows_nothing(victim: Page, client: Client) -> None:
    client.pages["/evil"] = f"<h1>Evil</h1><iframe src='{html.escape(client.link())}'></iframe>"
    with victim.expect_response(lambda reply: "/agent/authorize" in reply.url) as answer:
        victim.goto(client.origin + "/evil")
    assert answer.value.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.value.headers["content-security-policy"]
    frame = victim.frames[-1]
    frame.wait_for_load_state()
    assert frame.locator("button").count() == 0
    assert "Authorize" not in frame.content()


def test_a_form_of_somebody_else_is_not_a_consent(victim: Page, client: Client) -> None:
    given = {
        "agent_slug": client.agent,
        "redirect_uri": client.redirect_uri,
        "state": client.state,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "_authorize_nonce": "0123456789",
        "action": "authorize",
    }
    fields = "".join(f"<input name='{name}' value='{html.escape(value)}'>" for name, value in given.items())
    client.pages["/evil"] = (
        f"<form method='post' action='{client.site.url}{API}/agent/authorize'>{fields}</form>"
        "<script>HTMLFormElement.prototype.submit.call(document.forms[0])</script>"
    )
    victim.goto(client.origin + "/evil")
    victim.wait_for_url(client.redirect_uri + "**")
    assert client.told() == {"error": "invalid_nonce", "state": client.state}


def test_what_a_link_brings_is_text(victim: Page, client: Client) -> None:
    evil = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
    victim.goto(client.link(label=evil, state=evil))
    # A dialog would fail the test at its end.
    expect(victim.get_by_role("button", name="Authorize")).to_be_visible()
    assert victim.locator("script, img").count() == 0
    assert victim.locator("input[name=state]").get_attribute("value") == evil
    victim.get_by_role("button", name="Deny").click()
    victim.wait_for_url(client.redirect_uri + "**")
    assert client.told() == {"error": "access_denied", "state": evil}


def test_the_clients_page_does_not_learn_where_the_browser_was(victim: Page, client: Client) -> None:
    with victim.expect_request(lambda request: request.url.startswith(client.redirect_uri)) as request:
        victim.get_by_role("button", name="Authorize").click()
    assert "referer" not in {name.lower() for name in request.value.all_headers()}


def test_going_back_shows_no_old_form(victim: Page, client: Client) -> None:
    victim.get_by_role("button", name="Deny").click()
    victim.wait_for_url(client.redirect_uri + "**")
    client.told()
    victim.context.clear_cookies()
    victim.go_back()
    # Nothing was kept: the site is asked again, and it asks who this is.
    expect(victim.locator("#user_login")).to_be_visible()
