"""WordPress units of a worker: one at a time, kept while the same job goes on, ended for the dead."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.db.errors import DatabaseError
from sidecar.errors import SidecarError
from sidecar.host import LazyUnit
from sidecar.queue import processes

if TYPE_CHECKING:
    from sidecar.db import Database

logger = logging.getLogger(__name__)

#: How long a unit whose worker is dead may take to see the closed channel and leave by itself.
GRACE = 1.0
#: How long we look whether a killed process or connection is gone.
PATIENCE = 5.0
_UNKNOWN_THREAD = 1094

Opener = Callable[[], AbstractContextManager[Any]]
#: What WordPress is loaded as for a step.
CONTEXT = "cron"


class Units:
    """The unit of one worker. ``opener`` is ``hosts.unit``.

    A process is only opened when something is asked of WordPress; most steps of most jobs ask nothing.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._unit: LazyUnit | None = None
        self._serves: object = None
        self._opened: Callable[[Any], None] = _nobody

    @property
    def current(self) -> LazyUnit | None:
        """The unit or None."""
        return self._unit

    def serves(self, what: object) -> bool:
        """Whether there is a unit for ``what``, which :meth:`serve` would go on with."""
        return self._unit is not None and self._serves == what and self._unit.usable

    def serve(self, what: object, opened: Callable[[Any], None]) -> LazyUnit:
        """A unit for ``what`` (compared by equality): the one there is when it serves the same.

        ``opened`` is told of its process: at once when there is one, else when it is opened.
        """
        unit = self._unit
        if unit is not None and self.serves(what):
            self._opened = opened
            if unit.process is not None:
                opened(unit.process)
            return unit
        self.close()
        self._unit = LazyUnit(self._opener, CONTEXT, opened=self._tell)
        self._serves, self._opened = what, opened
        return self._unit

    def _tell(self, process: Any) -> None:
        self._opened(process)

    def taint(self) -> None:
        """Serve nothing else with this unit."""
        self._serves = None

    def close(self) -> None:
        """End the unit, in order when it still answers."""
        unit, self._unit, self._serves, self._opened = self._unit, None, None, _nobody
        if unit is None:
            return
        try:
            unit.close()
        except SidecarError as error:
            logger.warning("a WordPress unit ended badly: %s", error.message)


def _nobody(_process: Any) -> None:
    """Nobody works with the unit any more."""


class Remains(msgspec.Struct, frozen=True):
    """What a lease says about the unit of a worker that is gone."""

    connection_id: int | None
    pid: int | None
    owner: str
    #: Seconds since the lease's last sign of life, by the database's clock.
    silent: float


def end(db: Database, remains: Remains) -> bool:
    """End a unit that may still be working, and wait until it is gone; False when that could not be seen.

    Its process first: a WordPress whose connection is killed opens another one and sends the statement again.
    """
    over = True
    if remains.pid and processes.same_machine(remains.owner):
        over = _end_process(remains.pid, remains.silent)
    if remains.connection_id:
        over = _end_connection(db, remains.connection_id, remains.silent) and over
    if not over:
        logger.warning("the unit of %s could not be seen to end (%s)", remains.owner, remains)
    return over


def _end_process(pid: int, silent: float) -> bool:
    def ours() -> bool:
        return processes.is_php_older_than(pid, silent)

    if _until_not(ours, GRACE):
        return True
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return True
    except PermissionError:
        logger.warning("process %d of a dead worker's unit belongs to another user", pid)
    return _until_not(ours, PATIENCE)


def _end_connection(db: Database, connection_id: int, silent: float) -> bool:
    # After a restart of the server the number may be somebody else's.
    with db.session() as session:
        uptime = session.one("SHOW GLOBAL STATUS LIKE 'Uptime'")
    if uptime is not None and int(uptime["Value"]) <= silent:
        return True

    def there() -> bool:
        with db.session() as session:
            found = session.scalar(
                "SELECT 1 FROM information_schema.processlist WHERE id = :id AND db = DATABASE()",
                {"id": connection_id},
            )
            if found is None:
                return False
            try:
                session.execute(f"KILL CONNECTION {connection_id:d}")
            except DatabaseError as error:
                if error.data.get("errno") != _UNKNOWN_THREAD:
                    logger.warning("connection %d could not be killed: %s", connection_id, error.message)
            return True

    return _until_not(there, PATIENCE)


def _until_not(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)
    return True
