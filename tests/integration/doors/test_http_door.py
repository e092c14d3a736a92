"""The sidecar's own HTTP door, on its real socket."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import settings


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(site: Instance, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    address = settings.load(str(site.config)).site(None).http
    connection = SocketConnection(address.removeprefix("unix:"))
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_process_is_healthy_and_everything_is_ready(site: Instance) -> None:
    status, body = ask(site, "/healthz")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    status, body = ask(site, "/readyz")
    assert json.loads(body)["checks"] == {"database": "ok", "bridge": "ok", "host": "ok"}
    assert status == 200


def test_the_queue_is_measured(site: Instance) -> None:
    status, body = ask(site, "/metrics")
    assert status == 200
    assert "datamachine_database_up 1.0" in body
    assert "# TYPE datamachine_open_jobs gauge" in body


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/agents/me", {}, "rest_forbidden"),
        ("/agents/1/access", {}, "rest_forbidden"),
        ("/agents", {}, "rest_not_logged_in"),
        ("/jobs", {}, "rest_forbidden"),
        ("/jobs/1", {}, "rest_forbidden"),
        ("/jobs", {"Authorization": "Bearer datamachine_admin_0123"}, "datamachine_invalid_token"),
    ],
)
def test_nobody_gets_in_without_a_token(
    site: Instance, path: str, headers: dict[str, Any], code: str
) -> None:
    status, body = ask(site, f"/datamachine/v1{path}", **headers)
    assert (status, json.loads(body)["code"], json.loads(body)["data"]) == (401, code, {"status": 401})


def test_every_method_is_closed_and_every_path_explains_itself(site: Instance) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert ask(site, "/datamachine/v1/agents/1", method)[0] == 401
    assert ask(site, "/datamachine/v1/agents/1/access/2", "DELETE")[0] == 401
    assert ask(site, "/datamachine/v1/agents", "HEAD") == (401, "")
    status, body = ask(site, "/datamachine/v1/agents/1", "OPTIONS")
    assert (status, json.loads(body)["methods"]) == (200, ["GET", "POST", "PUT", "PATCH", "DELETE"])
    status, body = ask(site, "/datamachine/v1/agents/one")
    assert (status, json.loads(body)["code"]) == (404, "rest_no_route")
