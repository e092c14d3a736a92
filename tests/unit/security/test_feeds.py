"""A feed is a stranger's: it must not keep a worker busy, fill its memory, or reach for files."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar.automation.handlers import rss


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
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


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


def test_a_redirect_does_not_lead_to_a_file(serve: Callable[..., str]) -> None:
    class Away(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Away)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        (error,) = errors_of(f"http://127.0.0.1:{server.server_address[1]}/")
    finally:
        server.shutdown()
        server.server_close()
    assert "No connection adapters" in error


ENTITIES = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_entities_are_refused(encoding: str) -> None:
    with pytest.raises(rss.FeedError):
        rss.parse(ENTITIES.encode(encoding))


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
