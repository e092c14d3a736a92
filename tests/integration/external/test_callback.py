"""What a browser brings from another site is believed from an administrator, with a state, once, in time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests

from sidecar.db import php_serialize
from tests.integration.external.conftest import OPERATOR, Here, Person, token
from tests.integration.external.oldsite import AUTHORIZE, Server, document, error, grants


@pytest.fixture
def admin(people: dict[str, Person]) -> Person:
    return people["admin"]


def state_of(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query))["state"]


def refused(reply: requests.Response, status: int, text: str) -> None:
    """A page that says no, and nothing else."""
    assert (reply.status_code, reply.headers["Content-Type"].partition(";")[0]) == (status, "text/html")
    assert text in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "datamachine_bot_" not in reply.text


def test_a_token_of_an_older_site_is_stored_where_it_was_asked_for(
    here: Here, old: Server, admin: Person
) -> None:
    given = token()
    old.answers[AUTHORIZE] = grants(given, "bot", 12)
    there = requests.get(here.invite(old.site, "bot"), allow_redirects=False, timeout=30)
    reply = admin.bring(
        there.headers["Location"], Referer="https://evil.example/x", Origin="https://evil.example"
    )
    assert reply.status_code == 200, reply.text
    assert f"Connected with {old.site}" in reply.text
    assert given not in reply.text
    (key,) = here.stored()
    assert key == f"{old.site}/bot"
    assert here.secret(key) == given
    assert here.service.test(OPERATOR, key).agent_slug == "bot"
    assert old.seen[-1].headers["authorization"] == f"Bearer {given}"


def test_the_address_asks_with_a_proof_key_and_a_state(here: Here, old: Server) -> None:
    query = parse_qs(urlsplit(here.invite(old.site, "bot", label="ours")).query)
    assert query["agent_slug"] == ["bot"]
    assert query["label"] == ["ours"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    back = urlsplit(query["redirect_uri"][0])
    assert f"{back.scheme}://{back.netloc}" == here.site.url
    assert parse_qs(back.query)["state"] == query["state"]


def test_a_state_and_a_verifier_are_not_in_the_database(here: Here, old: Server) -> None:
    state = state_of(here.invite(old.site, "bot"))
    (dump,) = here.begun()
    assert "dm:enc:v1:" in dump
    # The address that holds the state is kept for the exchange: it must not be readable either.
    assert state not in dump


@pytest.mark.parametrize("given", [{}, {"state": ""}, {"state": "x" * 43}, {"state": "ST1"}])
def test_without_a_state_of_ours_nothing_is_stored(here: Here, admin: Person, given: dict[str, str]) -> None:
    brought = {"token": token(), "agent_slug": "bot", "agent_id": "1"} | given
    reply = admin.bring(brought, Referer="https://victim.example/", Origin="https://victim.example")
    refused(reply, 400, "belongs to no connection that was begun here")
    assert here.stored() == {}


def test_a_state_works_once(here: Here, old: Server, admin: Person) -> None:
    brought = {"token": token(), "agent_slug": "bot", "state": state_of(here.invite(old.site, "bot"))}
    assert admin.bring(brought).status_code == 200
    before = here.stored()
    refused(admin.bring(brought | {"token": token()}), 400, "too late or twice")
    assert here.stored() == before


def test_of_twenty_at_once_one_is_believed(here: Here, old: Server, admin: Person) -> None:
    state = state_of(here.invite(old.site, "bot"))
    given = [{"token": token(), "agent_slug": "bot", "state": state} for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(admin.bring, given))
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * 19
    winner = next(brought for brought, reply in zip(given, replies, strict=True) if reply.status_code == 200)
    assert here.secret(f"{old.site}/bot") == winner["token"]


def age(here: Here, seconds: int) -> None:
    """Let everything that was begun have begun earlier."""
    options = here.runtime.db.tables().options
    with here.runtime.db.session() as session:
        for row in session.all(
            f"SELECT option_id, option_value FROM {options} WHERE option_name LIKE :name",
            {"name": "datamachine\\_external\\_state\\_%"},
        ):
            begun = dict(php_serialize.maybe_loads(row["option_value"]))
            assert 0 < begun["expires"] - time.time() <= 600
            session.execute(
                f"UPDATE {options} SET option_value = :value WHERE option_id = :id",
                {
                    "id": row["option_id"],
                    "value": php_serialize.dumps(begun | {"expires": begun["expires"] - seconds}),
                },
            )


def test_a_state_is_over_after_ten_minutes(here: Here, old: Server, admin: Person) -> None:
    state = state_of(here.invite(old.site, "bot"))
    age(here, 600)
    refused(admin.bring({"token": token(), "agent_slug": "bot", "state": state}), 400, "too late")
    assert here.stored() == {}


def test_what_nobody_came_back_with_is_swept(here: Here, old: Server) -> None:
    here.invite(old.site, "bot")
    age(here, 600)
    here.invite(old.site, "bot")
    assert len(here.begun()) == 1


def test_a_connection_is_finished_by_who_began_it(
    here: Here, old: Server, people: dict[str, Person], accounts: dict[str, int]
) -> None:
    """An administrator cannot be made to store a token for a connection of somebody else."""
    brought = {"token": token(), "agent_slug": "bot"}
    state = state_of(here.invite(old.site, "bot", accounts["f-boss"]))
    refused(people["admin"].bring(brought | {"state": state}), 403, "Somebody else has begun")
    refused(people["f-boss"].bring(brought | {"state": state}), 400, "twice")
    state = state_of(here.invite(old.site, "bot", accounts["f-boss"]))
    assert people["f-boss"].bring(brought | {"state": state}).status_code == 200


def test_who_is_no_administrator_stores_nothing_and_uses_nothing_up(
    here: Here, old: Server, people: dict[str, Person]
) -> None:
    brought = {"token": token(), "agent_slug": "bot", "state": state_of(here.invite(old.site, "bot"))}
    for login in ("f-ed", "f-mgr"):
        refused(people[login].bring(brought), 403, "Only administrators")
    refused(people["visitor"].bring(brought), 401, "Sign in")
    assert here.stored() == {}
    assert people["admin"].bring(brought).status_code == 200


def test_an_answer_of_a_third_site_is_refused(here: Here, old: Server, people: dict[str, Person]) -> None:
    """A site that was asked may send the browser on to another, whose code is not for the first."""
    state = state_of(here.invite(old.site, "bot"))
    brought = {"code": "c" * 64, "state": state, "iss": "https://third.example"}
    refused(people["admin"].bring(brought), 400, "This answer comes from https://third.example, not from")
    assert here.stored() == {}
    assert [each for each in old.seen if each.path.startswith("/wp-json/datamachine/v1/agent/token")] == []


def test_a_code_waits_until_somebody_has_signed_in(
    here: Here, old: Server, people: dict[str, Person]
) -> None:
    state = state_of(here.invite(old.site, "bot"))
    reply = people["visitor"].bring({"code": "c" * 64, "state": state})
    assert reply.status_code == 302
    login = urlsplit(reply.headers["Location"])
    assert f"{login.scheme}://{login.netloc}{login.path}" == here.site.url + "/wp-login.php"
    back = urlsplit(dict(parse_qsl(login.query))["redirect_to"])
    assert dict(parse_qsl(back.query)) == {"code": "c" * 64, "state": state}


def test_credentials_of_programs_are_no_session(
    here: Here, old: Server, people: dict[str, Person], basic: dict[str, dict[str, str]]
) -> None:
    """A page's script, an application password and a bearer token bring nothing."""
    brought = {"token": token(), "agent_slug": "bot", "state": state_of(here.invite(old.site, "bot"))}
    refused(people["visitor"].bring(brought, **basic["admin"]), 401, "Sign in")
    refused(people["admin"].bring(brought, Sec_Fetch_Mode="cors", Sec_Fetch_Dest="empty"), 403, "window")
    refused(people["admin"].bring(brought, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe"), 403, "window")
    assert here.stored() == {}


def test_a_look_ahead_of_a_program_uses_nothing_up(here: Here, old: Server, admin: Person) -> None:
    brought = {"token": token(), "agent_slug": "bot", "state": state_of(here.invite(old.site, "bot"))}
    assert admin.bring(brought, "HEAD").status_code == 400
    assert admin.bring(brought).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"agent_slug": "other"},
        {"agent_slug": ""},
        {"token": ""},
        {"token": "secret_" + "0" * 64},
        {"token": "datamachine_bot_ " + "0" * 63},
        {"token": "datamachine_bot_\r\nX-Evil: 1"},
    ],
)
def test_what_was_not_asked_for_is_not_stored(
    here: Here, old: Server, admin: Person, changed: dict[str, str]
) -> None:
    brought = {"token": token(), "agent_slug": "bot", "state": state_of(here.invite(old.site, "bot"))}
    refused(admin.bring(brought | changed), 400, "neither a code nor a token")
    assert here.stored() == {}


