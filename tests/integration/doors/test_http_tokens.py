"""Tokens at the sidecar's own door: real gunicorn, real sockets, byte for byte what a client sends."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import settings
from sidecar.identity import AgentsRepository, AgentsService, Principal, TokensService
from sidecar.identity.attempts import PER_ADDRESS
from sidecar.runtime import Runtime

CLI = Principal.command_line()
SLUG = "c-door"
INVALID = (401, "datamachine_invalid_token")
NOBODY = (401, "rest_not_logged_in")


class Answer:
    """What one request was answered."""

    def __init__(self, head: bytes, body: bytes) -> None:
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])
        }
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.json["code"]


class Line:
    """A connection that is kept."""

    def __init__(self, address: str) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(address)
        self.stream = self.sock.makefile("rb")

    def ask(self, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> Answer:
        lines = [f"{method} /datamachine/v1{path} HTTP/1.1", "Host: localhost", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.sock.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        return self.read(method)

    def read(self, method: str = "GET") -> Answer:
        head = b""
        while (line := self.stream.readline()) not in {b"\r\n", b""}:
            head += line
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", b"\r\n" + head)
        size = 0 if method == "HEAD" or length is None else int(length[1])
        return Answer(head.rstrip(), self.stream.read(size))

    def close(self) -> None:
        self.stream.close()
        self.sock.close()


@pytest.fixture(scope="module")
def address(site: Instance) -> str:
    return settings.load(str(site.config)).site(None).http.removeprefix("unix:")


@pytest.fixture
def line(address: str) -> Iterator[Line]:
    connection = Line(address)
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def _forgiven(runtime: Runtime) -> Iterator[None]:
    """Failures of other tests do not count here, nor these elsewhere."""

    def forget() -> None:
        with runtime.db.session() as session:
            session.execute(f"DELETE FROM {runtime.db.tables().bridge_attempts}")

    forget()
    yield
    forget()


@pytest.fixture
def agent(site: Instance, runtime: Runtime) -> Iterator[int]:
    """The administrator's agent; gone with its tokens afterwards."""
    agent_id = runtime.get(AgentsRepository).insert(SLUG, "Door", 1, {})
    yield agent_id
    if runtime.get(AgentsRepository).get(agent_id) is not None:
        runtime.get(AgentsService).delete(CLI, agent_id)


@pytest.fixture
def mint(runtime: Runtime, agent: int) -> Callable[..., str]:
    def make(**options: Any) -> str:
        return runtime.get(TokensService).create(CLI, agent, **options).raw

    return make


def bearer(token: str, name: str = "Authorization") -> str:
    return f"{name}: Bearer {token}"


def write(runtime: Runtime, sql: str, **values: Any) -> None:
    with runtime.db.session() as session:
        assert session.execute(sql.replace("TOKENS", runtime.db.tables().agent_tokens), values).rowcount == 1


def test_a_token_is_its_agent(line: Line, mint: Callable[..., str], agent: int) -> None:
    header = bearer(mint())
    listed = line.ask("/agents", header)
    assert listed.status == 200
    assert [each["agent_id"] for each in listed.json["data"]] == [agent]
    assert line.ask("/agents/me", header).json["data"]["agent_slug"] == SLUG
    assert line.ask("/agents", header, method="HEAD").body == b""
    assert line.ask("/jobs", header).status == 200


def test_the_server_may_hide_the_first_header(line: Line, mint: Callable[..., str]) -> None:
    token = mint()
    assert line.ask("/agents", bearer(token, "X-Datamachine-Authorization")).status == 200
    assert line.ask("/agents", bearer(token), bearer(token, "X-Datamachine-Authorization")).status == 200
    both = line.ask("/agents", "Authorization: Basic YTpi", bearer(token, "x-datamachine-authorization"))
    assert both.status == 200


