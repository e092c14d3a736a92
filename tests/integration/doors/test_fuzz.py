"""Anything at all sent to any route: an answer or a refusal, never an unhandled error."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.instance import Instance
from sidecar import hooks
from sidecar.api import door, routes
from sidecar.api.route import Route
from sidecar.identity import Principal
from sidecar.runtime import Runtime
from tests.integration.identity_answers.conftest import Lab, laboratory

#: What every refusal looks like; 500 is nobody's.
REFUSALS = {400, 401, 403, 404, 409}
EXAMPLES = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.sampled_from(
    ["", " ", "0", "1", "-1", "2", "999999", "abc", "1e9", "9" * 30, "!!!", "Café Bot", "x" * 201, "😀",
     "\x00", "\udcff", "a\r\nb", "' OR 1=1 -- ", "../../etc", "admin", "mine", "all", "{}", "null", "%"]
) | st.text(max_size=8)  # fmt: skip
scalars = texts | st.integers(-(2**70), 2**70) | st.floats() | st.booleans() | st.none()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
#: Names that some route reads, and others.
NAMES = sorted(
    {name for route in routes.ROUTES for name in route.args}
    | {"agent_id", "user_id", "scope", "include_role", "agent_name", "agent_config", "config", "_method"}
)
given_values = st.dictionaries(st.sampled_from(NAMES), values | st.binary(max_size=4), max_size=6)
ids = st.sampled_from(["1", "2", "3", "4", 2])
principals = st.sampled_from(
    [Principal.command_line(1), Principal.user(1), Principal.user(2), Principal.user(0), Principal.system()]
)


@pytest.fixture
def lab(fresh_site: Instance) -> Any:
    """A site nobody else uses: some of these requests succeed."""
    with laboratory(fresh_site) as built:
        built.person("fuzzed", "subscriber")
        for name in ("one", "two", "three"):
            made = built.client.post(
                "/datamachine/v1/agents", json={"agent_slug": name}, headers={"X-User": "1"}
            )
            assert made.status_code == 200
        yield built


def checked(status: int, said: Any) -> None:
    """An answer of ours, or one of the refusals in its envelope."""
    if status == 200:
        assert said["success"] is True
        return
    assert status in REFUSALS, said
    assert set(said) == {"code", "message", "data"}
    assert said["data"]["status"] == status
    assert said["code"] not in {"internal_error", "database_error"}


def test_no_arguments_bring_a_route_down(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    runtime: Runtime = lab.runtime

    @EXAMPLES
    @given(st.sampled_from(routes.ROUTES), st.data(), principals)
    def run(route: Route, data: st.DataObject, principal: Principal) -> None:
        # What a route needs is mostly there, so that most requests come further than its arguments.
        needed = {
            name: data.draw(ids if spec.type == "integer" else texts)
            for name, spec in route.args.items()
            if spec.required
        }
        params, query, body = (data.draw(given_values) for _ in range(3))
        given = params | needed if data.draw(st.booleans()) else needed | params
        with hooks.scope():
            reply = door.answer(runtime, route, given, query, principal=principal, body=body)
        checked(reply.status, json.loads(door.encode(reply)))

    with caplog.at_level(logging.ERROR), runtime.hosts.unit("rest", user_id=1):
        run()
    assert [record.message for record in caplog.records if "failed" in record.message] == []


def test_no_request_brings_the_door_down(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    paths = st.sampled_from(routes.ROUTES)
    queries = st.dictionaries(st.sampled_from(NAMES) | texts, texts, max_size=5).map(
        lambda pairs: "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs.items())
    )
    bodies = values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)
    kinds = st.sampled_from(
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""]
    )

    @EXAMPLES
    @given(paths, texts, queries | texts.map(_quoted), st.tuples(kinds, bodies), st.integers(0, 2))
    def run(route: Route, part: str, query: str, sent: tuple[str, bytes], user: int) -> None:
        path = route.path
        for name in route.args:
            path = path.replace(rf"(?P<{name}>\d+)", part if part.isdigit() else "2")
        reply = lab.client.open(
            f"/datamachine/v1{_quoted(path)}?{query}",
            method=route.methods[-1],
            data=sent[1],
            content_type=sent[0],
            headers={"X-User": str(user)},
        )
        checked(reply.status_code, reply.get_json())

    with caplog.at_level(logging.ERROR):
        run()
    assert [record.message for record in caplog.records if "failed" in record.message] == []


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="/")
