"""What the owners of agents may do, asked in the unit that does their agents' work."""

from __future__ import annotations

import msgspec

from sidecar import blog
from sidecar.automation import wordpress
from sidecar.clock import Clock
from sidecar.db import Database
from sidecar.hooks import freshness
from sidecar.host import LazyUnit
from sidecar.host import context as hosts
from sidecar.identity import Answers
from sidecar.identity.answers import TRUSTED


class _Kept(msgspec.Struct, frozen=True):
    answers: Answers | None
    epoch: str
    until: float


class Owners:
    """Answers of one process.

    A WordPress that is there is asked each time. For one that would have to be opened, an answer holds for
    30 seconds, or until the site's access epoch is another one.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._kept: dict[tuple[int, int], _Kept] = {}

    def of(self, user_id: int) -> Answers | None:
        """What a user may do now on the current blog; None when there is no such user."""
        host = hosts.current()
        if not isinstance(host, LazyUnit) or host.opened:
            return wordpress.owner(user_id)
        # Read before WordPress is asked: a change in between makes the answer worthless, never the reverse.
        key, epoch = (user_id, blog.current()), freshness.epoch(self._db)
        kept = self._kept.get(key)
        if kept is None or kept.epoch != epoch or self._clock.monotonic() >= kept.until:
            kept = _Kept(wordpress.owner(user_id), epoch, self._clock.monotonic() + TRUSTED)
            self._kept[key] = kept
        return kept.answers