def test_headers_cannot_be_smuggled(line: Line, mint: Callable[..., str]) -> None:
    one, other = mint(), mint()
    refused = [
        (bearer(one), bearer(other)),
        (bearer(one), bearer(one)),
        (bearer(one), "authorization: Basic YTpi"),
        ("Authorization: Basic YTpi", bearer(one)),
        (bearer(one), bearer(other, "X-Datamachine-Authorization")),
        (bearer(one, "X-Datamachine-Authorization"), bearer(other, "X-Datamachine-Authorization")),
        (f"Authorization: Bearer {one},{other}",),
        (f"Authorization: Bearer {one} {other}",),
        (f"Authorization: Bearer\t{one}",),
        (f"Authorization: Bearer {one}é",),
        ("Authorization: Bearer datamachine_",),
        (f"Authorization: Bearer datamachine_{'a' * 501}",),
    ]
    for headers in refused:
        assert line.ask("/agents", *headers).refusal == INVALID, headers
    nobody = [
        (f"Authorization: bearer {one}",),
        (f"Authorization: BEARER {one}",),
        # A name with underscores would be read as the one with hyphens.
        (bearer(one, "X_Datamachine_Authorization"),),
        (bearer(one, "X-Authorization"),),
        (bearer(one, "Proxy-Authorization"),),
        (f"Cookie: Authorization=Bearer {one}",),
    ]
    for headers in nobody:
        assert line.ask("/agents", *headers).refusal == NOBODY, headers


def test_a_request_hidden_in_anothers_body_is_no_request_of_its_own(
    address: str, mint: Callable[..., str]
) -> None:
    hidden = f"GET /datamachine/v1/agents HTTP/1.1\r\nHost: x\r\n{bearer(mint())}\r\n\r\n".encode()
    chunked = b"0\r\n\r\n"
    for headers, body in (
        (("Transfer-Encoding: chunked", f"Content-Length: {len(chunked + hidden)}"), chunked + hidden),
        ((f"Content-Length: {len(hidden)}", f"Content-Length: {len(hidden) - 1}"), hidden),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), chunked + hidden),
        ((f"Content-Length: +{len(hidden)}",), hidden),
    ):
        line = Line(address)
        try:
            head = "\r\n".join(["POST /datamachine/v1/agents HTTP/1.1", "Host: x", *headers])
            line.sock.sendall(head.encode() + b"\r\n\r\n" + body)
            line.sock.shutdown(socket.SHUT_WR)
            said = line.stream.read()
        finally:
            line.close()
        assert b"200 OK" not in said, headers
        assert said.count(b"HTTP/1.1 ") <= 1, headers


def test_a_header_is_one_line(address: str, mint: Callable[..., str]) -> None:
    token = mint()
    for header in (f"Authorization: Bearer\r\n {token}", f"Authorization : Bearer {token}"):
        line = Line(address)
        try:
            assert line.ask("/agents", header).status == 400
        finally:
            line.close()


def test_what_is_no_request_is_not_repeated_with_its_token(
    site: Instance, address: str, mint: Callable[..., str]
) -> None:
    token = mint()
    start = "GET /datamachine/v1/agents HTTP/1.1\r\nHost: x\r\n"
    for text in (
        f"{start}Authorization Bearer {token}\r\n\r\n",
        f"{start}Authorization Bearer {token}: x\r\n\r\n",
        f"{start}Authorization: Bearer {token}\0\r\n\r\n",
        f"GET Bearer {token}\r\n\r\n",
        f"Bearer {token}\r\n\r\n",
        f"{token} / HTTP/1.1\r\n\r\n",
        f"GET / {token}\r\n\r\n",
        f"{start}Transfer-Encoding: {token}\r\n\r\n",
        f"{start}Content-Length: {token}\r\n\r\n",
    ):
        line = Line(address)
        try:
            line.sock.sendall(text.encode())
            line.sock.shutdown(socket.SHUT_WR)
            said = line.stream.read()
        finally:
            line.close()
        assert said.startswith(b"HTTP/1.1 "), text
        assert b"200 OK" not in said, text
        assert token.encode() not in said, text
    log = (site.logs / "sidecar.log").read_text()
    assert "Invalid request" in log
    assert token not in log


