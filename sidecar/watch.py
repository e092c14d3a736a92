"""An end for a request: its connections are cut when its time is over.

A socket's own timeout begins again with every byte, so that a server that sends one every few seconds keeps a
caller for as long as it likes.
"""

from __future__ import annotations

import socket
import threading
from contextvars import ContextVar
from types import TracebackType
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_watching: ContextVar[Watch | None] = ContextVar("_watching", default=None)


class Watch:
    """A context manager; connections opened inside, by sessions of :func:`session`, end with ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    @property
    def over(self) -> bool:
        """Whether the time was used up."""
        return self._over

    def __enter__(self) -> Watch:
        self._before = _watching.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _watching.reset(self._before)
        with self._lock:
            for copy in self._held:
                copy.close()
            self._held.clear()

    def hold(self, connection: socket.socket) -> None:
        """Remember a connection. A copy, because TLS takes the socket itself over."""
        copy = connection.dup()
        with self._lock:
            self._held.append(copy)
            if self._over:
                _cut(copy)

    def _end(self) -> None:
        with self._lock:
            self._over = True
            for copy in self._held:
                _cut(copy)


def session(*, trust_environment: bool) -> requests.Session:
    """A session without cookies and credentials of its own; the environment names proxies and authorities."""
    made = requests.Session()
    made.trust_env = trust_environment
    made.mount("https://", Adapter())
    made.mount("http://", Adapter())
    return made


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # Closed already, by the other side.
        pass


def held(connection: socket.socket) -> socket.socket:
    """The connection, which the watch around the caller ends."""
    watch = _watching.get()
    if watch is not None:
        watch.hold(connection)
    return connection


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return held(super()._new_conn())


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return held(super()._new_conn())


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class Adapter(HTTPAdapter):
    """Opens watched connections, through a proxy too, and never asks twice.

    ``pools`` are the kinds of connections by scheme; whoever replaces them calls :func:`held`.
    """

    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _HttpPool, "https": _HttpsPool}

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self.pools
        return manager
