"""What the client is told after a person decided, and what the token is then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dev.instance import Instance
from dev.paths import ROOT
from tests.integration.authorize.browsing import (
    AGENT,
    CALLBACK,
    HTML,
    PATH,
    Browser,
    Proof,
    asked,
    refusal,
    told,
)
from tests.integration.authorize.conftest import LOGINS, PASSWORD

API = "/wp-json/datamachine/v1"


def exchange(site: Instance, code: str, verifier: str, redirect_uri: str = CALLBACK) -> requests.Response:
    body = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    return requests.post(f"{site.url}{API}/agent/token", json=body, timeout=30)


def limit(site: Instance, token_id: int) -> Any:
    """The token's column, decoded; None for no limit."""
    # The client prints backslashes twice.
    printed = site.db.sql(
        f"SELECT HEX(capabilities) FROM wordpress.wp_datamachine_agent_tokens WHERE token_id = {token_id}"
    ).strip()
    return None if printed == "NULL" else json.loads(bytes.fromhex(printed))


def test_consent_becomes_a_code_and_the_code_a_token(
    site: Instance, owner: Browser, agents: dict[str, int]
) -> None:
    proof = Proof()
    answer = owner.decide(asked(**proof.parameters))
    assert answer == {"code": answer["code"], "state": "ST1"}
    assert len(bytes.fromhex(answer["code"])) == 32
    reply = exchange(site, answer["code"], proof.verifier)
    assert reply.status_code == 200, reply.text
    token = reply.json()
    assert (token["agent_slug"], token["token_label"]) == (AGENT, "beeper-roadie")
    me = requests.get(
        f"{site.url}{API}/agents/me", headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=30
    )
    assert me.json()["data"]["agent_id"] == agents[AGENT]
    assert limit(site, token["token_id"]) is None
    assert exchange(site, answer["code"], proof.verifier).json()["code"] == "invalid_code"


def test_a_deputys_consent_counts(site: Instance, browsers: dict[str, Browser]) -> None:
    proof = Proof()
    answer = browsers["deputy"].decide(asked(**proof.parameters))
    token = exchange(site, answer["code"], proof.verifier).json()
    # He is neither the owner nor an administrator: his own capabilities are the most he can give.
    assert "datamachine_chat" in limit(site, token["token_id"])


def test_deny_tells_so(owner: Browser) -> None:
    assert owner.decide(asked(), "deny") == {"error": "access_denied", "state": "ST1"}


def test_every_error_echoes_the_state_as_it_came(browsers: dict[str, Browser], owner: Browser) -> None:
    state = "a b&c=d%/\"'<é>+"
    form = owner.form(asked(state=state)).hidden
    yes = form | {"action": "authorize"}
    for reply, error in (
        (browsers["visitor"].post(yes), "not_authenticated"),
        (owner.post(yes | {"_authorize_nonce": "0123456789"}), "invalid_nonce"),
        (owner.post(yes | {"_authorize_nonce": ""}), "invalid_nonce"),
        (owner.post(form | {"action": "deny"}), "access_denied"),
        (browsers["stranger"].post(yes), "invalid_nonce"),
        (owner.post(yes | {"scope_preset": "everything"}), "invalid_scope"),
        (owner.post(yes | {"code_challenge": ""}), "invalid_request"),
        (owner.post(yes | {"code_challenge": "", "code_challenge_method": ""}), "invalid_request"),
        (owner.post(yes | {"code_challenge_method": "plain"}), "invalid_request"),
    ):
        assert told(reply) == {"error": error, "state": state}


def test_without_a_state_none_is_invented(owner: Browser) -> None:
    assert owner.decide(asked(state=None), "deny") == {"error": "access_denied"}


def test_the_state_a_client_keeps_in_its_address_survives(owner: Browser) -> None:
    inside = CALLBACK + "?state=inside&x=1"
    assert owner.decide(asked(redirect_uri=inside, state=None), "deny") == {
        "state": "inside",
        "x": "1",
        "error": "access_denied",
    }
    assert owner.decide(asked(redirect_uri=inside), "deny") == {
        "x": "1",
        "error": "access_denied",
        "state": "ST1",
    }


@pytest.mark.parametrize("who", ["operator", "stranger", "administrator"])
def test_somebody_elses_consent_is_none(browsers: dict[str, Browser], who: str) -> None:
    # The proof of having seen a form is the same for all agents: one of an agent of theirs would do.
    nonce = own_nonce(browsers[who])
    yes = asked() | {"_authorize_nonce": nonce, "action": "authorize"}
    assert told(browsers[who].post(yes)) == {"error": "access_denied", "state": "ST1"}


