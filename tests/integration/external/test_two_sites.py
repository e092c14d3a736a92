"""Two sites of ours: one asks, its administrator approves at the other, and its agent acts there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from dev.instance import ADMIN, Instance
from sidecar.identity.token_service import TokensService
from tests.integration.authorize.browsing import Browser
from tests.integration.external.conftest import OPERATOR, Here, Person, services

SITE_RUN = "/wp-json/wp-abilities/v1/abilities/datamachine/agent-remote-call/run"
ME = "/wp-json/datamachine/v1/agents/me"


@pytest.fixture(scope="module")
def away(there: Instance) -> Iterator[Here]:
    """The other site, with an agent of its administrator."""
    there.datamachine("agents", "create", "f-guest", f"--owner={ADMIN}")
    with services(there) as runtime:
        yield Here(there, runtime)


@pytest.fixture(scope="module")
def back(site: Instance) -> str:
    """An agent of ours that the other site may act as."""
    made = site.datamachine("agents", "create", "f-host", f"--owner={ADMIN}", check=False)
    assert made.returncode == 0 or "already exists" in made.stderr, made
    return "f-host"


def approve(there: Instance, url: str, action: str = "authorize") -> str:
    """Press a button on the other site's page, as its administrator; where the browser is sent."""
    browser = Browser(there).log_in(ADMIN, there.password)
    asked = dict(parse_qsl(urlsplit(url).query))
    assert url.startswith(there.url + "/wp-json/datamachine/v1/agent/authorize?")
    reply = browser.post(browser.form(asked).hidden | {"action": action})
    assert reply.status_code == 302, reply.text
    return reply.headers["Location"]


def connect(here: Here, there: Here, slug: str) -> str:
    """From the command to the stored token; its key."""
    location = approve(there.site, here.invite(there.site.url, slug))
    given = dict(parse_qsl(urlsplit(location).query))
    assert given.pop("iss") == there.site.url
    assert set(given) == {"state", "code"}
    person = Person(here.site)
    person.log_in(ADMIN, here.site.password)
    reply = person.bring(location)
    assert reply.status_code == 200, reply.text
    # What was exchanged is worth nothing any more, and the state is used up.
    assert person.bring(location).status_code == 400
    return f"127.0.0.1:{there.site.port}/{slug}"


def call(here: Here, *words: str, check: bool = True, **env: str) -> Any:
    said = here.site.datamachine("external", "call", *words, check=check, **env)
    return json.loads(said.stdout)


def test_an_agent_acts_at_the_other_site_until_its_token_is_revoked(here: Here, away: Here) -> None:
    key = connect(here, away, "f-guest")
    secret = here.secret(key)
    stored = json.dumps(here.stored())
    assert secret not in stored
    tested = here.external("test", key)
    assert f'Success: {key} answers: agent "f-guest"' in tested
    answer = call(here, key, "GET", ME)
    assert (answer["success"], answer["status_code"]) == (True, 200)
    assert answer["body"]["data"]["agent_slug"] == "f-guest"
    assert answer["url"] == away.site.url + ME
    raw = here.external("call", key, "GET", away.site.url + ME, "--format=raw")
    assert json.loads(raw) == answer["body"]
    (row,) = json.loads(away.site.datamachine("agents", "token", "list", "f-guest", "--format=json").stdout)
    assert row["label"] == "127.0.0.1"
    away.site.datamachine("agents", "token", "revoke", "f-guest", str(row["token_id"]))
    said = here.external("test", key, check=False)
    assert "Error: HTTP 401: Invalid or expired agent token." in said
    assert secret not in said


def test_a_refusal_at_the_other_site_stores_nothing(here: Here, away: Here) -> None:
    location = approve(away.site, here.invite(away.site.url, "f-guest"), "deny")
    given = dict(parse_qsl(urlsplit(location).query))
    assert given["error"] == "access_denied"
    person = Person(here.site)
    person.log_in(ADMIN, here.site.password)
    reply = person.bring(location)
    assert (reply.status_code, "Access was denied at the other site." in reply.text) == (400, True)
    assert here.stored() == {}


def test_a_chain_of_calls_ends(here: Here, away: Here, back: str) -> None:
    """We call them, they call us, we call them: the third hop is refused, and everybody hears it."""
    theirs, ours = connect(here, away, "f-guest"), connect(away, here, back)
    assert ours == f"127.0.0.1:{here.site.port}/{back}"

    def hop(site: Instance, slug: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        given = {"remote_site": site.url, "agent_slug": slug, "method": method, "path": path}
        return {"input": given | ({} if body is None else {"body": body})}

    last = hop(away.site, "f-guest", "GET", ME)
    middle = hop(here.site, back, "POST", SITE_RUN, last)
    first = call(here, theirs, "POST", SITE_RUN, f"--body={json.dumps(middle)}")
    assert first["status_code"] == 200, first
    second = first["body"]
    assert second["status_code"] == 200, second
    third = second["body"]
    assert (third["success"], third["status_code"]) == (False, 429)
    assert third["body"]["code"] == "datamachine_chain_depth_exceeded"
    assert third["body"]["data"]["chain_depth"] == 3
    away.clear()


def test_the_ability_is_for_administrators(here: Here, away: Here, basic: dict[str, dict[str, str]]) -> None:
    key = connect(here, away, "f-guest")
    given = {"remote_site": away.site.url, "agent_slug": "f-guest", "method": "GET", "path": ME}
    for login, status in ((ADMIN, 200), ("f-ed", 403), ("f-mgr", 403)):
        reply = requests.post(
            here.site.url + SITE_RUN, json={"input": given}, headers=basic[login], timeout=30
        )
        assert reply.status_code == status, reply.text
        assert here.secret(key) not in reply.text
    assert requests.post(here.site.url + SITE_RUN, json={"input": given}, timeout=30).status_code == 401
    unknown = given | {"agent_slug": "nobody"}
    reply = requests.post(here.site.url + SITE_RUN, json={"input": unknown}, headers=basic[ADMIN], timeout=30)
    assert reply.json()["status_code"] == 0
    assert reply.json()["error"] == f'No connection found for "127.0.0.1:{away.site.port}/nobody".'


def test_tokens_of_our_own_agents_bound_who_may_call(here: Here, away: Here, back: str) -> None:
    """An administrator's agent calls other sites; a limited token must name what that takes."""
    connect(here, away, "f-guest")
    given = {"remote_site": away.site.url, "agent_slug": "f-guest", "method": "GET", "path": ME}
    for limit, status in (
        (None, 200),
        (["datamachine_manage_agents", "manage_options"], 200),
        (["datamachine_manage_agents"], 403),
        (["manage_options"], 403),
        ([], 403),
    ):
        token = here.runtime.get(TokensService).create(OPERATOR, back, capabilities=limit).raw
        headers = {"Authorization": f"Bearer {token}"}
        reply = requests.post(here.site.url + SITE_RUN, json={"input": given}, headers=headers, timeout=30)
        assert reply.status_code == status, (limit, reply.text)
        listed = here.get("/wp-json/datamachine/v1/agent/auth/tokens", headers)
        assert listed.status_code == status, (limit, listed.text)
        # The command line of an agent's session knows the same limits.
        said = here.site.datamachine("external", "list", check=False, DATAMACHINE_TOKEN=token)
        assert (said.returncode == 0) == (status == 200), (limit, said)
