"""A program that knows a site's address and what it was told: nothing of Python, PHP or the database."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

NAMESPACE = "/datamachine/v1"


class _Socket(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Reply:
    """What came back; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of an error, whose envelope repeats the status."""
        found = self.json
        assert found["data"]["status"] == self.status, found
        return self.status, found["code"]


@dataclass(frozen=True)
class Client:
    """``base`` is the address of REST: ``http://host/wp-json``, or ``unix:/path`` for the sidecar's own door.

    Paths are those of the product's routes.
    """

    base: str
    token: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_token(self, token: str, **headers: str) -> Client:
        """The same program with a credential, and further headers (``_`` for ``-``)."""
        return Client(self.base, token, {name.replace("_", "-"): text for name, text in headers.items()})

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Reply:
        return self.ask("POST", path, json.dumps(body).encode())

    def ask(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """One request on a connection of its own."""
        headers = dict(self.headers)
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            headers["Content-Type"] = "application/json"
        place = urlsplit(self.base)
        unix = place.scheme == "unix"
        connection = _Socket(place.path) if unix else http.client.HTTPConnection(place.netloc, timeout=60)
        try:
            connection.request(method, ("" if unix else place.path) + NAMESPACE + path, body, headers)
            answer = connection.getresponse()
            found = {name.lower(): text for name, text in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()


@dataclass(frozen=True)
class Proof:
    """A verifier as a program makes it, and its challenge."""

    verifier: str
    challenge: str

    @classmethod
    def new(cls) -> Proof:
        verifier = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        digest = hashlib.sha256(verifier.encode()).digest()
        return cls(verifier, base64.urlsafe_b64encode(digest).decode().rstrip("="))