def own_nonce(browser: Browser) -> str:
    """A nonce this person could have got: of an agent of her own."""
    login = browser.session.cookies
    name = next(cookie.value or "" for cookie in login if "logged_in" in cookie.name).split("%7C")[0]
    slug = f"e-own-{name}"
    if browser.site.datamachine("agents", "show", slug, check=False).returncode != 0:
        browser.site.datamachine("agents", "create", slug, f"--owner={name}")
    return browser.form(asked(agent_slug=slug)).hidden["_authorize_nonce"]


def test_an_action_that_is_neither_is_refused(owner: Browser) -> None:
    form = owner.form(asked()).hidden
    assert refusal(owner.post(form | {"action": "maybe"}, Accept="*/*")) == (400, "rest_invalid_param")
    assert refusal(owner.post(form, Accept="*/*")) == (400, "rest_missing_callback_param")
    assert refusal(owner.post(asked() | {"action": "authorize"}, Accept="*/*")) == (
        400,
        "rest_missing_callback_param",
    )


def test_a_token_cannot_authorize_even_with_its_owners_cookie(site: Instance, owner: Browser) -> None:
    proof = Proof()
    code = owner.decide(asked(**proof.parameters), scope_preset="read_only")["code"]
    token = exchange(site, code, proof.verifier).json()["access_token"]
    bearer = f"Bearer {token}"
    assert refusal(owner.get(asked(), Accept="*/*", Authorization=bearer)) == (403, "access_denied")
    yes = owner.form(asked()).hidden | {"action": "authorize"}
    assert told(owner.post(yes, Authorization=bearer)) == {"error": "access_denied", "state": "ST1"}


def test_an_application_password_cannot_authorize(site: Instance, owner: Browser) -> None:
    password = site.wp(
        "user", "application-password", "create", LOGINS["owner"], "e-post", "--porcelain"
    ).stdout.strip()
    reply = requests.post(
        site.url + PATH,
        data=owner.form(asked()).hidden | {"action": "authorize"},
        auth=(LOGINS["owner"], password),
        headers=HTML,
        allow_redirects=False,
        timeout=30,
    )
    assert told(reply) == {"error": "not_authenticated", "state": "ST1"}


def test_another_session_of_the_same_person_has_seen_no_form(site: Instance, owner: Browser) -> None:
    other = Browser(site).log_in(LOGINS["owner"], PASSWORD)
    yes = owner.form(asked()).hidden | {"action": "authorize"}
    assert told(other.post(yes)) == {"error": "invalid_nonce", "state": "ST1"}


class TestScopes:
    """How much a token may, as the person chose."""

    def minted(self, site: Instance, owner: Browser, slug: str, **choice: str) -> Any:
        proof = Proof()
        answer = owner.decide(asked(agent_slug=slug, **proof.parameters), **choice)
        return limit(site, exchange(site, answer["code"], proof.verifier).json()["token_id"])

    def test_a_chosen_preset_is_the_tokens_limit(self, site: Instance, owner: Browser) -> None:
        found = self.minted(site, owner, AGENT, scope_preset="content_collaborator")
        assert found["scope"] == "content_collaborator"
        assert found["capabilities"] == [
            "read",
            "datamachine_chat",
            "datamachine_use_tools",
            "edit_posts",
            "publish_posts",
            "upload_files",
        ]
        assert found["ability_deny"] == ["datamachine/delete-flow", "datamachine/delete-pipeline"]
        assert "datamachine-media" in found["ability_categories"]
        assert found["ability_allow"] == []

    def test_the_agents_default_is_chosen_for_a_client_that_names_none(
        self, site: Instance, owner: Browser
    ) -> None:
        assert owner.form(asked(agent_slug="e-narrow")).checked == "read_only"
        assert self.minted(site, owner, "e-narrow")["capabilities"] == [
            "read",
            "datamachine_chat",
            "datamachine_use_tools",
        ]

    def test_a_default_nobody_knows_is_the_narrowest(self, owner: Browser) -> None:
        assert owner.form(asked(agent_slug="e-typo")).checked == "read_only"

    def test_a_plugins_presets_are_offered_when_they_are_sound(self, site: Instance, owner: Browser) -> None:
        form = owner.form(asked(agent_slug="e-scoped"))
        assert form.scopes == ["read_only", "content_collaborator", "full_owner_ceiling", "logs", "nothing"]
        assert form.checked == "logs"
        assert "Logs <b>only</b>" in form.words
        assert self.minted(site, owner, "e-scoped") == {
            "scope": "logs",
            "label": "Logs <b>only</b>",
            "ability_categories": [],
            "ability_allow": [],
            "ability_deny": ["datamachine/x"],
            "capabilities": ["datamachine_view_logs"],
        }
        assert self.minted(site, owner, "e-scoped", scope_preset="nothing")["capabilities"] == []
        refused = owner.decide(asked(agent_slug="e-scoped"), scope_preset="publisher")
        assert refused == {"error": "invalid_scope", "state": "ST1"}


