"""Units of work for this process, taken from the machine's one bounded pool."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from sidecar import blog, bridge
from sidecar.bridge import CallContext, Channel, Handler, MethodNotFound, RemoteError
from sidecar.bridge.context import Source
from sidecar.host import context as host_context
from sidecar.host import openers
from sidecar.host.broker import Broker
from sidecar.host.errors import HostUnavailable, Stale
from sidecar.host.lease import WAIT_SECONDS, Grant, Lease
from sidecar.host.unit import Opened, UnitHost
from sidecar.host.zygote import Context
from sidecar.settings import Site

log = logging.getLogger("datamachine.host")

#: Plugins may change while WordPress loads; more often than this, something keeps changing them.
STALE_ATTEMPTS = 2
OPEN_SECONDS = 30.0


def _nothing(call: bridge.Call) -> object:
    raise MethodNotFound(f"No handler for {call.method}.")


class HostPool:
    """Opens units.

    Places come from the ``host`` process. Where none runs (a command line, a test) this process keeps a host
    of its own, with WordPress loaded when the first unit is asked for and gone with :meth:`close`.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._dispatch: Handler = _nothing
        self._lock = threading.Lock()
        self._own: tuple[Broker, str, int] | None = None

    def serve_with(self, dispatch: Handler) -> None:
        """Answer what PHP calls from inside units (forwarded hooks, memory, ...) with ``dispatch``."""
        self._dispatch = dispatch

    @contextmanager
    def unit(
        self,
        context: Context = "cron",
        user_id: int = 0,
        blog_id: int | None = None,
        locale: str | None = None,
        *,
        system: bool | None = None,
        request_id: str | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Iterator[UnitHost]:
        """A clean PHP process for one unit of work, and the current host inside the block.

        ``context``: what WordPress is loaded as, ``cron`` or ``rest``. ``system``: operations are not limited
        by a user's capabilities; by default in ``cron`` for nobody (``user_id`` 0), as in WP-Cron itself.
        ``wait``: seconds for a free place and for WordPress to load.

        Raises HostBusy, Maintenance or HostUnavailable before the block; operations inside raise their own.
        """
        acting = CallContext(
            user_id=user_id,
            blog_id=blog_id or blog.current(),
            locale=locale or "",
            request_id=request_id or secrets.token_hex(8),
            source=_source(context),
        )
        as_system = (context == "cron" and user_id == 0) if system is None else system
        host = self._open(context, acting, as_system, wait)
        try:
            with host_context.bind(host):
                yield host
        finally:
            host.close()

    def close(self) -> None:
        """End this process's own host, if it has one."""
        with self._lock:
            own, self._own = self._own, None
        if own is not None and own[2] == os.getpid():
            own[0].stop()
            Path(own[1]).unlink(missing_ok=True)

    def _open(self, context: Context, acting: CallContext, system: bool, wait: float) -> UnitHost:
        lease, grant = self._lease(context, wait)
        try:
            for _ in range(STALE_ATTEMPTS):
                try:
                    return self._begin(lease, grant, context, acting, system)
                except Stale:
                    grant = lease.again()
            # A plugin that changes such an option at every load must not stop all work.
            log.warning("host: plugins, theme, roles or addresses change while WordPress loads; going on")
            return self._begin(lease, grant, context, acting, system, stale=True)
        except BaseException:
            lease.end(kill=True)
            raise

    def _begin(
        self,
        lease: Lease,
        grant: Grant,
        context: Context,
        acting: CallContext,
        system: bool,
        *,
        stale: bool = False,
    ) -> UnitHost:
        finish: openers.End | None = None
        if grant.fastcgi:
            channel, finish = openers.request(self._site, context, self._dispatch, acting)
        else:
            channel = openers.fork(self._site, grant.listen, self._dispatch, acting)
        try:
            opened = self._opened(channel, acting, system, stale)
        except BaseException:
            channel.close()
            if finish is not None:
                finish(True)
            raise
        lease.started(0 if grant.fastcgi else opened.pid)

        def end(killed: bool) -> None:
            if finish is not None:
                finish(killed)
            lease.end(kill=killed)

        return UnitHost(channel, opened, end=end, context=context)

    @staticmethod
    def _opened(channel: Channel, acting: CallContext, system: bool, stale: bool) -> Opened:
        try:
            answer = channel.call(
                "unit.open",
                {
                    "user_id": acting.user_id,
                    "blog_id": acting.blog_id,
                    "locale": acting.locale,
                    "request_id": acting.request_id,
                    "system": system,
                    "stale": stale,
                },
                OPEN_SECONDS,
            )
        except RemoteError as error:
            if error.code == "host_stale":
                raise Stale from None
            raise
        except bridge.ChannelPoisoned as error:
            raise HostUnavailable(f"The unit did not begin: {error.message}") from error
        return msgspec.convert(answer, Opened)

    def _lease(self, context: Context, wait: float) -> tuple[Lease, Grant]:
        try:
            return Lease.acquire(self._site.host_socket, context, wait)
        except ConnectionError:
            return Lease.acquire(self._own_host(), context, wait)

    def _own_host(self) -> str:
        with self._lock:
            if self._own is not None and self._own[2] == os.getpid():
                return self._own[1]
            path = str(Path(self._site.run_dir) / f"h{os.getpid()}-{secrets.token_hex(3)}.sock")
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(path)
            os.chmod(path, 0o600)
            listener.listen(16)
            broker = Broker(self._site, listener, Path(self._site.run_dir), private=True)
            threading.Thread(target=broker.serve, name="host", daemon=True).start()
            self._own = (broker, path, os.getpid())
            log.info("no host process is running; this process loads WordPress itself")
            return path


def _source(context: Context) -> Source:
    return "cron" if context == "cron" else "rest"
