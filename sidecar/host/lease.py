"""A client's place among the units of this machine, held as an open connection to the host process."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import msgspec

from sidecar.host.errors import HostBusy, HostUnavailable, Maintenance
from sidecar.host.lines import LineSocket

#: How long a unit may wait for a free place, for WordPress to load or to leave maintenance mode.
WAIT_SECONDS = 60.0


class Grant(msgspec.Struct, frozen=True):
    """Where to connect for the unit."""

    listen: str = ""
    fastcgi: bool = False


@dataclass
class Lease:
    """One place. Losing the connection, for whatever reason, gives it back and ends the PHP process."""

    wire: LineSocket
    context: str
    wait: float

    @classmethod
    def acquire(cls, path: str, context: str, wait: float = WAIT_SECONDS) -> tuple[Lease, Grant]:
        """Ask the host process for a place; ConnectionError when nobody listens there."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
        except OSError as error:
            sock.close()
            raise ConnectionError(f"No host process listens on {path}: {error.strerror}.") from error
        lease = cls(LineSocket(sock), context, wait)
        try:
            return lease, lease._ask({"context": context, "wait": wait})
        except BaseException:
            lease.wire.close()
            raise

    def again(self) -> Grant:
        """The zygote was stale and executed nothing: have WordPress loaded again."""
        return self._ask({"stale": True})

    def started(self, pid: int) -> None:
        """Name the process, so that it is ended with this lease."""
        self._send({"pid": pid})

    def end(self, *, kill: bool) -> None:
        """Give the place back; ``kill`` when the process is not known to have ended."""
        try:
            self._send({"end": True, "kill": kill})
        except HostUnavailable:
            pass  # the host process is gone, and its places with it
        self.wire.close()

    def _send(self, message: dict[str, object]) -> None:
        try:
            self.wire.send(message)
        except OSError as error:
            raise HostUnavailable("The host process went away.") from error

    def _ask(self, message: dict[str, object]) -> Grant:
        self._send(message)
        try:
            answer = self.wire.receive(self.wait + 5)
        except (OSError, ValueError) as error:
            raise HostUnavailable("The host process does not answer.") from error
        if answer is None:
            raise HostUnavailable("The host process is stopping.")
        if "error" in answer:
            text = str(answer["error"])
            raise {"host_busy": HostBusy, "wordpress_maintenance": Maintenance}.get(
                str(answer.get("code")), HostUnavailable
            )(text)
        return msgspec.convert(answer, Grant)
