"""A small web server: an older Data Machine, or a site that means harm."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

AUTHORIZE = "/wp-json/datamachine/v1/agent/authorize"
ME = "/wp-json/datamachine/v1/agents/me"


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))


#: ``answer(handler)`` writes a whole HTTP answer.
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """What it answers by path, and what it was asked."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def site(self) -> str:
        return f"127.0.0.1:{self.port}"

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.seen.append(Seen(handler.command, handler.path, headers, handler.rfile.read(length)))
        answer = self.answers.get(urlsplit(handler.path).path, no_route)
        # Whoever asks may leave before the end: that is what some tests are about.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            answer(handler)


@contextlib.contextmanager
def serve(answers: dict[str, Answer] | None = None) -> Iterator[Server]:
    """A server on a loopback port, in threads of this process, stopped at the end."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            server.handle(self)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Server(httpd.server_address[1], dict(answers or {}))
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def raw(status: int, body: bytes, **headers: str) -> Answer:
    """An answer of these bytes; ``_`` in a header's name stands for ``-``."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def document(status: int, value: Any, **headers: str) -> Answer:
    """An answer in JSON."""
    return raw(status, json.dumps(value).encode(), Content_Type="application/json", **headers)


def error(status: int, code: str, message: str = "No.") -> Answer:
    """WordPress's envelope of an error."""
    return document(status, {"code": code, "message": message, "data": {"status": status}})


no_route = error(404, "rest_no_route", "No route was found matching the URL and request method.")


def me(slug: str, agent_id: int = 7) -> Answer:
    """Who a token is, as Data Machine has told it since long."""
    data = {"agent_id": agent_id, "agent_slug": slug, "agent_name": "Bot", "owner_id": 1}
    return document(200, {"success": True, "data": data | {"site_url": "http://old", "site_name": "Old"}})


def grants(token: str, slug: str, agent_id: int = 7) -> Answer:
    """The authorize route of an older Data Machine: no state, no proof key, the token in the address."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        target = dict(parse_qsl(urlsplit(handler.path).query))["redirect_uri"]
        added = urlencode({"token": token, "agent_slug": slug, "agent_id": agent_id})
        raw(302, b"", Location=target + ("&" if "?" in target else "?") + added)(handler)

    return answer
