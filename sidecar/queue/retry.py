"""Deadlocks and lock waits, classified at one choke point: the whole transaction runs again, with jitter."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Deadlock, lock wait timeout, Galera's certification conflict at commit (reported as a deadlock).
CONTENTION = frozenset({1213, 1205})
#: The connection went away: server restart, kill, network.
DISCONNECTED = frozenset({2006, 2013, 2002, 2003, 1053, 1927, 4031, 0})
#: Somebody ended this very statement or connection.
KILLED = frozenset({1317})

ATTEMPTS = 8
_counts = {"contention": 0}


def error_number(error: BaseException) -> int | None:
    """The server's error number inside a driver error, or None."""
    original = getattr(error, "orig", error)
    arguments = getattr(original, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def is_contention(error: BaseException) -> bool:
    """True when the transaction was rolled back for somebody else's sake and may simply run again."""
    return error_number(error) in CONTENTION


def is_disconnect(error: BaseException) -> bool:
    """True when the database went away; whether the last statement took effect is unknown."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return error_number(error) in DISCONNECTED


def contention_count() -> int:
    """How many transactions of this process ran into contention so far (the benchmark expects none)."""
    return _counts["contention"]


def transact(work: Callable[[], T], *, attempts: int = ATTEMPTS) -> T:
    """Run ``work``, which opens and commits one whole transaction, until it is not a victim of contention."""
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except DBAPIError as error:
            if not is_contention(error):
                raise
            _counts["contention"] += 1
            if attempt == attempts:
                raise
            logger.info("queue transaction met contention (%s), attempt %d", error_number(error), attempt)
            time.sleep(random.uniform(0.002, 0.01) * 2**attempt)
    raise AssertionError("unreachable")