def test_a_query_or_a_body_is_no_credential(line: Line, mint: Callable[..., str]) -> None:
    token = mint()
    for name in ("access_token", "token", "Authorization", "authorization", "bearer", "_wpnonce"):
        assert line.ask(f"/agents?{name}={token}").refusal == NOBODY
        assert line.ask(f"/agents?{name}=Bearer%20{token}").refusal == NOBODY
    body = json.dumps({"access_token": token, "agent_slug": "c-stolen"}).encode()
    said = line.ask("/agents", "Content-Type: application/json", method="POST", body=body)
    assert said.refusal == (401, "rest_forbidden")


def test_a_token_that_is_over_opens_nothing(
    line: Line, mint: Callable[..., str], runtime: Runtime, agent: int
) -> None:
    for end in ("2020-01-01 00:00:00", "0000-00-00 00:00:00"):
        token = mint()
        write(
            runtime,
            "UPDATE TOKENS SET expires_at = :end WHERE agent_id = :agent ORDER BY token_id DESC LIMIT 1",
            end=end,
            agent=agent,
        )
        assert line.ask("/agents", bearer(token)).refusal == INVALID
    assert line.ask("/agents", bearer(mint(expires_in=3600))).status == 200
    unknown = line.ask("/agents", bearer(f"datamachine_{SLUG}_{'0' * 64}"))
    assert (unknown.refusal, unknown.json["message"]) == (INVALID, "Invalid or expired agent token.")


def test_a_wrong_token_is_refused_where_none_is_needed(line: Line) -> None:
    assert line.ask("/bridge/onboarding").status == 200
    assert line.ask("/bridge/onboarding", bearer("datamachine_x_y")).refusal == INVALID


def test_revoking_ends_a_token_at_once(
    address: str, mint: Callable[..., str], runtime: Runtime, agent: int
) -> None:
    token = mint()
    # On connections to every process and thread of the door, all of them warm.
    lines = [Line(address) for _ in range(16)]
    try:
        assert {line.ask("/agents", bearer(token)).status for line in lines} == {200}
        service = runtime.get(TokensService)
        service.revoke(CLI, agent, service.list(CLI, agent)[0].token_id)
        assert {line.ask("/agents", bearer(token)).refusal for line in lines} == {INVALID}
    finally:
        for line in lines:
            line.close()


def test_a_token_ends_with_its_agent_and_its_owner(
    line: Line, mint: Callable[..., str], runtime: Runtime, agent: int
) -> None:
    token = mint()
    agents = runtime.db.tables().agents
    write(runtime, f"UPDATE {agents} SET owner_id = 999999 WHERE agent_id = :agent", agent=agent)
    gone = line.ask("/agents", bearer(token))
    assert (gone.refusal, gone.json["message"]) == (
        (401, "datamachine_owner_not_found"),
        "Agent owner account no longer exists.",
    )
    write(runtime, f"DELETE FROM {agents} WHERE agent_id = :agent", agent=agent)
    gone = line.ask("/agents", bearer(token))
    assert (gone.refusal, gone.json["message"]) == (
        (401, "datamachine_agent_not_found"),
        "Agent associated with this token no longer exists.",
    )
    write(runtime, "DELETE FROM TOKENS WHERE agent_id = :agent", agent=agent)


def test_the_narrower_token_of_an_owner_takes_nothing_from_the_wider(
    line: Line, mint: Callable[..., str], agent: int
) -> None:
    empty, flows, full = mint(capabilities=[]), mint(capabilities=["datamachine_manage_flows"]), mint()
    for _ in range(2):
        # The door keeps what WordPress says of the owner, whichever of his tokens made it ask.
        assert line.ask("/jobs", bearer(empty)).refusal == (403, "rest_forbidden")
        assert line.ask("/jobs", bearer(flows)).status == 200
        assert line.ask(f"/agents/{agent}", bearer(flows)).refusal == (403, "rest_forbidden")
        assert line.ask(f"/agents/{agent}", bearer(full)).status == 200
        assert line.ask("/agents", bearer(empty)).status == 200


