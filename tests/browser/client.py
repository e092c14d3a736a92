"""The program that wants to act as an agent: it waits for the answer at an address of its own."""

from __future__ import annotations

import base64
import hashlib
import http.server
import queue
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from dev.instance import Instance

API = "/wp-json/datamachine/v1"


@dataclass
class Client:
    """Knows only the site's address, the agent's slug, and its own address."""

    site: Instance
    agent: str
    port: int
    heard: queue.Queue[str] = field(default_factory=queue.Queue)
    pages: dict[str, str] = field(default_factory=dict)
    #: Where its own address sends the browser on to, if anywhere.
    onward: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def redirect_uri(self) -> str:
        return f"{self.origin}/callback"

    def link(self, **changes: str) -> str:
        """What the person is told to open."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "agent_slug": self.agent,
            "redirect_uri": self.redirect_uri,
            "label": "A program",
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changes,
        }
        return f"{self.site.url}{API}/agent/authorize?{urlencode(asked)}"

    def told(self) -> dict[str, str]:
        """The answer the browser brought."""
        path = urlsplit(self.heard.get(timeout=30))
        assert path.path == "/callback"
        pairs = parse_qsl(path.query, strict_parsing=True)
        assert len(pairs) == len(dict(pairs))
        answer = dict(pairs)
        assert answer.pop("iss") == self.site.url
        return answer

    def exchange(self, code: str) -> requests.Response:
        body = {"code": code, "code_verifier": self.verifier, "redirect_uri": self.redirect_uri}
        return requests.post(f"{self.site.url}{API}/agent/token", json=body, timeout=30)

    def call(self, token: str, method: str, path: str, **options: object) -> requests.Response:
        """A request as the agent."""
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, self.site.url + path, headers=headers, timeout=30, **options)  # type: ignore[arg-type]


@contextmanager
def listening(site: Instance, agent: str) -> Iterator[Client]:
    """A client with its address open, and pages of its own for attacks."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = client.pages.get(self.path)
            if page is None and self.path != "/favicon.ico":
                client.heard.put(self.path)
            onward = client.onward if page is None else ""
            self.send_response(302 if onward else 200)
            if onward:
                self.send_header("Location", onward)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((page or "<h1>You can go back to the program.</h1>").encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        client = Client(site, agent, server.server_address[1])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield client
        finally:
            server.shutdown()
            thread.join()