def test_a_number_that_is_none_is_refused_as_ever(here: Here, admin: Person) -> None:
    reply = admin.bring({"token": token(), "agent_slug": "bot", "agent_id": "x"})
    assert reply.status_code == 400
    assert here.stored() == {}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("access_denied", "Access was denied at the other site."),
        ("agent_not_found", "The other site has no such agent."),
        ("<script>alert(1)</script>", "Authorization failed: scriptalert1script"),
    ],
)
def test_the_other_sites_error_is_shown(here: Here, old: Server, admin: Person, code: str, text: str) -> None:
    state = state_of(here.invite(old.site, "bot"))
    refused(admin.bring({"error": code, "state": state}), 400, text)
    refused(admin.bring({"token": token(), "agent_slug": "bot", "state": state}), 400, "twice")


def test_a_code_is_exchanged_with_its_proof_and_our_address(here: Here, old: Server, admin: Person) -> None:
    given = token()
    route = "/wp-json/datamachine/v1/agent/token"
    old.answers[route] = document(
        200, {"success": True, "access_token": given, "agent_id": 7, "agent_slug": "bot"}
    )
    url = here.invite(old.site, "bot")
    reply = admin.bring({"code": "c" * 64, "state": state_of(url)})
    assert reply.status_code == 200, reply.text
    (asked,) = [seen for seen in old.seen if seen.path == route]
    sent = requests.models.complexjson.loads(asked.body)
    assert set(sent) == {"code", "code_verifier", "redirect_uri"}
    assert sent["redirect_uri"] == dict(parse_qsl(urlsplit(url).query))["redirect_uri"]
    assert "authorization" not in asked.headers
    assert here.secret(f"{old.site}/bot") == given