@pytest.mark.parametrize("name", ["X-Datamachine-Chain-Depth", "X-Agents-Api-Chain-Depth"])
def test_chains_of_agents_end(line: Line, mint: Callable[..., str], name: str) -> None:
    header = bearer(mint())
    assert line.ask("/agents", header, f"{name}: 2").status == 200
    deep = line.ask("/agents", header, f"{name}: 3", "X-Datamachine-Chain-Id: abc")
    assert (deep.status, deep.headers["retry-after"]) == (429, "60")
    assert deep.json == {
        "code": "datamachine_chain_depth_exceeded",
        "message": "A2A chain depth (3) exceeded. Refusing to extend the chain further.",
        "data": {"status": 429, "retry_after": 60, "chain_id": "abc", "chain_depth": 3, "ceiling": 3},
    }
    # Without a token nobody calls: there is no chain to end.
    assert line.ask("/agents", f"{name}: 99").refusal == NOBODY


def test_a_site_says_how_long_chains_may_be(site: Instance, line: Line, mint: Callable[..., str]) -> None:
    header = bearer(mint())
    setting = "$s = (array) get_option( 'datamachine_settings', array() );"
    site.wp("eval", f"{setting} $s['max_chain_depth'] = 1; update_option( 'datamachine_settings', $s );")
    try:
        assert line.ask("/agents", header, "X-Datamachine-Chain-Depth: 1").status == 429
        assert line.ask("/agents", header).status == 200
    finally:
        site.wp(
            "eval", f"{setting} unset( $s['max_chain_depth'] ); update_option( 'datamachine_settings', $s );"
        )
    assert line.ask("/agents", header, "X-Datamachine-Chain-Depth: 1").status == 200


def test_failures_are_counted_and_never_keep_a_good_token_out(
    line: Line, mint: Callable[..., str], agent: int
) -> None:
    good = bearer(mint())
    for number in range(PER_ADDRESS):
        assert line.ask("/agents", bearer(f"datamachine_{SLUG}{number}_0")).refusal == INVALID
    blocked = line.ask("/agents", bearer("datamachine_another_0"), "X-Forwarded-For: 198.51.100.7")
    assert blocked.refusal == (429, "datamachine_too_many_attempts")
    assert blocked.json["message"] == "Too many failed attempts."
    wait = blocked.json["data"]["retry_after"]
    assert 0 < wait <= 600
    assert blocked.headers["retry-after"] == str(wait)
    assert line.ask("/agents", "Authorization: Bearer datamachine_").refusal[0] == 429
    assert line.ask("/agents", good).status == 200
    assert line.ask("/agents").refusal == NOBODY


def test_use_is_noted_once_a_minute(
    address: str, mint: Callable[..., str], runtime: Runtime, agent: int
) -> None:
    token = mint()

    def used() -> str | None:
        return runtime.get(TokensService).list(CLI, agent)[0].last_used_at

    assert used() is None

    def ask(_number: int) -> int:
        line = Line(address)
        try:
            return line.ask("/agents", bearer(token)).status
        finally:
            line.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(24))) == {200}
    assert used() is not None
    write(
        runtime,
        "UPDATE TOKENS SET last_used_at = UTC_TIMESTAMP() - INTERVAL 30 SECOND WHERE agent_id = :agent",
        agent=agent,
    )
    fresh = used()
    ask(0)
    assert used() == fresh
    write(
        runtime,
        "UPDATE TOKENS SET last_used_at = UTC_TIMESTAMP() - INTERVAL 61 SECOND WHERE agent_id = :agent",
        agent=agent,
    )
    old = used()
    ask(0)
    assert used() != old


