"""Strangers at the HTTP door, and numbers no id has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from sidecar import app
from sidecar.api import agents
from sidecar.display.numbers import leading_int
from sidecar.errors import Unavailable
from sidecar.identity import Attempts, Tokens
from sidecar.runtime import Runtime
from tests.unit.api.test_app import NoTokens


class Gone:
    def ping(self) -> str:
        raise Unavailable("The database at secret-host does not answer.")

    def tables(self) -> Any:
        return SimpleNamespace()

    def session(self) -> Any:
        raise Unavailable("gone")


@pytest.fixture
def client() -> Any:
    site = SimpleNamespace(socket="/nowhere/b.sock", host_socket="/nowhere/h.sock")
    tokens = NoTokens()
    runtime = SimpleNamespace(site=site, db=Gone(), get={Tokens: tokens, Attempts: tokens}.__getitem__)
    return app.create_app(cast(Runtime, runtime)).test_client()


def test_metrics_do_not_grow_with_what_strangers_send(client: Any) -> None:
    client.get("/healthz")
    for number in range(50):
        client.open(f"/nothing/{number}", method=f"WORD{number}")
    text = client.get("/metrics").get_data(as_text=True)
    assert "WORD" not in text
    assert "/nothing" not in text
    assert 'method="other"' in text


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer x", "Bearer datamachine_x", "Basic YWRtaW46YWRtaW4=", "Bearer datamachine_" + "x" * 9000],
)
@pytest.mark.parametrize("path", ["/datamachine/v1/agents", "/datamachine/v1/jobs", "/datamachine/v1/jobs/1"])
def test_nobody_passes_without_a_token(client: Any, path: str, authorization: str) -> None:
    headers = {"Authorization": authorization, "X-WP-Nonce": "x", "Cookie": "wordpress_logged_in_x=admin"}
    answer = client.get(path + "?user_id=1&_method=DELETE", headers=headers)
    assert answer.status_code == 401
    assert set(answer.get_json()) == {"code", "message", "data"}


def test_a_reason_stays_in_the_log(client: Any) -> None:
    assert "secret-host" not in client.get("/readyz").get_data(as_text=True)


@pytest.mark.parametrize("text", ["9" * 5000, "-1", "1e3", "１２", "0", "", "1;DROP TABLE x"])
def test_what_is_no_id_is_not_given(text: str) -> None:
    assert agents._id(text) is None


def test_numbers_end_where_phps_do() -> None:
    assert leading_int("9" * 5000) == 2**63 - 1
    assert leading_int("-" + "9" * 30 + "x") == -(2**63)
    assert leading_int(" 12abc") == 12
    assert leading_int("x") == 0
