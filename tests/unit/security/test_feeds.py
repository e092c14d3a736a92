"""A feed is a stranger's: it must not keep a worker busy, fill its memory, or reach for files."""

from __future__ import annotations

import gzip
import http.server
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar.automation.handlers import outgoing, rss, wordpress_api


class Clock:
    """Ten seconds pass between two looks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 4, 22, tzinfo=UTC)

    def monotonic(self) -> float:
        self.seconds += 10.0
        return self.seconds


class Log:
    def __init__(self) -> None:
        self.errors: list[str] = []

    def log(self, _level: str, _message: str, extra: dict[str, Any]) -> None:
        self.errors.append(str(extra.get("error")))


def started(server: socketserver.TCPServer) -> str:
    """Its address, served by a thread of its own."""
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def stop(servers: Sequence[socketserver.TCPServer]) -> None:
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """``serve(write, **headers)`` answers with what ``write(handler)`` sends; gives the address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(write: Callable[[Any], None], **headers: str) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                try:
                    write(self)
                except OSError:
                    return  # the client has heard enough

            def log_message(self, *_args: object) -> None:
                return

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        return started(server)

    yield start
    stop(servers)


def errors_of(url: str) -> list[str]:
    log = Log()
    assert rss.Rss(Clock()).fetch({"feed_url": url}, log) == []  # type: ignore[arg-type]
    return log.errors


def test_a_server_that_drips_is_given_up(serve: Callable[..., str]) -> None:
    enough = threading.Event()

    def drip(handler: Any) -> None:
        while not enough.wait(0.005):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    try:
        assert errors_of(serve(drip)) == ["The feed did not arrive within 120 seconds."]
    finally:
        enough.set()


def test_a_compressed_bomb_is_given_up_early(serve: Callable[..., str]) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    url = serve(lambda handler: handler.wfile.write(bomb), Content_Encoding="gzip")
    found = rss.Rss(_Still())
    log = Log()
    assert found.fetch({"feed_url": url}, log) == []  # type: ignore[arg-type]
    assert log.errors == ["The feed is larger than 16 MiB."]


class _Still(Clock):
    def monotonic(self) -> float:
        return 0.0


def test_a_body_that_is_not_what_its_header_says(serve: Callable[..., str]) -> None:
    (error,) = errors_of(serve(lambda handler: handler.wfile.write(b"no gzip"), Content_Encoding="gzip"))
    assert "gzip" in error


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "/etc/passwd"]
)
def test_only_http_is_fetched(address: str) -> None:
    assert errors_of(address) == ["A valid URL was not provided."]


@pytest.fixture
def raw() -> Iterator[Callable[..., str]]:
    """``raw(say)`` answers each connection with what ``say(connection, path)`` writes, headers too."""
    servers: list[socketserver.ThreadingTCPServer] = []

    def start(say: Callable[[socket.socket, str], None]) -> str:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                asked = self.request.recv(65536).decode("latin-1")
                try:
                    say(self.request, asked.split(" ")[1])
                except OSError:
                    return  # the client has heard enough

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        return started(server)

    yield start
    stop(servers)


def redirect(target: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "target",
    [
        b"file:///etc/passwd",
        b"gopher://127.0.0.1:25/_HELO",
        b"http://[",
        b"data:,x",
        b"\xff\xfe",
    ],
)
def test_a_redirect_leads_to_http_only(raw: Callable[..., str], target: bytes) -> None:
    (error,) = errors_of(raw(lambda connection, _path: connection.sendall(redirect(target))))
    assert error in ("A valid URL was not provided.", "The redirect names no address."), error


def test_redirects_end(raw: Callable[..., str]) -> None:
    asked: list[str] = []

    def again(connection: socket.socket, path: str) -> None:
        asked.append(path)
        connection.sendall(redirect(b"/again"))

    assert errors_of(raw(again)) == ["More than 10 redirects."]
    assert len(asked) == 11


def test_what_comes_with_a_redirect_is_not_read(raw: Callable[..., str]) -> None:
    """It may be without end."""
    feed = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<rss><channel/></rss>"

    def say(connection: socket.socket, path: str) -> None:
        if path == "/feed":
            connection.sendall(feed)
            return
        connection.sendall(redirect(b"/feed"))
        while True:
            connection.sendall(b" " * 65536)

    assert errors_of(raw(say)) == []


