"""A person at a browser lets a program act as an agent, or does not."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.client import API, Client
from tests.browser.conftest import AGENT, log_in


def test_log_in_see_approve_exchange_and_call(page: Page, client: Client) -> None:
    page.goto(client.link())
    assert urlsplit(page.url).path == "/wp-login.php"
    log_in(page, "owner")

    assert urlsplit(page.url).path == f"{API}/agent/authorize"
    expect(page.get_by_role("heading", level=1)).to_have_text("Let a program act as Browser & Bot?")
    facts = page.locator("dl").inner_text()
    for words in (
        f"({AGENT})",
        "Owner of the house",
        f"127.0.0.1:{client.port}",
        "A program",
        "Data Machine",
    ):
        assert words in facts
    expect(page.get_by_label("Everything the owner may do")).to_be_checked()
    page.get_by_label("Read only").check()
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(client.redirect_uri + "**")

    answer = client.told()
    assert set(answer) == {"code", "state"}
    assert answer["state"] == client.state
    assert "datamachine_" not in page.url
    token = client.exchange(answer["code"]).json()
    assert (token["agent_slug"], token["token_label"]) == (AGENT, "A program")
    me = client.call(token["access_token"], "GET", f"{API}/agents/me").json()["data"]
    assert (me["agent_slug"], me["agent_id"]) == (AGENT, token["agent_id"])
    agents = client.call(token["access_token"], "GET", f"{API}/agents").json()["data"]
    assert AGENT in {agent["agent_slug"] for agent in agents}
    # The owner may write posts; who asked for reading only may not.
    post = {"title": "Not mine to write", "status": "publish"}
    refused = client.call(token["access_token"], "POST", "/wp-json/wp/v2/posts", json=post)
    assert (refused.status_code, refused.json()["code"]) == (403, "rest_cannot_create")
    assert client.exchange(answer["code"]).json()["code"] == "invalid_code"


def test_without_a_limit_the_agent_may_what_its_owner_may(page: Page, client: Client) -> None:
    page.goto(client.link())
    log_in(page, "owner")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(client.redirect_uri + "**")
    token = client.exchange(client.told()["code"]).json()["access_token"]
    post = {"title": "Written by an agent", "status": "draft"}
    assert client.call(token, "POST", "/wp-json/wp/v2/posts", json=post).status_code == 201


def test_deny(page: Page, client: Client) -> None:
    page.goto(client.link())
    log_in(page, "owner")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(client.redirect_uri + "**")
    assert client.told() == {"error": "access_denied", "state": client.state}


def test_a_form_that_lay_open_for_too_long(page: Page, client: Client) -> None:
    page.goto(client.link())
    log_in(page, "owner")
    expect(page.get_by_role("button", name="Authorize")).to_be_visible()
    client.site.wp("option", "update", "browser_nonce_life", "7200")
    try:
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(client.redirect_uri + "**")
        assert client.told() == {"error": "invalid_nonce", "state": client.state}
    finally:
        client.site.wp("option", "delete", "browser_nonce_life")
    # Asking again is all it takes.
    page.goto(client.link())
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(client.redirect_uri + "?code=**")


def test_somebody_who_has_logged_out_meanwhile(page: Page, client: Client) -> None:
    page.goto(client.link())
    log_in(page, "owner")
    expect(page.get_by_role("button", name="Authorize")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(client.redirect_uri + "**")
    assert client.told() == {"error": "not_authenticated", "state": client.state}


def test_the_wrong_user_is_told_and_may_log_in_as_another(page: Page, client: Client) -> None:
    page.goto(client.link())
    log_in(page, "stranger")
    expect(page.get_by_role("alert")).to_have_text("You do not have access to this agent.")
    expect(page.get_by_text("You are logged in as Stranger of the house.")).to_be_visible()
    assert page.get_by_role("button").count() == 0
    assert client.heard.empty()
    page.get_by_role("link", name="Log in as somebody else").click()
    log_in(page, "owner")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(client.redirect_uri + "**")
    assert set(client.told()) == {"code", "state"}


def test_what_cannot_be_asked_is_a_page_of_the_site(page: Page, client: Client) -> None:
    for link, words in (
        (client.link(agent_slug="zzz"), 'Agent "zzz" not found.'),
        (
            client.link(redirect_uri="https://evil.example/cb"),
            'redirect_uri host "evil.example" is not allowed',
        ),
        (
            client.link(redirect_uri=client.redirect_uri + "#x"),
            "redirect_uri must be a plain http or https address",
        ),
        (client.link(code_challenge="", code_challenge_method=""), "code_challenge_method=S256 are required"),
        (client.link(agent_slug="zzz", redirect_uri="https://evil.example/cb"), 'Agent "zzz" not found.'),
    ):
        page.goto(link)
        expect(page.get_by_role("alert")).to_contain_text(words)
        assert page.url.startswith(client.site.url)
    assert client.heard.empty()


def test_the_page_works_by_keyboard_and_has_its_style(page: Page, client: Client) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(client.link())
    log_in(page, "owner")
    # A style that the page's own policy refused would leave the browser's default.
    assert (
        page.locator("main").evaluate("main => getComputedStyle(main).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert (
        page.locator("button.primary").evaluate("it => getComputedStyle(it).backgroundColor")
        == "rgb(34, 113, 177)"
    )
    assert not [text for text in refused if "Content Security Policy" in text and "style" in text]
    page.keyboard.press("Tab")
    expect(page.get_by_label("Everything the owner may do")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Publisher")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Deny")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(client.redirect_uri + "**")
    assert client.told()["error"] == "access_denied"


def test_the_client_may_send_the_browser_on(page: Page, client: Client) -> None:
    client.pages["/done"] = "<h1>Done elsewhere</h1>"
    client.onward = f"http://localhost:{client.port}/done"
    page.goto(client.link())
    log_in(page, "owner")
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading")).to_have_text("Done elsewhere")
