"""Requests to other sites: what is sent, what is never sent, and how long anything may take."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from sidecar.identity.caller import Caller
from sidecar.identity.external import client as module
from sidecar.identity.external.address import Remote, parse
from sidecar.identity.external.client import OutboundClient
from sidecar.identity.external.values import Answer
from tests.integration.external.oldsite import Server, document, error, raw, serve

CHAIN = Caller(chain_id="c-1", depth=1).headers("here.example", "roadie")


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/ok": document(200, {"empty": {}, "list": [], "float": 1.5})}) as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    """Another host: another port is one."""
    with serve({"/steal": document(200, {"thanks": True})}) as running:
        yield running


def ask(server: Server, method: str = "GET", path: str = "/ok", **more: Any) -> Answer:
    given = {"token": "datamachine_bot_x", "chain": CHAIN} | more
    return OutboundClient().request(parse(server.site), method, path, **given)


def test_a_request_carries_the_token_and_who_calls(server: Server) -> None:
    answer = ask(server)
    assert answer.document() == {
        "success": True,
        "status_code": 200,
        "body": {"empty": {}, "list": [], "float": 1.5},
        "raw_body": '{"empty": {}, "list": [], "float": 1.5}',
        "headers": answer.headers,
        "url": f"http://{server.site}/ok",
    }
    assert answer.headers["content-type"] == "application/json"
    sent = server.seen[0].headers
    assert sent["authorization"] == "Bearer datamachine_bot_x"
    assert sent["accept"] == "application/json"
    assert sent["x-datamachine-caller-site"] == "here.example"
    assert sent["x-datamachine-caller-agent"] == "roadie"
    assert sent["x-datamachine-chain-id"] == "c-1"
    assert sent["x-datamachine-chain-depth"] == "2"
    assert sent["host"] == server.site


def test_a_caller_cannot_speak_for_us(server: Server) -> None:
    headers = {
        "authorization": "Bearer other",
        "ACCEPT": "text/html",
        "X-Datamachine-Chain-Depth": "0",
        "x-datamachine-caller-site": "evil.example",
        "X-Agents-Api-Caller-Agent": "evil",
        "Host": "evil.example",
        "Cookie": "a=b",
        "X-Datamachine-Authorization": "Bearer other",
        "Content-Length": "1",
        "Transfer-Encoding": "chunked",
        "X-Mine": "yes",
        "Content-Type": "text/plain",
    }
    assert ask(server, "POST", headers=headers, body={"a": 1}).success
    sent = server.seen[0].headers
    assert sent["authorization"] == "Bearer datamachine_bot_x"
    assert sent["accept"] == "application/json"
    assert sent["x-datamachine-chain-depth"] == "2"
    assert sent["x-datamachine-caller-site"] == "here.example"
    assert sent["x-agents-api-caller-agent"] == "roadie"
    assert sent["host"] == server.site
    assert sent["x-mine"] == "yes"
    assert sent["content-type"] == "application/json"
    assert not {"cookie", "transfer-encoding", "x-datamachine-authorization"} & set(sent)
    assert json.loads(server.seen[0].body) == {"a": 1}


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"X-A\n": "1"}, {"": "1"}, {"X": "é"}]
)
def test_headers_that_could_be_several_are_not_sent(server: Server, headers: dict[str, str]) -> None:
    answer = ask(server, headers=headers)
    assert (answer.success, answer.status_code) == (False, 0)
    assert "is not a header" in answer.error
    assert server.seen == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "patch"])
def test_methods(server: Server, method: str) -> None:
    assert ask(server, method).success
    assert server.seen[0].method == method.upper()


@pytest.mark.parametrize("method", ["HEAD", "CONNECT", "TRACE", "", "GET /x HTTP/1.1\r\n"])
def test_no_methods(server: Server, method: str) -> None:
    assert ask(server, method).status_code == 0
    assert server.seen == []


def test_parameters_are_added_as_php_reads_them(server: Server) -> None:
    ask(server, path="/ok?a=1", query={"b": [1, 2], "c": {"d": True}, "e": None, "f": "x y&z"})
    assert server.seen[0].query == {"a": "1", "b[0]": "1", "b[1]": "2", "c[d]": "1", "f": "x y&z"}


def test_text_is_sent_as_it_is(server: Server) -> None:
    ask(server, "POST", body="a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert server.seen[0].body == b"a=1"
    assert server.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_an_error_of_the_other_site_is_an_answer(server: Server) -> None:
    server.answers["/no"] = error(403, "rest_forbidden", "Sorry.")
    answer = ask(server, path="/no")
    assert (answer.success, answer.status_code, answer.error) == (False, 403, "HTTP 403: Sorry.")
    assert answer.body["code"] == "rest_forbidden"


def test_what_is_no_json_is_text(server: Server) -> None:
    server.answers["/page"] = raw(200, "<p>é\n</p>".encode())
    assert ask(server, path="/page").body == "<p>é\n</p>"
    server.answers["/page"] = raw(204, b"")
    assert ask(server, path="/page").body is None
    server.answers["/page"] = raw(200, b"[" * 200_000)
    assert ask(server, path="/page").success


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_never_follows_a_redirect_to_another_host(
    server: Server, elsewhere: Server, status: int, method: str
) -> None:
    server.answers["/away"] = raw(status, b"", Location=f"http://{elsewhere.site}/steal")
    answer = ask(server, method, "/away", body={"secret": 1} if method == "POST" else None)
    assert (answer.success, answer.status_code) == (False, status)
    assert "another site" in answer.error
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "location", ["//{0}/steal", "http://{1}@{0}/steal", "http:\\\\{0}/steal", "http://localhost:{2}/ok"]
)
def test_no_spelling_of_another_host_passes(server: Server, elsewhere: Server, location: str) -> None:
    target = location.format(elsewhere.site, server.site, server.port)
    server.answers["/away"] = raw(302, b"", Location=target)
    assert not ask(server, path="/away").success
    assert elsewhere.seen == []
    assert [seen.path for seen in server.seen] == ["/away"]


def test_redirects_on_the_same_host_are_followed_for_get_alone(server: Server) -> None:
    server.answers["/moved"] = raw(301, b"", Location="/ok?x=1")
    answer = ask(server, path="/moved")
    assert answer.success
    assert answer.url == f"http://{server.site}/ok?x=1"
    assert server.seen[1].headers["authorization"] == "Bearer datamachine_bot_x"
    answer = ask(server, "POST", "/moved", body={})
    assert (answer.success, answer.status_code) == (False, 301)
    assert len(server.seen) == 3


def test_a_circle_of_redirects_ends(server: Server) -> None:
    server.answers["/round"] = raw(302, b"", Location="/round")
    assert ask(server, path="/round").status_code == 302
    assert len(server.seen) == module.HOPS + 1


def test_a_password_of_the_machine_is_not_sent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    ask(server)
    ask(server, token=None)
    assert [seen.headers.get("authorization") for seen in server.seen] == ["Bearer datamachine_bot_x", None]


def test_a_proxy_of_the_environment_is_not_for_this_machine(
    server: Server, elsewhere: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{elsewhere.site}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(server).success
    assert elsewhere.seen == []
    away = OutboundClient().request(Remote("other.invalid", "http"), "GET", "/x", timeout=5)
    assert away.status_code == 404
    assert elsewhere.seen[0].path == "http://other.invalid/x"


def test_cookies_are_neither_kept_nor_told(server: Server) -> None:
    server.answers["/set"] = document(200, {}, Set_Cookie="session=1")
    assert "set-cookie" not in ask(server, path="/set").headers
    ask(server)
    assert "cookie" not in server.seen[1].headers


def test_an_endless_answer_ends(server: Server) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answers["/endless"] = endless
    answer = ask(server, path="/endless")
    assert (answer.success, answer.raw_body) == (False, "")
    assert answer.error == f"More than {module.MOST} bytes."


def test_a_bomb_is_not_unpacked(server: Server) -> None:
    server.answers["/bomb"] = raw(200, gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")
    answer = ask(server, path="/bomb")
    assert (answer.success, answer.error) == (False, "The answer is compressed.")
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("part", ["status", "headers", "body"])
def test_a_server_that_drips_does_not_hold_us(server: Server, part: str) -> None:
    """Each byte comes well within a socket's own timeout; the answer never ends."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        start = {"status": b"", "headers": b"HTTP/1.0 200 OK\r\n", "body": b"HTTP/1.0 200 OK\r\n\r\n"}[part]
        handler.wfile.write(start)
        for _ in range(600):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)

    server.answers["/drip"] = drip
    answer = ask(server, path="/drip", timeout=1)
    assert (answer.success, answer.status_code) == (False, 0)
    assert answer.error == "No answer within 1 seconds."


