"""The page of consent: who sees it, what it says, and how it is kept from others."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from dev.instance import ADMIN, Instance
from tests.integration.authorize.browsing import (
    AGENT,
    CALLBACK,
    HTML,
    PATH,
    Browser,
    Form,
    asked,
    refusal,
    told,
)
from tests.integration.authorize.conftest import LOGINS, PASSWORD


def test_a_visitor_logs_in_first_and_comes_back_with_everything(
    site: Instance, browsers: dict[str, Browser]
) -> None:
    state = "a b&c=d%/\"'é+"
    reply = browsers["visitor"].get(asked(state=state, label=""))
    assert reply.status_code == 302
    login = urlsplit(reply.headers["Location"])
    assert f"{login.scheme}://{login.netloc}{login.path}" == f"{site.url}/wp-login.php"
    back = dict(parse_qsl(login.query))["redirect_to"]
    assert back.startswith(site.url + PATH + "?")
    assert dict(parse_qsl(urlsplit(back).query)) == asked(state=state, label=None)

    # The form of WordPress, as a person would fill it in.
    person = Browser(site)
    page = person.session.get(reply.headers["Location"], timeout=30)
    form = {"log": LOGINS["owner"], "pwd": PASSWORD, "redirect_to": back, "testcookie": "1"}
    there = person.session.post(f"{site.url}/wp-login.php", data=form, headers=HTML, timeout=30)
    assert page.status_code == there.status_code == 200
    assert Form(there.text).hidden["state"] == state


def test_the_page_says_who_asks_for_what(owner: Browser) -> None:
    form = owner.form(asked())
    for words in (
        "Data Machine",
        f"{AGENT} & Co",
        f"({AGENT})",
        "Owner",
        "Signed in as",
        "127.0.0.1:29340",
        "beeper-roadie",
        "computer you are sitting at",
    ):
        assert words in form.words
    assert (form.method, form.action) == ("post", owner.site.url + PATH)
    assert form.buttons == [("action", "authorize"), ("action", "deny")]
    assert set(form.hidden) == {*asked(), "_authorize_nonce"}
    assert form.hidden | asked() == form.hidden
    assert form.scopes == ["read_only", "content_collaborator", "publisher", "full_owner_ceiling"]
    assert form.checked == "full_owner_ceiling"
    # The owner has no other place to learn that: the address is somebody else's machine.
    assert "runs at ext.example" in owner.form(asked(redirect_uri="https://ext.example/cb")).words


def test_empty_parameters_stay_out_of_the_form(owner: Browser) -> None:
    form = owner.form(asked(state=None, label=None))
    assert set(form.hidden) == {*asked(state=None), "_authorize_nonce"}
    assert form.hidden["label"] == ""


def test_what_looks_like_html_comes_back_as_it_came(owner: Browser) -> None:
    odd = "a&amp;b&lt;c&#39;d&copy;e"
    uri = "http://127.0.0.1:29340/callback?a=1&amp;b=2&lt;=1"
    assert owner.form(asked(state=odd, redirect_uri=uri)).hidden["redirect_uri"] == uri
    answer = owner.decide(asked(state=odd, redirect_uri=uri), "deny")
    assert answer["state"] == odd
    assert answer["amp;b"] == "2"


def test_what_others_chose_is_text(owner: Browser) -> None:
    evil = "\"><script>alert(1)</script><b title='"
    reply = owner.get(asked(label=evil, state=evil))
    assert "<script>" not in reply.text
    form = Form(reply.text)
    assert form.hidden["state"] == evil
    assert len(form.buttons) == 2


@pytest.mark.parametrize("who", ["operator", "stranger", "administrator"])
def test_others_are_refused_administrators_of_the_site_too(browsers: dict[str, Browser], who: str) -> None:
    assert refusal(browsers[who].get(asked(), Accept="*/*")) == (403, "access_denied")
    page = browsers[who].get(asked())
    assert page.status_code == 403
    form = Form(page.text)
    assert "You do not have access to this agent." in form.words
    assert "You are logged in as" in form.words
    assert form.buttons == []
    login = urlsplit(form.links[0])
    assert dict(parse_qsl(login.query))["reauth"] == "1"


def test_a_deputy_may(browsers: dict[str, Browser]) -> None:
    assert browsers["deputy"].form(asked()).buttons


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        (asked(agent_slug=None), (400, "rest_missing_callback_param")),
        (asked(redirect_uri=None), (400, "rest_missing_callback_param")),
        (asked(agent_slug="zzz"), (404, "agent_not_found")),
        (asked(agent_slug=""), (404, "agent_not_found")),
        (asked(agent_slug="\U0001f600\x00"), (404, "agent_not_found")),
        (asked(redirect_uri=""), (400, "missing_redirect_uri")),
        (asked(redirect_uri="custom://x/cb"), (400, "missing_redirect_uri")),
        (asked(redirect_uri="javascript:alert(1)"), (400, "missing_redirect_uri")),
        (asked(redirect_uri="https://evil.example/cb"), (400, "invalid_redirect_uri")),
        (asked(redirect_uri="http://localhost/" + "a" * 2000), (400, "invalid_redirect_uri")),
        (asked(code_challenge=None, code_challenge_method=None), (400, "invalid_request")),
        (asked(code_challenge_method=None), (400, "invalid_request")),
        (asked(code_challenge_method="plain"), (400, "invalid_request")),
        (asked(code_challenge="short"), (400, "invalid_request")),
        (asked(state="two\nlines"), (400, "invalid_request")),
        (asked(agent_slug="zzz", state="\x00"), (400, "invalid_request")),
    ],
)
@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_what_cannot_be_asked_is_an_error_and_no_redirect(
    browsers: dict[str, Browser], who: str, parameters: dict[str, str], error: tuple[int, str]
) -> None:
    assert refusal(browsers[who].get(parameters, Accept="application/json")) == error
    page = browsers[who].get(parameters)
    assert page.status_code == error[0]
    assert page.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "Location" not in page.headers
    assert "No access was given." in page.text


def test_errors_have_their_words(owner: Browser) -> None:
    unknown = owner.get(asked(agent_slug="zzz"), Accept="*/*").json()
    assert unknown["message"] == 'Agent "zzz" not found.'
    foreign = owner.get(asked(redirect_uri="https://evil.example/cb"), Accept="*/*").json()
    assert foreign["message"] == (
        f'redirect_uri host "evil.example" is not allowed for agent "{AGENT}". '
        "Register it in the agent's allowed_redirect_uris config."
    )


def test_lists_are_no_parameters(owner: Browser) -> None:
    for name in ("agent_slug", "redirect_uri", "state", "code_challenge"):
        given = asked(**{name: None}) | {f"{name}[]": "x"}
        assert refusal(owner.get(given, Accept="*/*"))[0] == 400


@pytest.mark.parametrize("parameters", [asked(), asked(agent_slug="zzz"), asked(agent_slug=None)])
def test_no_answer_can_be_framed_kept_or_read_by_other_origins(
    owner: Browser, parameters: dict[str, str]
) -> None:
    for reply in (
        owner.get(parameters, Origin="https://evil.example"),
        owner.post(parameters, Origin="https://evil.example"),
        owner.post(owner.form(asked()).hidden | {"action": "deny"}, Origin="null"),
    ):
        assert not [name for name in reply.headers if name.lower().startswith("access-control-")]
        assert reply.headers["X-Frame-Options"] == "DENY"
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("trick", [{"_jsonp": "steal"}, {"_method": "GET"}, {"_fields": "x"}], ids=str)
def test_the_form_is_a_page_whatever_wordpress_could_make_of_it(
    owner: Browser, trick: dict[str, str]
) -> None:
    reply = owner.get(asked() | trick)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert reply.text.startswith("<!DOCTYPE html>")
    head = owner.session.head(owner.site.url + PATH, params=asked() | trick, timeout=30)
    assert (head.status_code, head.text) == (200, "")
    back = owner.post(asked(**trick, action="deny", _authorize_nonce=""))
    assert told(back)["error"] == "invalid_nonce"
    assert back.text == ""


def test_an_envelope_does_not_hold_the_form(owner: Browser) -> None:
    reply = owner.get(asked(_envelope="1"))
    assert reply.status_code == 200
    assert "nonce" not in reply.text


def test_code_inside_wordpress_does_not_get_the_form(site: Instance, owner: Browser) -> None:
    reply = owner.session.get(f"{site.url}/wp-json/e/v1/inside", params=asked(), timeout=30)
    assert reply.json() == [200, []]


@pytest.mark.parametrize(
    "header",
    [
        {"Sec_Fetch_Mode": "cors"},
        {"Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Mode": "same-origin"},
        {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "object"},
    ],
    ids=str,
)
def test_scripts_and_frames_do_not_get_the_form(owner: Browser, header: dict[str, str]) -> None:
    assert refusal(owner.get(asked(), Accept="*/*", **header)) == (403, "access_denied")
    assert "_authorize_nonce" not in owner.get(asked(), **header).text
    assert owner.get(asked(), Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document").status_code == 200


def test_only_the_login_cookie_makes_a_person(
    site: Instance, people: dict[str, int], agents: dict[str, int]
) -> None:
    password = site.wp(
        "user", "application-password", "create", LOGINS["owner"], "e-app", "--porcelain"
    ).stdout.strip()
    reply = requests.get(
        site.url + PATH,
        params=asked(),
        auth=(LOGINS["owner"], password),
        headers=HTML,
        allow_redirects=False,
        timeout=30,
    )
    assert reply.status_code == 302
    assert "/wp-login.php?" in reply.headers["Location"]


def test_a_nonce_of_rest_changes_nothing(owner: Browser, site: Instance) -> None:
    nonce = owner.session.get(f"{site.url}/wp-admin/admin-ajax.php?action=rest-nonce", timeout=30).text
    assert len(nonce) == 10
    assert owner.get(asked(), X_WP_Nonce=nonce).status_code == 200
    # WordPress refuses a wrong one on every route, before ours is asked.
    assert owner.get(asked(), X_WP_Nonce="0123456789").status_code == 403


def test_the_cookie_of_somebody_who_logged_out_is_nobodys(
    site: Instance, browsers: dict[str, Browser]
) -> None:
    person = Browser(site).log_in(LOGINS["owner"], PASSWORD)
    assert person.get(asked()).status_code == 200
    site.wp("user", "session", "destroy", LOGINS["owner"])
    try:
        assert person.get(asked()).status_code == 302
    finally:
        browsers["owner"].log_in(LOGINS["owner"], PASSWORD)


def test_a_changed_cookie_is_nobodys(site: Instance, owner: Browser) -> None:
    person = Browser(site)
    for cookie in owner.session.cookies:
        value = cookie.value or ""
        if "logged_in" in cookie.name:
            value = value.replace(LOGINS["owner"], ADMIN)
        person.session.cookies.set(cookie.name, value, domain=cookie.domain, path=cookie.path)
    assert person.get(asked()).status_code == 302
    assert asked()["redirect_uri"] == CALLBACK
