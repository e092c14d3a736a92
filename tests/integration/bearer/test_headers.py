"""How the header reaches PHP: raw requests to PHP's own server, and what other servers hand to PHP-FPM."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from dev import packages, processes
from sidecar.host import fastcgi
from tests.integration.bearer.conftest import Lab, error

PUBLIC = "/bearer/v1/public"
INVALID = (401, "datamachine_invalid_token")


def raw_request(lab: Lab, *lines: str) -> tuple[int, Any]:
    """A request of exactly these header lines; its status and JSON."""
    host = urlsplit(lab.instance.url).netloc
    head = [f"GET /wp-json{PUBLIC} HTTP/1.1", f"Host: {host}", "Connection: close", *lines]
    with socket.create_connection(("127.0.0.1", lab.instance.port), timeout=30) as sock:
        sock.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])


def test_one_token_is_its_agent(lab: Lab) -> None:
    raw = lab.token()
    for line in (
        f"Authorization: Bearer {raw}",
        f"authorization:Bearer {raw}",
        f"AUTHORIZATION:   Bearer   {raw}  ",
        f"X-Datamachine-Authorization: Bearer {raw}",
    ):
        assert raw_request(lab, line)[1].get("agent") == lab.agents["boss"], line


@pytest.mark.parametrize("second", ["Bearer {other}", "Basic YTpi", "Bearer abc", "Bearer {raw}"])
@pytest.mark.parametrize("swap", [False, True])
def test_two_authorization_headers_are_refused(lab: Lab, second: str, swap: bool) -> None:
    raw, other = lab.token("boss", []), lab.token("writer")
    lines = [f"Authorization: Bearer {raw}", f"Authorization: {second.format(raw=raw, other=other)}"]
    status, said = raw_request(lab, *(reversed(lines) if swap else lines))
    # PHP's own server joins both; one in front of it may have judged either of them.
    assert (status, said["code"]) == INVALID


@pytest.mark.parametrize(
    "value",
    [
        "Bearer {raw}, Bearer {other}",
        "Bearer {raw},Bearer {raw}",
        "Basic YTpi, Bearer {raw}",
        "Bearer {raw}, Basic YTpi",
        "Bearer {raw} {other}",
        "Bearer datamachine_",
    ],
)
def test_two_credentials_in_one_header_are_refused(lab: Lab, value: str) -> None:
    value = value.format(raw=lab.token(), other=lab.token("writer"))
    for name in ("Authorization", "X-Datamachine-Authorization"):
        status, said = raw_request(lab, f"{name}: {value}")
        assert (status, said["code"]) == INVALID


def test_headers_that_differ_are_refused(lab: Lab) -> None:
    raw, other = lab.token(), lab.token("writer")
    first = f"Authorization: Bearer {raw}"
    status, said = raw_request(lab, first, f"X-Datamachine-Authorization: Bearer {other}")
    assert (status, said["code"]) == INVALID
    assert raw_request(lab, first, f"X-Datamachine-Authorization: Bearer {raw}")[0] == 200


@pytest.mark.parametrize(
    "line", ["Authorization: bearer {raw}", "Authorization: {raw}", "Proxy-Authorization: Bearer {raw}"]
)
def test_other_spellings_are_nobody(lab: Lab, line: str) -> None:
    status, said = raw_request(lab, line.format(raw=lab.token()))
    assert (status, said["user"]) == (200, 0)


def test_a_long_header_is_refused(lab: Lab) -> None:
    assert error(lab.ask("datamachine_" + "a" * 600, PUBLIC)) == INVALID


@pytest.fixture(scope="module")
def fpm(lab: Lab) -> Iterator[str]:
    """A private PHP-FPM; its address."""
    folder = lab.instance.run_dir / "bearer-fpm"
    folder.mkdir(mode=0o700, exist_ok=True)
    address, config = folder / f"{secrets.token_hex(3)}.sock", folder / "fpm.conf"
    root = "user = root\ngroup = root\n" if os.geteuid() == 0 else ""
    config.write_text(
        f"[global]\nerror_log = {folder}/fpm.log\ndaemonize = no\n"
        f"[www]\nlisten = {address}\npm = static\npm.max_children = 1\n{root}"
    )
    program = packages.find_program("php-fpm8.2")
    assert program is not None
    command = [program, "--nodaemonize", "--fpm-config", str(config)]
    command += ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)

    def listens() -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(address)) == 0

    try:
        processes.wait_until(listens, what="PHP-FPM")
        yield str(address)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


def through_fpm(lab: Lab, address: str, told: Mapping[str, str]) -> Any:
    """What PHP-FPM answers when the web server hands over these variables."""
    url = urlsplit(lab.instance.url)
    script = str(lab.instance.path / "index.php")
    request = fastcgi.Request.start(
        address,
        {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SCRIPT_FILENAME": script,
            "SCRIPT_NAME": "/index.php",
            "REQUEST_METHOD": "GET",
            "REQUEST_URI": f"/wp-json{PUBLIC}",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": str(url.hostname),
            "SERVER_PORT": str(url.port),
            "HTTP_HOST": url.netloc,
            "REMOTE_ADDR": "203.0.113.9",
            "QUERY_STRING": "",
            **told,
        },
    )
    assert request.done.wait(30)
    request.close()
    text = request.text()
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


@pytest.mark.parametrize(
    "told",
    [
        {"HTTP_AUTHORIZATION": "{raw}"},
        # Apache's rewrite rule of WordPress, before and after an internal redirect.
        {"REDIRECT_HTTP_AUTHORIZATION": "{raw}"},
        {"HTTP_AUTHORIZATION": "", "REDIRECT_HTTP_AUTHORIZATION": "{raw}"},
        {"HTTP_AUTHORIZATION": "{raw}", "REDIRECT_HTTP_AUTHORIZATION": "{raw}"},
        # A server that hides the first header, and one that asks for a password of its own.
        {"HTTP_X_DATAMACHINE_AUTHORIZATION": "{raw}"},
        {"HTTP_AUTHORIZATION": "Basic YTpi", "HTTP_X_DATAMACHINE_AUTHORIZATION": "{raw}"},
    ],
)
def test_servers_in_front_of_php_fpm(lab: Lab, fpm: str, told: dict[str, str]) -> None:
    header = f"Bearer {lab.token()}"
    said = through_fpm(lab, fpm, {name: value.format(raw=header) for name, value in told.items()})
    assert said["agent"] == lab.agents["boss"]


def test_a_wrong_token_through_php_fpm(lab: Lab, fpm: str) -> None:
    said = through_fpm(lab, fpm, {"REDIRECT_HTTP_AUTHORIZATION": "Bearer datamachine_boss_1"})
    assert said["code"] == "datamachine_invalid_token"
    assert through_fpm(lab, fpm, {})["user"] == 0
