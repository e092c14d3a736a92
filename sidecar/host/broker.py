"""The host process's core: a bounded number of places for units, and a zygote for each context."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

from sidecar.errors import SidecarError
from sidecar.host import zygote as zygotes
from sidecar.host.errors import HostBusy, HostUnavailable, Maintenance
from sidecar.host.lines import LineSocket
from sidecar.host.watch import in_maintenance
from sidecar.host.zygote import Context, Zygote
from sidecar.settings import Site

log = logging.getLogger("datamachine.host")

#: A client that went away in order leaves its process this long to end by itself.
GRACE_SECONDS = 2.0
#: A site that does not load is tried again after this.
RETRY_SECONDS = 2.0
CONTEXTS: tuple[Context, ...] = ("cron", "rest")


class Broker:
    """Hands out places for units; one a machine, or one of its own in a process that finds none."""

    def __init__(self, site: Site, listener: socket.socket, folder: Path, *, private: bool = False) -> None:
        """``listener`` is a bound, listening Unix socket; zygotes listen in ``folder``.

        ``private``: only this process uses the units, so they end with it, however it ends.
        """
        self._site = site
        self._private = private
        self._listener = listener
        self._folder = folder
        self._places = threading.Semaphore(site.host_units)
        self._zygotes: dict[Context, Zygote] = {}
        self._retired: list[Zygote] = []
        self._failed: dict[Context, tuple[float, str]] = {}
        self._booting: dict[Context, threading.Lock] = {context: threading.Lock() for context in CONTEXTS}
        self._leases: set[LineSocket] = set()
        self._lock = threading.Lock()
        self._exits = threading.Condition()
        self._stopping = threading.Event()

    # ---------------------------------------------------------------- life

    def serve(self) -> None:
        """Accept clients until :meth:`stop`; each is served by a thread."""
        while not self._stopping.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                break
            if not self._allowed(client):
                client.close()
                continue
            wire = LineSocket(client)
            with self._lock:
                self._leases.add(wire)
            threading.Thread(target=self._attend, args=(wire,), name="lease", daemon=True).start()

    def drain(self, grace: float) -> None:
        """Take no new clients, let units under way finish for ``grace`` seconds, then end everything."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and self._leases:
            time.sleep(0.02)
        self.stop()

    def stop(self) -> None:
        """End every zygote and its units."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            zygotes_ = [*self._zygotes.values(), *self._retired]
            self._zygotes.clear()
            self._retired.clear()
            leases = list(self._leases)
        for wire in leases:
            wire.close()
        for zygote in zygotes_:
            zygote.stop(grace=1.0)

    def warm(self, context: Context) -> None:
        """Load WordPress before the first unit asks for it; a failure is told to whoever asks."""
        if not self._forks:
            return
        try:
            self._zygote(context, time.monotonic() + zygotes.BOOT_SECONDS)
        except SidecarError as error:
            log.warning("host: %s", error.message)

    def _allowed(self, client: socket.socket) -> bool:
        packed = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        uid = struct.unpack("3i", packed)[1]
        if uid in {0, os.geteuid()}:
            return True
        log.warning("host: refused a client of user %d", uid)
        return False

    # ---------------------------------------------------------------- one client

    def _attend(self, wire: LineSocket) -> None:
        placed = False
        zygote: Zygote | None = None
        pid: int | None = None
        kill = True
        try:
            request = wire.receive(30.0)
            if request is None or request.get("context") not in CONTEXTS:
                return
            context: Context = request["context"]
            wait = float(request.get("wait", 60.0))
            placed = self._places.acquire(timeout=wait)
            if not placed:
                raise HostBusy(f"All {self._site.host_units} units of this machine are taken.")
            zygote = self._grant(wire, context, wait)
            while (message := wire.receive(None)) is not None:
                if message.get("stale"):
                    if zygote is not None:
                        zygote.fresh = False
                    zygote = self._grant(wire, context, wait)
                elif "pid" in message:
                    pid = int(message["pid"])
                elif message.get("end"):
                    kill = bool(message.get("kill"))
                    break
        except SidecarError as error:
            with contextlib.suppress(OSError):
                wire.send({"error": error.message, "code": error.code})
        except (OSError, ValueError) as error:
            log.info("host: a client went away: %s", error)
        finally:
            with self._lock:
                self._leases.discard(wire)
            wire.close()
            if zygote is not None and pid is not None:
                self._await_exit(zygote, pid, 0.0 if kill else GRACE_SECONDS)
            if placed:
                self._places.release()

    def _grant(self, wire: LineSocket, context: Context, wait: float) -> Zygote | None:
        if not self._forks:
            self._wait_out_maintenance(time.monotonic() + wait)
            wire.send({"fastcgi": True})
            return None
        zygote = self._zygote(context, time.monotonic() + wait)
        wire.send({"listen": zygote.listen})
        return zygote

    @functools.cached_property
    def _forks(self) -> bool:
        """Whether units are forks here. Only a site that names PHP-FPM has a choice."""
        if self._site.host_mode != "auto" or not self._site.fastcgi:
            return self._site.host_mode != "fastcgi"
        can = zygotes.can_fork(self._site.php)
        if not can:
            log.info("host: %s cannot fork, units are requests of PHP-FPM", self._site.php)
        return can

    def _await_exit(self, zygote: Zygote, pid: int, grace: float) -> None:
        """The place is free when the process is gone, not before."""
        deadline = time.monotonic() + grace
        with self._exits:
            while pid in zygote.children and zygote.alive and time.monotonic() < deadline:
                self._exits.wait(0.1)
            if not zygote.alive or (grace and pid not in zygote.children):
                return
        # One whose client died at once may be running before the zygote has told us of it.
        zygote.kill(pid)
        with self._exits:
            self._exits.wait_for(lambda: pid not in zygote.children or not zygote.alive, timeout=5.0)

    def _exited(self, _pid: int) -> None:
        with self._exits:
            self._exits.notify_all()

    # ---------------------------------------------------------------- zygotes

    def _zygote(self, context: Context, deadline: float) -> Zygote:
        with self._booting[context]:
            self._wait_out_maintenance(deadline, context)
            known = self._zygotes.get(context)
            if known is not None and known.usable():
                return known
            if known is not None:
                known.retire()
                with self._lock:
                    self._retired = [old for old in [*self._retired, known] if old.alive]
                    self._zygotes.pop(context, None)
            if self._stopping.is_set():
                raise HostUnavailable("The host process is stopping.")
            failed = self._failed.get(context)
            if failed is not None and time.monotonic() - failed[0] < RETRY_SECONDS:
                raise HostUnavailable(failed[1])
            try:
                zygote = zygotes.boot(
                    self._site,
                    context,
                    self._folder,
                    private=self._private,
                    before=None if known is None else known.watch,
                )
            except HostUnavailable as error:
                self._failed[context] = (time.monotonic(), error.message)
                raise
            zygote.on_exit = self._exited
            self._failed.pop(context, None)
            with self._lock:
                self._zygotes[context] = zygote
            return zygote

    def _wait_out_maintenance(self, deadline: float, context: Context | None = None) -> None:
        waited = False
        while in_maintenance(self._site.wp_path):
            waited = True
            if time.monotonic() >= deadline or self._stopping.is_set():
                raise Maintenance("WordPress is in maintenance mode.")
            time.sleep(0.2)
        known = self._zygotes.get(context) if context is not None else None
        if waited and known is not None:
            # An upgrade may keep size and times of a file; load again rather than guess.
            known.fresh = False

    def status(self) -> dict[str, Any]:
        """What is running, for the log and the doctor."""
        return {
            "leases": len(self._leases),
            "zygotes": {context: zygote.process.pid for context, zygote in self._zygotes.items()},
        }
