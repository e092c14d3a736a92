"""Requests that handlers make to other servers: bounded in time and size, kept off private networks.

A flow's settings name the address, and whoever edits flows need not be whom the network trusts. Requests to
private and loopback addresses are for administrators' flows and the site's own. Every connection is checked
by the address it is really made to, redirects too, so that a name cannot change its meaning in between.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from sidecar.clock import Clock

#: Seconds without a byte, and for the whole of it: a server that drips must not keep a worker for ever.
TIMEOUT = 30.0
LONGEST = 120.0
#: A body larger than this is refused rather than read into memory.
LARGEST = 16 << 20
AGENT = "Data Machine sidecar"
INVALID = "A valid URL was not provided."
_PIECE = 64 << 10
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class FetchError(Exception):
    """A request that brought nothing; the text goes to the log."""


class Fetched(msgspec.Struct, frozen=True):
    """A body, the media type its server claims (lower case, without parameters), and where it came from."""

    body: bytes
    media_type: str
    url: str


class Outgoing:
    """``own`` is the site's own ``host:port``, which is open to everybody as it is to every visitor."""

    def __init__(self, clock: Clock, own: Callable[[], str] = str) -> None:
        self._clock = clock
        self._own = own

    def get(
        self,
        url: str,
        *,
        private: bool = False,
        what: str = "answer",
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """The body behind an address; FetchError. ``private``: it may be on a private network."""
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise FetchError(INVALID)
        open_to_all = private or _place(url) == self._own()
        with requests.Session() as http:
            if not open_to_all:
                # A proxy would connect in our place, unchecked.
                http.trust_env = False
                http.mount("http://", _GuardedAdapter())
                http.mount("https://", _GuardedAdapter())
            try:
                with http.get(
                    url, timeout=TIMEOUT, stream=True, headers={"User-Agent": AGENT, **(headers or {})}
                ) as answer:
                    if not 200 <= answer.status_code < 300:
                        raise FetchError(f"HTTP {answer.status_code}")
                    media_type = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
                    return Fetched(self._body(answer, what), media_type, answer.url)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise FetchError(INVALID if isinstance(_cause(error), _Refused) else str(error)) from error

    def _body(self, answer: requests.Response, what: str) -> bytes:
        # What one receive gives, at most a small piece: a full read would wait for each byte of a slow
        # server, and unpack a compressed body before its size is known.
        until = self._clock.monotonic() + LONGEST
        body = bytearray()
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > LARGEST:
                raise FetchError(f"The {what} is larger than {LARGEST >> 20} MiB.")
            if self._clock.monotonic() > until:
                raise FetchError(f"The {what} did not arrive within {LONGEST:.0f} seconds.")
        return bytes(body)


def public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also behind the forms that wrap an IPv4 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast


def place(url: str) -> str:
    """``host:port`` of an address, lower case; '' for none."""
    try:
        return _place(url)
    except ValueError:
        return ""


def _place(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname:
        return ""
    return f"{parts.hostname.lower()}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


class _Refused(NewConnectionError):
    """The address is not one of the open internet."""


def _cause(error: BaseException | None) -> BaseException | None:
    """The refusal behind what the layers above made of it."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, _Refused):
            return error
        reason = getattr(error, "reason", None) or next(
            (one for one in error.args if isinstance(one, BaseException)), None
        )
        error, seen = reason if isinstance(reason, BaseException) else error.__cause__, seen + 1
    return None


def _connect(connection: HTTPConnection) -> socket.socket:
    """Connect to an address that was checked, not to a name that is looked up again."""
    host = connection.host.strip("[]")
    try:
        found = socket.getaddrinfo(host, connection.port, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, f"{host}: {error}") from error
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(public(address) for address in addresses):
        raise _Refused(connection, "not a public address")
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, connection.port), TIMEOUT)
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, f"{host}: {failure}") from failure


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _GuardedAdapter(HTTPAdapter):
    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
