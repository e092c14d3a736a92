"""Requests to other sites: with our token for them, in our time, and to nobody else."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import requests
import urllib3

from sidecar import bridge
from sidecar.errors import InvalidInput
from sidecar.identity.external.address import Remote, is_loopback
from sidecar.identity.external.values import Answer
from sidecar.watch import Watch, session

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Seconds a caller may ask for, least and most, and what he gets who does not ask.
SECONDS = (1, 300)
USUAL_SECONDS = 30
#: Bytes of an answer that are read, and of a body that is sent.
MOST = 4 * 1024 * 1024
#: Redirects on the same site that are followed.
HOPS = 3
PIECE = 65536
USER_AGENT = "datamachine-sidecar"

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REDIRECTS = {301, 302, 303, 307, 308}
#: Headers that say who asks or how the message is made: a caller's are put aside.
_OURS = {"accept", "accept-encoding", "authorization", "connection", "content-length", "cookie", "expect"}
_OURS |= {"host", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"}
_OURS_BEGIN = ("x-datamachine-", "x-agents-api-")


class OutboundClient:
    """One request at a time, each over a connection of its own."""

    def request(
        self,
        remote: Remote,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        chain: Mapping[str, str] | None = None,
        timeout: int | None = None,
    ) -> Answer:
        """Ask another site; every failure is an answer.

        ``chain`` are the headers that say who calls (:meth:`Caller.headers`). Redirects are followed for GET
        only, and only on the same host and port: the token would go along.
        """
        try:
            method = _method(method)
            url = _with_query(remote.address(path), query)
            seconds = _within_call(_seconds(timeout))
            sent, data = _message(body, headers or {}, chain or {})
        except InvalidInput as error:
            return Answer(False, 0, "", error=error.message)
        with Watch(seconds) as watch, session(trust_environment=not _local(remote)) as http:
            http.auth = _Signer(token)
            http.headers.clear()
            http.headers.update(sent)
            until = time.monotonic() + seconds
            try:
                answer = self._exchange(http, remote, method, url, data, until=until)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                if watch.over or isinstance(error, requests.Timeout):
                    return Answer(False, 0, url, error=f"No answer within {seconds:.0f} seconds.")
                return Answer(False, 0, url, error=f"{remote.authority} did not answer: {_reason(error)}")
            # An answer without a length ends where the connection was cut.
            return (
                Answer(False, 0, url, error=f"No answer within {seconds:.0f} seconds.")
                if watch.over
                else answer
            )

    def _exchange(
        self,
        http: requests.Session,
        remote: Remote,
        method: str,
        url: str,
        data: bytes | None,
        *,
        until: float,
    ) -> Answer:
        hops = HOPS if method == "GET" else 0
        while True:
            left = max(0.1, until - time.monotonic())
            with http.request(
                method, url, data=data, timeout=left, allow_redirects=False, stream=True
            ) as response:
                target = response.headers.get("location", "")
                if response.status_code not in _REDIRECTS or not target:
                    return _answer(response, url)
                target = urljoin(url, target)
                if hops == 0 or not remote.owns(target):
                    return _redirected(response, url, target, remote)
                url, hops = remote.address(target), hops - 1


class _Signer(requests.auth.AuthBase):
    """The token, or nothing at all: without it requests would look for a password in ~/.netrc."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _method(method: str) -> str:
    if method.upper() not in METHODS:
        raise InvalidInput(f'"{method}" is not one of {", ".join(METHODS)}.', code="invalid_method")
    return method.upper()


def _seconds(timeout: int | None) -> int:
    return USUAL_SECONDS if timeout is None else max(SECONDS[0], min(SECONDS[1], timeout))


def _within_call(seconds: int) -> float:
    """At most what whoever waits for us has left, with time for our answer: he shall hear what happened."""
    left = bridge.remaining()
    return seconds if left is None else min(float(seconds), max(0.5, left - 1.0))


def _with_query(url: str, query: Mapping[str, Any] | None) -> str:
    """The parameters added as WordPress reads them: lists and mappings with brackets."""
    pairs = [pair for name, value in (query or {}).items() for pair in _pairs(str(name), value)]
    if not pairs:
        return url
    return url + ("&" if "?" in url else "?") + urlencode(pairs)


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for key, each in value.items() for pair in _pairs(f"{name}[{key}]", each)]
    if isinstance(value, list | tuple):
        return [pair for number, each in enumerate(value) for pair in _pairs(f"{name}[{number}]", each)]
    if value is None:
        return []
    return [(name, "1" if value is True else "0" if value is False else str(value))]


def _message(
    body: Any, headers: Mapping[str, Any], chain: Mapping[str, str]
) -> tuple[dict[str, str], bytes | None]:
    """Headers and bytes to send."""
    sent: dict[str, str] = {}
    for name, value in headers.items():
        text = str(value).strip()
        if _NAME.fullmatch(str(name)) is None or not text.isprintable() or not text.isascii():
            raise InvalidInput(f'"{name}" is not a header that can be sent.', code="invalid_header")
        if str(name).lower() not in _OURS and not str(name).lower().startswith(_OURS_BEGIN):
            sent[str(name)] = text
    data: bytes | None = None
    if isinstance(body, str):
        data = body.encode("utf-8", "surrogateescape")
    elif isinstance(body, bytes):
        data = body
    elif body is not None:
        data = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        sent = {name: text for name, text in sent.items() if name.lower() != "content-type"}
        sent["Content-Type"] = "application/json"
    if data is not None and len(data) > MOST:
        raise InvalidInput(f"A body has at most {MOST} bytes.", code="body_too_large")
    # What is compressed could be far larger than what is read.
    ours = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}
    return {**sent, **ours, **chain}, data


def _answer(response: requests.Response, url: str) -> Answer:
    status, headers = response.status_code, _headers(response)
    if headers.get("content-encoding", "identity") != "identity":
        return Answer(False, status, url, headers=headers, error="The answer is compressed.")
    data = bytearray()
    for piece in response.raw.stream(PIECE, decode_content=False):
        data += piece
        if len(data) > MOST:
            return Answer(False, status, url, headers=headers, error=f"More than {MOST} bytes.")
    raw = data.decode("utf-8", "replace")
    try:
        body: Any = json.loads(raw) if raw.strip() else None
    except (ValueError, RecursionError):
        body = raw
    success = 200 <= status < 300
    return Answer(success, status, url, body, raw, headers, "" if success else _complaint(status, body))


def _redirected(response: requests.Response, url: str, target: str, remote: Remote) -> Answer:
    where = "on" if remote.owns(target) else "to another site"
    error = f"HTTP {response.status_code}: {remote.authority} sends us {where}, which is not followed."
    return Answer(False, response.status_code, url, headers=_headers(response), error=error)


def _headers(response: requests.Response) -> dict[str, str]:
    """The answer's headers; its cookies are nobody's here."""
    return {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}


def _complaint(status: int, body: Any) -> str:
    """What the other site says is wrong, in WordPress's envelope."""
    message = body.get("message") if isinstance(body, Mapping) else None
    return f"HTTP {status}: {message}" if isinstance(message, str) and message else f"HTTP {status}"


def _local(remote: Remote) -> bool:
    return is_loopback(remote.authority) or is_loopback(remote.authority.rpartition(":")[0])


def _reason(error: Exception) -> str:
    """One line without the address, which stands in the answer already."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be verified."
    if isinstance(error, requests.ConnectionError) and "resolve" in str(error).lower():
        return "its name is not known."
    return "the connection failed."