def test_a_page_of_jobs_is_counted_whole(
    line: Line, mint: Callable[..., str], runtime: Runtime, agent: int
) -> None:
    header = bearer(mint())
    with runtime.db.session() as session:
        for number in range(5):
            values = {"pipeline_id": "1", "flow_id": "1", "source": "c", "label": f"J{number}"}
            session.insert(runtime.db.tables().jobs, {**values, "status": "completed", "agent_id": agent})
    for query, shown, total in (
        ("", 5, 5),
        ("?per_page=2", 2, 5),
        ("?per_page=2&offset=4", 1, 5),
        ("?per_page=5", 5, 5),
        ("?per_page=2&offset=7", 0, 5),
        ("?per_page=2&status=completed", 2, 5),
        ("?per_page=2&status=failed", 0, 0),
        ("?per_page=1&hide_children=true", 1, 5),
        (f"?per_page=1&agent_id={agent}", 1, 5),
    ):
        said = line.ask(f"/jobs{query}", header).json
        assert (len(said["data"]), said["total"]) == (shown, total), query


def test_dates_are_written_as_the_site_now_writes_them(
    site: Instance, address: str, mint: Callable[..., str], runtime: Runtime, agent: int
) -> None:
    with runtime.db.session() as session:
        values = {"pipeline_id": "1", "flow_id": "1", "source": "c", "label": "J", "status": "completed"}
        values |= {"created_at": "2026-11-23 05:06:07"}
        session.insert(runtime.db.tables().jobs, {**values, "agent_id": agent})
    token = mint()
    # On connections to every process of the door: each remembers for itself.
    lines = [Line(address) for _ in range(8)]

    def shown() -> set[str]:
        answers = [line.ask("/jobs", bearer(token)).json["data"][0] for line in lines]
        return {answer["created_at_display"] for answer in answers}

    before = site.wp("option", "get", "date_format").stdout.strip()
    try:
        assert len(shown()) == 1
        for pattern, expected in (("Y/m/d", "2026/11/23"), ("d.m.y", "23.11.26")):
            site.wp("option", "update", "date_format", pattern)
            assert {text.split(" ")[0] for text in shown()} == {expected}
    finally:
        site.wp("option", "update", "date_format", before)
        for line in lines:
            line.close()


def test_requests_sent_ahead_are_answered_in_order(line: Line, mint: Callable[..., str]) -> None:
    good, bad = bearer(mint()), bearer("datamachine_x_y")
    asked = b""
    for header in (good, bad, good, "X-None: 1") * 3:
        asked += f"GET /datamachine/v1/agents HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode()
    line.sock.sendall(asked)
    assert [line.read().status for _ in range(12)] == [200, 401, 200, 401] * 3


def test_many_kept_connections_leave_room_for_the_next(address: str, mint: Callable[..., str]) -> None:
    header = bearer(mint())
    # Several times as many as there are threads, each of which has just been answered.
    lines = [Line(address) for _ in range(60)]
    try:
        for _ in range(3):
            assert {line.ask("/agents", header).status for line in lines} == {200}
        with ThreadPoolExecutor(len(lines)) as pool:
            at_once = [pool.submit(line.ask, "/agents", header) for line in lines]
            assert {each.result().status for each in at_once} == {200}
        late = Line(address)
        lines.append(late)
        assert late.ask("/agents", header).status == 200
        # Half a request keeps nobody waiting but its sender.
        lines[0].sock.sendall(b"GET /datamachine/v1/agents HTTP/1.1\r\nHost: x\r\n")
        assert {line.ask("/agents", header).status for line in lines[1:]} == {200}
        lines[0].sock.sendall(f"{header}\r\n\r\n".encode())
        assert lines[0].read().status == 200
    finally:
        for line in lines:
            line.close()


def test_what_a_path_takes_is_told_to_everybody(line: Line) -> None:
    said = line.ask("/agents", method="OPTIONS")
    assert (said.status, said.headers["allow"]) == (200, "GET, POST")