class TestPluginsSay:
    """The filter ``datamachine_agent_authorize_pre_token``."""

    def test_an_address_of_theirs_is_used_as_it_is(self, site: Instance, owner: Browser) -> None:
        form = owner.form(asked(agent_slug="e-filtered", label="elsewhere")).hidden
        reply = owner.post(form | {"action": "authorize"})
        assert reply.status_code == 302
        assert reply.headers["Location"] == "https://elsewhere.example/done?x=[1]#part"
        seen = json.loads(site.wp("option", "get", "e_seen", "--format=json").stdout)
        assert seen == [True, CALLBACK, "elsewhere", "ST1"]

    @pytest.mark.parametrize(
        ("label", "error"),
        [
            ("error", "site_closed"),
            ("false", "access_denied"),
            ("true", "access_denied"),
            ("empty", "access_denied"),
        ],
    )
    def test_what_is_no_address_is_a_refusal(self, owner: Browser, label: str, error: str) -> None:
        assert owner.decide(asked(agent_slug="e-filtered", label=label)) == {"error": error, "state": "ST1"}

    def test_an_address_of_theirs_cannot_widen_what_the_person_chose(self, owner: Browser) -> None:
        answer = owner.decide(asked(agent_slug="e-filtered", label="elsewhere"), scope_preset="read_only")
        assert answer == {"error": "invalid_scope", "state": "ST1"}

    def test_null_goes_on(self, owner: Browser) -> None:
        assert set(owner.decide(asked(agent_slug="e-filtered", label="other"))) == {"code", "state"}


@pytest.fixture
def allowed(site: Instance) -> Iterator[None]:
    """The setting that lets tokens travel in addresses, for one test."""
    guide = (ROOT / "docs" / "how-to" / "authorize-in-the-browser.md").read_text(encoding="utf-8")
    found = re.search(r'^wp eval "(.*)"$', guide, re.MULTILINE)
    assert found is not None
    site.wp("eval", found[1])
    yield
    site.wp("option", "patch", "delete", "datamachine_settings", "legacy_token_redirect")


class TestTokenInTheAddress:
    """The older flow (C3), off unless the settings say otherwise."""

    BARE = asked(code_challenge=None, code_challenge_method=None, label=None)

    def test_where_it_is_on_the_token_comes_at_once(
        self, site: Instance, owner: Browser, agents: dict[str, int], allowed: None
    ) -> None:
        form = owner.form(self.BARE)
        assert "older programs" in form.words
        answer = owner.decide(self.BARE, scope_preset="read_only")
        assert set(answer) == {"token", "agent_slug", "agent_id", "state"}
        assert answer["token"].startswith(f"datamachine_{AGENT}_")
        assert (answer["agent_slug"], int(answer["agent_id"]), answer["state"]) == (
            AGENT,
            agents[AGENT],
            "ST1",
        )
        printed = site.db.sql(
            "SELECT token_id, label FROM wordpress.wp_datamachine_agent_tokens ORDER BY token_id DESC LIMIT 1"
        )
        token_id, label = printed.strip().split("\t")
        assert label.startswith("authorize-flow-20")
        assert limit(site, int(token_id))["scope"] == "read_only"

    def test_a_proof_key_is_never_ignored(self, owner: Browser, allowed: None) -> None:
        assert set(owner.decide(asked())) == {"code", "state"}
        for broken in ({"code_challenge_method": None}, {"code_challenge": None}, {"code_challenge": "x"}):
            reply = owner.get(asked(**broken), Accept="*/*")
            assert refusal(reply) == (400, "invalid_request")

    def test_a_form_of_that_time_is_refused_when_it_is_off_again(
        self, site: Instance, owner: Browser
    ) -> None:
        assert refusal(owner.get(self.BARE, Accept="*/*")) == (400, "invalid_request")
        form = owner.form(asked()).hidden | {"code_challenge": "", "code_challenge_method": ""}
        assert told(owner.post(form | {"action": "authorize"})) == {
            "error": "invalid_request",
            "state": "ST1",
        }