@pytest.mark.parametrize("endless", [b"X", b"X-Header: x\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_headers_that_never_end_are_given_up(
    raw: Callable[..., str], monkeypatch: pytest.MonkeyPatch, endless: bytes
) -> None:
    """Each byte begins a socket's timeout anew."""
    monkeypatch.setattr(outgoing, "LONGEST", 0.2)
    over = threading.Event()

    def drip(connection: socket.socket, _path: str) -> None:
        if endless[:4] != b"HTTP":
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.01):
            connection.sendall(endless)

    try:
        (error,) = errors_of(raw(drip))
    finally:
        over.set()
    assert error == "The feed did not arrive within 0 seconds.", error


def test_a_body_that_was_cut_off_is_no_short_feed(
    raw: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "LONGEST", 0.2)
    over = threading.Event()

    def drip(connection: socket.socket, _path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n<rss><channel/></rss>")
        over.wait(30)

    try:
        (error,) = errors_of(raw(drip))
    finally:
        over.set()
    assert error == "The feed did not arrive within 0 seconds."


def test_the_sites_own_address_leads_nowhere_else(raw: Callable[..., str]) -> None:
    """Everybody may read it; where it redirects to is judged like any other address."""
    inner: list[str] = []

    def secret(connection: socket.socket, path: str) -> None:
        inner.append(path)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")

    private = raw(secret)
    own = raw(lambda connection, _path: connection.sendall(redirect(private.encode())))
    asking = outgoing.Outgoing(_Still(), lambda: outgoing.place(own))
    with pytest.raises(outgoing.FetchError, match=outgoing.INVALID):
        asking.get(own)
    assert inner == []
    assert asking.get(own, private=True).body == b"secret"


ENTITIES = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_entities_are_refused(encoding: str) -> None:
    with pytest.raises(rss.FeedError):
        rss.parse(ENTITIES.encode(encoding))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<r>" + b"<a/>" * 300_001 + b"</r>", "more than 300000 elements"),
        (b"<a>" * 300_001, "more than 300000 elements"),
        (
            b"<a " + b" ".join(b"a%x=''" % each for each in range(300_001)) + b"/>",
            "more than 300000 elements",
        ),
        (b"<a b='" + b"> " * (3 << 20) + b"'/>", "longer than 4 MiB"),
        (b'<?xml version="1.0" encoding="rot13"?><r/>', "not well-formed"),
        (b'<?xml version="1.0" encoding="utf-7"?><r/>', "not well-formed"),
        (b'<?xml version="1.0" encoding="x\x00"?><r/>', "not well-formed"),
        (b"", "not well-formed"),
        (b"\xff\xfe", "not well-formed"),
    ],
)
def test_a_document_that_grows_when_it_is_read_is_refused(body: bytes, why: str) -> None:
    """Small elements take thirty times their size."""
    with pytest.raises(rss.FeedError, match=why):
        rss.parse(body)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_feed_that_ends_in_a_line_break_is_read(encoding: str) -> None:
    assert rss.parse("<rss><channel/></rss>\n".encode(encoding)).tag == "rss"


def test_an_answer_of_very_many_values_is_refused() -> None:
    with pytest.raises(outgoing.FetchError, match="more than 1000000 values"):
        wordpress_api.read(b"[" + b"{}," * 500_000 + b"{}]")
    assert wordpress_api.read(b'[{"id":1}]') == [{"id": 1}]


def test_an_external_document_type_is_not_read() -> None:
    root = rss.parse(b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><channel/></rss>')
    assert root.tag == "rss"


#: A pattern would take days for each of these: no test can wait for that, so a slow one never ends here.
@pytest.mark.parametrize("opening", ["<!--", "<a", "<!", "</a", "<?"])
def test_markup_that_never_closes_is_text(opening: str) -> None:
    text = opening * 1_000_000
    assert rss.strip_tags(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a <b>c</b> d", "a c d"),
        ("x<!-- <b> -->y", "xy"),
        ("x<!-- never>y", "xy"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ("<p", "<p"),
        ("<<b>>", "<>"),
        ("<?php echo 1 ?>z", "z"),
        ("<!-->-->", ""),
    ],
)
def test_tags_and_comments_go(text: str, plain: str) -> None:
    assert rss.strip_tags(text) == plain
