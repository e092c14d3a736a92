"""Which tokens are accepted on WordPress's routes, with no sidecar running."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from tests.integration.bearer.conftest import AGENTS, TOKENS, Lab, digest, error

PUBLIC, LOGIN = "/bearer/v1/public", "/bearer/v1/login"
INVALID = (401, "datamachine_invalid_token")


@pytest.fixture
def deciding(lab: Lab) -> Iterator[None]:
    yield
    lab.instance.wp("option", "delete", "bearer_decides", check=False)


def test_an_agent_acts_for_its_owner(lab: Lab) -> None:
    said = lab.ask(lab.token("writer"), LOGIN).json()
    assert (said["user"], said["agent"]) == (lab.user("author"), lab.agents["writer"])
    assert said["can"] == ["read"]


def test_without_a_token_nobody_does(lab: Lab) -> None:
    assert lab.ask(None, PUBLIC).json()["user"] == 0
    assert lab.ask(None, LOGIN).status == 401


def test_a_wrong_token_is_refused_on_routes_for_everybody_too(lab: Lab) -> None:
    refused = lab.ask("datamachine_boss_" + "0" * 64, PUBLIC)
    assert refused.json() == {
        "code": "datamachine_invalid_token",
        "message": "Invalid or expired agent token.",
        "data": {"status": 401},
    }
    assert refused.status == 401


def test_all_of_the_text_counts(lab: Lab) -> None:
    raw = lab.token()
    for other in (raw[:-1], raw + "0", raw.upper(), raw[:-1] + raw[-1].upper() + "x"):
        assert lab.ask(other, PUBLIC).json().get("user") in {0, None}, other
    assert lab.ask(digest(raw), PUBLIC).json()["user"] == 0, "the hash is no token"
    assert lab.ask("datamachine_" + digest(raw), PUBLIC).status == 401


def test_an_expired_token(lab: Lab) -> None:
    past, soon = "UTC_TIMESTAMP() - INTERVAL 1 SECOND", "UTC_TIMESTAMP() + INTERVAL 1 HOUR"
    assert error(lab.ask(lab.token(expires=past), PUBLIC)) == INVALID
    assert error(lab.ask(lab.token(expires="UTC_TIMESTAMP()"), PUBLIC)) == INVALID
    assert lab.ask(lab.token(expires=soon), PUBLIC).status == 200


def test_a_revoked_token_is_refused_at_once(lab: Lab) -> None:
    raw = lab.token()
    assert lab.ask(raw, PUBLIC).status == 200
    lab.sql(f"DELETE FROM {TOKENS} WHERE token_hash = '{digest(raw)}'")
    assert error(lab.ask(raw, PUBLIC)) == INVALID


def test_a_narrowed_token_is_narrow_at_once(lab: Lab) -> None:
    raw = lab.token()
    assert "manage_options" in lab.ask(raw, PUBLIC).json()["can"]
    lab.sql(f"UPDATE {TOKENS} SET capabilities = '[]' WHERE token_hash = '{digest(raw)}'")
    assert lab.ask(raw, PUBLIC).json()["can"] == []


def test_agents_and_owners_that_are_gone(lab: Lab) -> None:
    lab.agent("gone", 1)
    lab.agent("orphan", 4711)
    gone, orphan = lab.token("gone"), lab.token("orphan")
    lab.sql(f"DELETE FROM {AGENTS} WHERE agent_slug = 'gone'")
    assert lab.ask(gone, PUBLIC).json() == {
        "code": "datamachine_agent_not_found",
        "message": "Agent associated with this token no longer exists.",
        "data": {"status": 401},
    }
    assert lab.ask(orphan, PUBLIC).json() == {
        "code": "datamachine_owner_not_found",
        "message": "Agent owner account no longer exists.",
        "data": {"status": 401},
    }


def test_on_a_single_site_an_agent_is_of_that_site(lab: Lab) -> None:
    lab.agent("scoped", 1, "7")
    assert lab.ask(lab.token("scoped"), PUBLIC).status == 200


def test_the_last_use_is_written_once_a_minute(lab: Lab) -> None:
    raw = lab.token()
    assert lab.of(raw, "last_used_at IS NULL") == "1"
    lab.ask(raw, PUBLIC)
    assert lab.of(raw, "last_used_at BETWEEN UTC_TIMESTAMP() - INTERVAL 9 SECOND AND UTC_TIMESTAMP()") == "1"
    for seconds, touched in ((50, False), (70, True)):
        lab.sql(
            f"UPDATE {TOKENS} SET last_used_at = UTC_TIMESTAMP() - INTERVAL {seconds} SECOND "
            f"WHERE token_hash = '{digest(raw)}'"
        )
        before = lab.of(raw, "last_used_at")
        lab.ask(raw, PUBLIC)
        assert (lab.of(raw, "last_used_at") != before) is touched


def test_parameters_and_cookies_are_never_tokens(lab: Lab) -> None:
    raw = lab.token()
    for name in ("token", "access_token", "bearer_token", "authorization", "Authorization"):
        assert lab.ask(None, f"{PUBLIC}?{name}={raw}").json()["user"] == 0
        assert lab.ask(None, f"{PUBLIC}?{name}=Bearer%20{raw}").json()["user"] == 0
        assert lab.ask(None, PUBLIC, "POST", data={name: f"Bearer {raw}"}).json()["user"] == 0
        cookie = {"Cookie": f"{name}=Bearer {raw}"}
        assert lab.ask(None, PUBLIC, headers=cookie).json()["user"] == 0


def test_pages_know_no_tokens(lab: Lab) -> None:
    raw = lab.token()
    said = {"Authorization": f"Bearer {raw}"}
    lab.instance.get("/", headers=said)
    assert lab.of(raw, "last_used_at IS NULL") == "1"
    wrong = {"Authorization": "Bearer datamachine_boss_1"}
    assert lab.instance.get("/", headers=wrong).status == 200
    assert "wp-submit" in lab.instance.get("/wp-admin/", headers=said).text


@pytest.mark.usefixtures("deciding")
def test_who_refused_before_us_is_heard(lab: Lab) -> None:
    lab.instance.wp("option", "update", "bearer_decides", "no")
    raw = lab.token()
    assert error(lab.ask(raw, PUBLIC)) == (403, "closed")
    assert lab.of(raw, "last_used_at IS NULL") == "1"


@pytest.mark.usefixtures("deciding")
def test_who_let_somebody_in_before_us_did_not_mean_the_tokens_owner(lab: Lab) -> None:
    lab.instance.wp("option", "update", "bearer_decides", "yes")
    assert lab.ask(lab.token("boss", []), PUBLIC).json()["can"] == []
    assert error(lab.ask("datamachine_boss_1", PUBLIC)) == INVALID


def test_an_application_password_beside_a_token_is_the_token(lab: Lab) -> None:
    made = lab.instance.wp("user", "application-password", "create", "admin", "beside", "--porcelain")
    good = base64.b64encode(f"admin:{made.stdout.strip()}".encode()).decode()
    bad = base64.b64encode(b"staging:of the web server").decode()
    raw = lab.token("writer", [])
    for pair in (good, bad):
        headers = {"Authorization": f"Basic {pair}", "X-Datamachine-Authorization": f"Bearer {raw}"}
        said = lab.ask(None, LOGIN, headers=headers).json()
        assert (said["user"], said["agent"], said["can"]) == (lab.user("author"), lab.agents["writer"], [])
    alone = {"Authorization": f"Basic {good}"}
    assert (
        lab.ask(None, LOGIN, headers=alone).json() | {"agent": None, "user": 1}
        == lab.ask(None, LOGIN, headers=alone).json()
    ), "an application password alone is its user"
