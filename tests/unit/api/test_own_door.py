"""Requests at the sidecar's own door: who passes, what a handler is given, and what WordPress is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import flask
import pytest

from sidecar import app, blog
from sidecar.api import access, routes
from sidecar.api.route import EDITABLE, Answer, Argument, Permission, Request, Route
from sidecar.errors import Unauthorized
from sidecar.host import context as host_context
from sidecar.identity import Answers, Permissions, Principal, WordPressAnswers
from sidecar.identity.caller import ChainTooDeep
from sidecar.runtime import Runtime

NUMBER = Argument("integer", required=True)
MANAGED = Permission("Not yours.", any_of=("manage_agents", "manage_flows"))
SIGNED_IN = Permission("Sign in.", code="rest_not_logged_in", status=401)

OPEN = Permission("Never said.", public=True)


def echo(request: Request) -> Answer:
    principal = request.principal
    return Answer(
        {
            "params": dict(request.params),
            "query": dict(request.query),
            "body": dict(request.body),
            "who": [principal.kind, request.user_id, principal.agent_id],
            "blog": [request.blog_id, blog.current()],
        }
    )


def ask_wordpress(request: Request) -> Answer:
    host = host_context.current()
    assert host is not None
    return Answer([host.call("site.name", {}), host.call("site.name", {})])


def broken(_request: Request) -> Answer:
    raise ZeroDivisionError


def tired(_request: Request) -> Answer:
    raise ChainTooDeep("Too deep.", data={"retry_after": 60})


TEXTS = {"agent_slug": Argument("string", required=True), "agent_name": Argument("string")}
ROUTES = (
    Route("GET", "/things", SIGNED_IN, echo, {"n": Argument("integer", default=3)}),
    Route("POST", "/things", MANAGED, echo, TEXTS),
    Route("GET", r"/things/(?P<id>\d+)", MANAGED, echo, {"id": NUMBER}),
    Route(EDITABLE, r"/things/(?P<id>\d+)", MANAGED, echo, {"id": NUMBER}),
    Route("DELETE", r"/things/(?P<id>\d+)/people/(?P<user_id>\d+)", MANAGED, echo,
          {"id": NUMBER, "user_id": NUMBER}),
    Route("GET", "/wordpress", SIGNED_IN, ask_wordpress),
    Route("GET", "/broken", SIGNED_IN, broken),
    Route("GET", "/open", OPEN, echo),
    Route("POST", "/limited", OPEN, tired),
)  # fmt: skip


class Keys:
    """Knows people by a header: ``X-User: 5`` or ``X-User: 5/agent 7``."""

    def visit(self, request: flask.Request) -> access.Visit:
        name = request.headers.get("X-User", "0")
        if name == "wrong":
            raise Unauthorized("Wrong key.", code="datamachine_invalid_token")
        user, _, agent = name.partition("/agent ")
        if agent:
            return access.Visit(Principal("agent", user_id=int(user), agent_id=int(agent), blog_id=2))
        return access.Visit(Principal.user(int(user)))


class WordPress:
    """Says that user 5 manages flows, and counts what it is asked."""

    def __init__(self) -> None:
        self.questions: list[tuple[int, int]] = []
        self.units: list[tuple[str, int, int]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.open = 0

    def of(self, user_id: int, blog_id: int, epoch: str | None = None) -> Answers:
        self.questions.append((user_id, blog_id))
        return Answers(frozenset({"manage_flows"}) if user_id == 5 else frozenset(), known=user_id < 90)

    def call(self, operation: str, params: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        self.asked.append((operation, dict(params)))
        return "Site"

    @contextmanager
    def unit(self, context: str, user_id: int, blog_id: int, *, system: bool) -> Iterator[Any]:
        assert not system
        self.units.append((context, user_id, blog_id))
        self.open += 1
        yield SimpleNamespace(call=self.call, usable=True)
        self.open -= 1


@pytest.fixture
def wordpress() -> WordPress:
    return WordPress()


@pytest.fixture
def client(wordpress: WordPress, monkeypatch: pytest.MonkeyPatch) -> flask.testing.FlaskClient:
    monkeypatch.setattr(routes, "RESOURCES", {"things": ROUTES})
    permissions = Permissions(cast(Any, None), cast(Any, None), lambda: wordpress, lambda: False)
    services: dict[Any, Any] = {Permissions: permissions, WordPressAnswers: wordpress}
    runtime = cast(Runtime, SimpleNamespace(get=services.__getitem__, hosts=wordpress))
    return app.create_app(runtime, Keys()).test_client()


def ask(client: flask.testing.FlaskClient, method: str, path: str, user: str = "5", **more: Any) -> Any:
    return client.open(f"/datamachine/v1{path}", method=method, headers={"X-User": user}, **more)


def code(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.get_json()["code"]


CLOSED = [route for route in ROUTES if not route.permission.public]


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: f"{'/'.join(route.methods)} {route.path}")
def test_strangers_are_refused_before_anything_is_read(
    client: flask.testing.FlaskClient, wordpress: WordPress, route: Route
) -> None:
    path = route.path.replace(r"(?P<id>\d+)", "1").replace(r"(?P<user_id>\d+)", "2")
    for method in route.methods:
        reply = ask(client, method, path, "0", data=b"{not json", content_type="application/json")
        assert code(reply) == (401, route.permission.code)
        assert code(ask(client, method, path, "wrong")) == (401, "datamachine_invalid_token")
    assert (wordpress.questions, wordpress.units) == ([], [])


def test_everybody_may_ask_a_public_route_but_with_a_wrong_key(
    client: flask.testing.FlaskClient, wordpress: WordPress
) -> None:
    assert ask(client, "GET", "/open", "0").get_json()["who"] == ["user", 0, None]
    assert (wordpress.questions, wordpress.units) == ([], [])
    assert ask(client, "GET", "/open", "5/agent 7").get_json()["who"] == ["agent", 5, 7]
    assert ask(client, "GET", "/open", "90").get_json()["who"] == ["user", 90, None]
    assert code(ask(client, "GET", "/open", "wrong")) == (401, "datamachine_invalid_token")
    assert ROUTES[-2].wordpress()["permission"] == {
        "code": "rest_forbidden", "message": "Never said.", "public": True
    }  # fmt: skip


def test_whoever_shall_come_again_is_told_when(client: flask.testing.FlaskClient) -> None:
    reply = ask(client, "POST", "/limited", "0")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "60")
    assert "Retry-After" not in ask(client, "GET", "/things", "0").headers


def test_one_of_several_actions_is_enough_and_other_users_are_forbidden(
    client: flask.testing.FlaskClient,
) -> None:
    assert ask(client, "GET", "/things/1").status_code == 200
    refused = ask(client, "GET", "/things/1", "6")
    assert (refused.status_code, refused.get_json()) == (
        403,
        {"code": "rest_forbidden", "message": "Not yours.", "data": {"status": 403}},
    )
    assert ask(client, "GET", "/things", "6").status_code == 200


def test_a_user_whom_wordpress_does_not_know_is_a_stranger(client: flask.testing.FlaskClient) -> None:
    assert code(ask(client, "GET", "/things", "90")) == (401, "rest_not_logged_in")
    assert code(ask(client, "POST", "/things", "90")) == (401, "rest_forbidden")


def test_arguments_are_judged_before_the_permission_as_in_wordpress(
    client: flask.testing.FlaskClient,
) -> None:
    assert code(ask(client, "POST", "/things", "6")) == (400, "rest_missing_callback_param")
    assert code(ask(client, "POST", "/things?agent_slug=x", "6")) == (403, "rest_forbidden")


def test_a_request_acts_as_the_agent_on_its_blog(client: flask.testing.FlaskClient) -> None:
    said = ask(client, "GET", "/things", "5/agent 7").get_json()
    assert (said["who"], said["blog"]) == (["agent", 5, 7], [2, 2])
    assert blog.current() == 1


def test_wordpress_is_asked_once_who_the_caller_is(
    client: flask.testing.FlaskClient, wordpress: WordPress
) -> None:
    ask(client, "GET", "/things/1", "5/agent 7")
    assert wordpress.questions == [(5, 2)]
    assert wordpress.units == []


def test_a_request_has_one_unit_which_ends_with_it(
    client: flask.testing.FlaskClient, wordpress: WordPress
) -> None:
    assert ask(client, "GET", "/wordpress").get_json() == ["Site", "Site"]
    assert (wordpress.units, wordpress.open) == ([("rest", 5, 1)], 0)
    assert host_context.current() is None
    assert wordpress.asked == [("site.name", {})] * 2


def test_the_unit_of_an_agent_acts_as_the_agent(
    client: flask.testing.FlaskClient, wordpress: WordPress
) -> None:
    assert ask(client, "GET", "/wordpress", "5/agent 7").get_json() == ["Site", "Site"]
    assert wordpress.units == [("rest", 5, 2)]
    acting = ("identity.act_as", {"agent_id": 7, "token_id": None, "capabilities": None})
    assert wordpress.asked == [acting, ("site.name", {}), ("site.name", {})]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_one_route_serves_several_methods(client: flask.testing.FlaskClient, method: str) -> None:
    said = ask(client, method, "/things/7", json={"agent_name": "N", "agent_config": {"a": [1]}}).get_json()
    assert said["params"] == {"id": 7}
    assert said["body"] == {"agent_name": "N", "agent_config": {"a": [1]}}


def test_paths_may_hold_several_numbers(client: flask.testing.FlaskClient) -> None:
    assert ask(client, "DELETE", "/things/12/people/34").get_json()["params"] == {"id": 12, "user_id": 34}
    assert code(ask(client, "DELETE", "/things/12/people/x")) == (404, "rest_no_route")
    assert code(ask(client, "GET", "/things/٣")) == (404, "rest_no_route")
    assert ask(client, "GET", f"/things/{'9' * 5000}").get_json()["params"] == {"id": 2**63 - 1}


def test_the_body_comes_before_the_query_and_the_query_before_the_path(
    client: flask.testing.FlaskClient,
) -> None:
    both = ask(client, "POST", "/things?agent_slug=query&agent_name=query", json={"agent_slug": "body"})
    assert both.get_json()["params"] == {"agent_slug": "body", "agent_name": "query"}
    assert both.get_json()["query"] == {"agent_slug": "query", "agent_name": "query"}
    null = ask(client, "POST", "/things?agent_slug=query", json={"agent_slug": None})
    assert null.get_json()["params"] == {"agent_slug": "query"}
    assert ask(client, "PATCH", "/things/7?id=8", json={}).get_json()["params"] == {"id": 8}
    assert code(ask(client, "POST", "/things", json={"agent_slug": "x", "agent_name": None})) == (
        400,
        "rest_invalid_param",
    )


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_gives_declared_arguments_and_no_body(client: flask.testing.FlaskClient, kind: str) -> None:
    said = ask(client, "POST", "/things", data={"agent_slug": "é b"}, content_type=kind).get_json()
    assert (said["params"], said["body"]) == ({"agent_slug": "é b"}, [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "Syntax error"),
        (b"[1", "Syntax error"),
        (b"nope", "Syntax error"),
        (b'"\\ud800"', "Single unpaired UTF-16 surrogate in unicode escape"),
        (b"\xff", "Malformed UTF-8 characters, possibly incorrectly encoded"),
        (b"[" * 600 + b"]" * 600, "Maximum stack depth exceeded"),
        (b"[" * 99_999, None),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    client: flask.testing.FlaskClient, body: bytes, reason: str | None
) -> None:
    reply = ask(client, "POST", "/things?agent_slug=x", data=body, content_type="application/json")
    assert code(reply) == (400, "rest_invalid_json")
    assert reason in {None, reply.get_json()["data"]["json_error_message"]}


@pytest.mark.parametrize("body", [b"", b"0", b"[1]", b'"text"', b"null", b"7", b"{}"])
def test_a_body_that_is_no_object_has_no_fields(client: flask.testing.FlaskClient, body: bytes) -> None:
    reply = ask(client, "POST", "/things?agent_slug=x", data=body, content_type="application/json")
    assert (reply.status_code, reply.get_json()["body"]) == (200, [])


@pytest.mark.parametrize(
    ("kind", "read"),
    [("application/json; charset=utf-8", True), ("application/vnd.x+json", True), ("APPLICATION/JSON", True),
     ("text/plain", False), ("application/jsonp", False), ("application/octet-stream", False)],
)  # fmt: skip
def test_only_json_types_are_read_as_json(client: flask.testing.FlaskClient, kind: str, read: bool) -> None:
    reply = ask(client, "POST", "/things?agent_slug=x", data=b'{"a": 1}', content_type=kind)
    assert reply.get_json()["body"] == ({"a": 1} if read else [])


def test_a_body_that_is_too_large_is_refused(client: flask.testing.FlaskClient) -> None:
    reply = ask(client, "POST", "/things", data=b" " * (app.MAX_BODY + 1), content_type="application/json")
    assert code(reply) == (413, "http_413")


def test_head_is_get_without_a_body(client: flask.testing.FlaskClient) -> None:
    reply = ask(client, "HEAD", "/things")
    assert (reply.status_code, reply.data) == (200, b"")
    assert ask(client, "HEAD", "/things", "0").status_code == 401


def test_options_describes_a_path(client: flask.testing.FlaskClient, wordpress: WordPress) -> None:
    reply = ask(client, "OPTIONS", "/things/7", "0")
    assert reply.headers["Allow"] == "GET, POST, PUT, PATCH"
    number = {"type": "integer", "required": True}
    assert reply.get_json() == {
        "namespace": "datamachine/v1",
        "methods": ["GET", "POST", "PUT", "PATCH"],
        "endpoints": [
            {"methods": ["GET"], "args": {"id": number}},
            {"methods": ["POST", "PUT", "PATCH"], "args": {"id": number}},
        ],
    }
    assert wordpress.questions == []


def test_a_trailing_slash_is_the_same_path(client: flask.testing.FlaskClient) -> None:
    assert ask(client, "GET", "/things/").status_code == 200
    assert ask(client, "GET", "/things/1/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/things"),
        ("DELETE", "/things/1"),
        ("GET", "/nothing"),
        ("TRACE", "/things"),
        ("GET", "//things"),
    ],
)
def test_other_methods_and_paths_have_no_route(
    client: flask.testing.FlaskClient, method: str, path: str
) -> None:
    assert code(ask(client, method, path)) == (404, "rest_no_route")


def test_a_defect_is_a_code_without_its_text(client: flask.testing.FlaskClient) -> None:
    reply = ask(client, "GET", "/broken")
    assert code(reply) == (500, "internal_error")
    assert "ZeroDivision" not in reply.get_data(as_text=True)


def test_the_plugin_gets_the_same_declarations() -> None:
    declared = [route.wordpress() for route in ROUTES]
    assert declared[3]["method"] == "POST, PUT, PATCH"
    assert declared[3]["permission"] == {
        "code": "rest_forbidden", "message": "Not yours.", "actions": ["manage_agents", "manage_flows"]
    }  # fmt: skip
    assert declared[0]["permission"] == {
        "code": "rest_not_logged_in", "message": "Sign in.", "status": 401
    }  # fmt: skip
    listed = Argument("array", items=Argument("string", enum=("a", "b")), description="Some.")
    assert listed.schema() == {
        "type": "array", "required": False, "items": {"type": "string", "enum": ["a", "b"]},
        "description": "Some.",
    }  # fmt: skip
