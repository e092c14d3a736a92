"""Connections to the open internet only, judged by the address they are really made to."""

from __future__ import annotations

import ipaddress
import socket
from typing import ClassVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from sidecar import watch

#: Seconds to connect to an address, and addresses of a name that are tried.
TIMEOUT, MOST_TRIED = 30.0, 4
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(NewConnectionError):
    """The address is not one of the open internet."""


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


def _connect(connection: HTTPConnection) -> socket.socket:
    """Connect to an address that was checked, not to a name that is looked up again."""
    host = connection.host.strip("[]")
    try:
        found = socket.getaddrinfo(host, connection.port, 0, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, f"{host}: {error}") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses or not all(public(address) for address in addresses):
        raise Refused(connection, "not a public address")
    failure: OSError | None = None
    for address in addresses[:MOST_TRIED]:
        try:
            return watch.held(socket.create_connection((address, connection.port), TIMEOUT))
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


class Guarded(watch.Adapter):
    """Refuses private, loopback and other special addresses."""

    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _HttpPool, "https": _HttpsPool}
