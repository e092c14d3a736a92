"""A runtime with a token, and what it sends to either door."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import Any
from urllib.parse import quote

from dev.instance import Instance
from sidecar import settings

BOTH = ("wordpress", "sidecar")
BASE = "/datamachine/v1"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        """Of a success."""
        assert self.status == 200, (self.status, self.body)
        return self.json["data"]

    @property
    def refusal(self) -> tuple[int, str]:
        found = self.json
        assert found["data"]["status"] == self.status, found
        return self.status, found["code"]

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class _Socket(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Runtime:
    """Somebody with a token, or with a whole ``Authorization``, or '' for a visitor, at one of the doors."""

    site: Instance
    door: str
    token: str

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        json_body: Any = None,
        **headers: str,
    ) -> Reply:
        """One request; header names are written with underscores."""
        sent = {name.replace("_", "-").title(): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = self.token if " " in self.token else f"Bearer {self.token}"
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.setdefault("Content-Type", "application/json")
        elif body is not None:
            sent.setdefault("Content-Type", "text/markdown")
        connection: http.client.HTTPConnection
        if self.door == "sidecar":
            address = settings.load(str(self.site.config)).site(None).http
            connection, url = _Socket(address.removeprefix("unix:")), BASE + path
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=120)
            # PHP's own server looks for a file where a path ends like one; encoded twice the path arrives as
            # it does where WordPress's addresses are rewritten.
            route, _, query = path.partition("?")
            url = f"/?rest_route={quote(BASE + route)}&{query}"
        try:
            connection.request(method, url, body=body, headers=sent)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def put(self, path: str, content: bytes, **headers: str) -> Reply:
        return self.ask("PUT", path, content, **headers)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)


def quoted(content: bytes) -> str:
    """The tag a file has."""
    return f'"{sha1(content).hexdigest()}"'
