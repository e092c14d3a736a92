"""The sidecar's own HTTP door: health, refusals, and the one error envelope."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import flask
import pytest

from sidecar import app
from sidecar.api import door, routes
from sidecar.api.route import Answer, Permission, Request, Route
from sidecar.errors import Conflict, Unavailable
from sidecar.identity import Attempts, Principal, Tokens, TooManyAttempts, bearer
from sidecar.runtime import Runtime

#: Parts of a path that are not any word.
SAMPLES = {"two": "11", "four": "2026"}


class Database:
    """A database that answers, until it is told not to."""

    down = False

    def ping(self) -> str:
        if self.down:
            raise Unavailable("gone")
        return "10.11"

    def tables(self) -> Any:
        return SimpleNamespace(jobs="jobs", bridge_leases="leases", bridge_events="events")

    def session(self) -> Any:
        raise Unavailable("gone")


class NoTokens:
    """Knows no token, and counts those that fail until there are too many."""

    def __init__(self) -> None:
        self.failures: list[tuple[str, str]] = []
        self.most = 1000

    def authenticate(self, raw: str) -> Any:
        raise bearer.refusal()

    def failed(self, address: str, token: str) -> None:
        if len(self.failures) >= self.most:
            raise TooManyAttempts("Too many failed attempts.", data={"retry_after": 17})
        self.failures.append((address, token))


@pytest.fixture
def tokens() -> NoTokens:
    return NoTokens()


@pytest.fixture
def runtime(tmp_path: Path, tokens: NoTokens) -> Runtime:
    site = SimpleNamespace(socket=str(tmp_path / "bridge.sock"), host_socket=str(tmp_path / "host.sock"))
    services: dict[Any, Any] = {Tokens: tokens, Attempts: tokens}
    return cast(Runtime, SimpleNamespace(site=site, db=Database(), hosts=None, get=services.__getitem__))


@pytest.fixture
def client(runtime: Runtime) -> flask.testing.FlaskClient:
    return app.create_app(runtime).test_client()


def test_health_says_only_that_the_process_answers(client: flask.testing.FlaskClient) -> None:
    reply = client.get("/healthz")
    assert (reply.status_code, reply.get_json()["status"]) == (200, "ok")


def test_readiness_needs_every_part(client: flask.testing.FlaskClient, runtime: Runtime) -> None:
    missing = client.get("/readyz")
    assert missing.status_code == 503
    assert missing.get_json()["checks"] == {
        "database": "ok", "bridge": "FileNotFoundError", "host": "FileNotFoundError"
    }  # fmt: skip
    with socket.socket(socket.AF_UNIX) as bridge, socket.socket(socket.AF_UNIX) as host:
        for listener, path in ((bridge, runtime.site.socket), (host, runtime.site.host_socket)):
            listener.bind(path)
            listener.listen()
        assert client.get("/readyz").status_code == 200
        cast(Any, runtime.db).down = True
        assert client.get("/readyz").get_json()["checks"]["database"] == "Unavailable"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, {"/agents": "rest_not_logged_in", "/jobs": "rest_forbidden"}),
        ("Basic YTpi", {"/agents": "rest_not_logged_in", "/jobs": "rest_forbidden"}),
        ("bearer datamachine_x_y", {"/agents": "rest_not_logged_in", "/jobs": "rest_forbidden"}),
        (
            "Bearer datamachine_x_y",
            {"/agents": "datamachine_invalid_token", "/jobs": "datamachine_invalid_token"},
        ),
    ],
)
def test_strangers_are_refused(
    client: flask.testing.FlaskClient, header: str | None, code: dict[str, str]
) -> None:
    for path, expected in code.items():
        reply = client.get(f"/datamachine/v1{path}", headers={"Authorization": header} if header else {})
        assert reply.status_code == 401
        assert reply.get_json()["code"] == expected
        assert reply.get_json()["data"] == {"status": 401}


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer datamachine_x_y", "datamachine_x_y"),
        ("Bearer datamachine_x_y, Bearer datamachine_x_z", ""),
        ("Bearer datamachine_", ""),
    ],
)
def test_what_opens_nothing_is_counted_until_it_is_too_much(
    client: flask.testing.FlaskClient, tokens: NoTokens, header: str, token: str
) -> None:
    tokens.most = 1
    headers = {"Authorization": header, "X-Forwarded-For": "203.0.113.9"}
    first = client.get("/datamachine/v1/agents", headers=headers)
    assert (first.status_code, first.get_json()["code"]) == (401, "datamachine_invalid_token")
    again = client.get("/datamachine/v1/agents", headers=headers)
    assert (again.status_code, again.headers["Retry-After"]) == (429, "17")
    assert again.get_json() == {
        "code": "datamachine_too_many_attempts",
        "message": "Too many failed attempts.",
        "data": {"status": 429, "retry_after": 17},
    }
    assert tokens.failures == [("127.0.0.1", token)]


def test_a_token_in_the_query_is_nobody(client: flask.testing.FlaskClient, tokens: NoTokens) -> None:
    query = "access_token=datamachine_x_y&token=datamachine_x_y&Authorization=Bearer+datamachine_x_y"
    reply = client.get(f"/datamachine/v1/agents?{query}")
    assert (reply.status_code, reply.get_json()["code"]) == (401, "rest_not_logged_in")
    assert tokens.failures == []


def test_every_route_is_closed_but_the_public_ones(client: flask.testing.FlaskClient) -> None:
    rules = [
        rule for rule in client.application.url_map.iter_rules() if rule.rule.startswith("/datamachine/")
    ]
    public = {route.path for route in routes.ROUTES if route.permission.public}
    closed = 0
    for rule in rules:
        if rule.rule.removeprefix("/datamachine/v1") in public:
            continue
        url = re.sub(r"<(\w+):\w+>", lambda part: SAMPLES.get(part[1], "1"), rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            assert client.open(url, method=method).status_code == 401
            closed += method != "HEAD"
    assert closed == sum(len(route.methods) for route in routes.ROUTES if not route.permission.public)


def test_unknown_paths_and_methods_answer_as_wordpress_does(client: flask.testing.FlaskClient) -> None:
    expected = {
        "code": "rest_no_route",
        "message": "No route was found matching the URL and request method.",
        "data": {"status": 404},
    }
    assert client.get("/datamachine/v1/nothing").get_json() == expected
    refused = client.delete("/datamachine/v1/agents")
    assert (refused.status_code, refused.get_json()) == (404, expected)


def test_metrics_survive_a_database_that_does_not_answer(client: flask.testing.FlaskClient) -> None:
    client.get("/healthz")
    text = client.get("/metrics").get_data(as_text=True)
    assert "datamachine_database_up 0.0" in text
    assert 'datamachine_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in text


def test_an_error_becomes_wordpresss_envelope_in_one_place(runtime: Runtime) -> None:
    def conflict(_request: Request) -> Answer:
        raise Conflict("Taken/é", code="agent_slug_conflict", data={"slug": "x"})

    def defect(_request: Request) -> Answer:
        raise ZeroDivisionError

    rule = Permission("no")
    somebody = Principal.user(1)
    taken = door.answer(runtime, Route("GET", "/x", rule, conflict), {}, {}, principal=somebody)
    assert taken.status == 409
    assert door.encode(taken) == (
        rb'{"code":"agent_slug_conflict","message":"Taken\/\u00e9","data":{"status":409,"slug":"x"}}'
    )
    broken = door.answer(runtime, Route("GET", "/x", rule, defect), {}, {}, principal=somebody)
    assert broken.status == 500
    assert json.loads(door.encode(broken)) == {
        "code": "internal_error",
        "message": "The request could not be completed; the sidecar's log has the details.",
        "data": {"status": 500},
    }