def test_a_server_that_is_not_there(server: Server) -> None:
    nobody = Remote("127.0.0.1:1", "http")
    answer = OutboundClient().request(nobody, "GET", "/x", token="datamachine_bot_x")
    assert (answer.success, answer.status_code) == (False, 0)
    assert answer.error == "127.0.0.1:1 did not answer: the connection failed."


def test_a_certificate_nobody_vouches_for_is_refused(server: Server) -> None:
    answer = OutboundClient().request(Remote(server.site, "https"), "GET", "/ok", token="datamachine_bot_x")
    assert (answer.success, answer.status_code) == (False, 0)
    assert server.seen == []


@pytest.mark.parametrize(("asked", "meant"), [(None, 30), (0, 1), (-5, 1), (7, 7), (999, 300)])
def test_seconds_are_kept_within_bounds(asked: int | None, meant: int) -> None:
    assert module._seconds(asked) == meant


def test_who_waits_for_us_hears_what_happened(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """WordPress gives up after its own time: ours ends before, whatever was asked for."""
    monkeypatch.setattr(module.bridge, "remaining", lambda: 2.0)
    assert module._within_call(300) == 1.0
    monkeypatch.setattr(module.bridge, "remaining", lambda: 0.0)
    assert module._within_call(300) == 0.5
    monkeypatch.setattr(module.bridge, "remaining", lambda: None)
    assert module._within_call(300) == 300