def test_a_chat_bridge_exchanges_where_the_newer_route_is_missing(
    here: Here, old: Server, admin: Person
) -> None:
    given = token()
    old.answers["/wp-json/datamachine/v1/bridge/token"] = document(
        200, {"success": True, "access_token": given, "agent_id": 7, "agent_slug": "bot"}
    )
    reply = admin.bring({"code": "c" * 64, "state": state_of(here.invite(old.site, "bot"))})
    assert reply.status_code == 200, reply.text
    assert here.secret(f"{old.site}/bot") == given


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (error(400, "pkce_failed", "The proof is wrong."), "The proof is wrong."),
        (document(200, {"access_token": token(), "agent_slug": "other"}), "of another agent"),
        (document(200, {"access_token": "x", "agent_slug": "bot"}), "A token begins with datamachine_"),
        (document(200, [1, 2]), "did not answer as Data Machine does"),
        (document(302, None, Location="https://evil.example/"), "to another site"),
    ],
)
def test_a_code_that_gives_nothing_stores_nothing(
    here: Here, old: Server, admin: Person, answer: object, text: str
) -> None:
    old.answers["/wp-json/datamachine/v1/agent/token"] = answer  # type: ignore[assignment]
    refused(admin.bring({"code": "c", "state": state_of(here.invite(old.site, "bot"))}), 502, text)
    assert here.stored() == {}
