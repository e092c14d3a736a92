"""WordPress's answers on what a user may do, asked where nobody sent them along, and kept for a moment."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar import blog
from sidecar import clock as clock_module
from sidecar.db import Database
from sidecar.errors import Cancelled, Internal, SidecarError
from sidecar.hooks import freshness
from sidecar.host import HostPool, LazyUnit, WordPressHost
from sidecar.host import context as host_context
from sidecar.identity.capabilities import CAPABILITIES
from sidecar.identity.principal import Answers

log = logging.getLogger(__name__)

#: The host operation of PHP that answers.
OPERATION = "identity.answers"
#: PHP writes a fresh text here when users, roles, capabilities, super admins or plugins change.
EPOCH = freshness.EPOCH
#: Seconds an answer is kept at most, for what changes without anybody noticing (a filter that reads a clock).
TRUSTED = 30.0
#: Seconds for which a WordPress that did not answer is not asked again.
REFUSED = 1.0
#: Seconds to wait for a WordPress process, and for somebody else's question about the same user.
PATIENCE = 10.0
#: Users whose answers are kept.
KEPT = 1024

NO_RIGHTS = Answers()
Key = tuple[int, int, str]


class _Kept(msgspec.Struct, frozen=True):
    answers: Answers
    until: float


class _Question:
    """One question under way; whoever needs the same answer waits for it."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.answers: Answers | None = None


class UnitAnswers:
    """Answers of one process.

    Inside a call of WordPress, or in a unit that has worked already, that process is asked each time: what
    its plugins say there is said for this call. Otherwise a clean unit is asked, and its answer serves
    everybody for 30 seconds, or until the epoch in the database is another one. No answer means no rights.
    """

    def __init__(
        self, db: Database, hosts: HostPool, clock: clock_module.Clock = clock_module.SYSTEM
    ) -> None:
        self._db = db
        self._hosts = hosts
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._open: dict[Key, _Question] = {}
        self._failing = False

    def of(self, user_id: int, blog_id: int, epoch: str | None = None) -> Answers:
        """What the user may do on a blog of the network; nobody (0) may do nothing.

        ``epoch`` is the row :data:`EPOCH`, for those who have just read it.
        """
        if user_id <= 0:
            return NO_RIGHTS
        host = host_context.current() if blog_id == blog.current() else None
        if host is not None and not (isinstance(host, LazyUnit) and not host.opened):
            return self._answer(host, user_id)[0]
        # Read before WordPress is asked: a change in between makes the answer worthless, never the reverse.
        key = (user_id, blog_id, self._epoch() if epoch is None else epoch)
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if kept is not None and self._clock.monotonic() < kept.until:
                    self._kept.move_to_end(key)
                    return kept.answers
                question = self._open.get(key)
                mine = question is None
                if question is None:
                    question = self._open[key] = _Question()
            if mine:
                return self._settle(key, question, host)
            if not question.over.wait(PATIENCE):
                return NO_RIGHTS
            if question.answers is not None:
                return question.answers
            # Whoever asked was called away before there was an answer.

    def _settle(self, key: Key, question: _Question, host: WordPressHost | None) -> Answers:
        """Ask, keep the answer, and wake who waits for it."""
        user_id, blog_id, _ = key
        try:
            if host is not None:
                answers, said = self._answer(host, user_id)
            else:
                answers, said = self._in_unit(user_id, blog_id)
            question.answers = answers
            until = self._clock.monotonic() + (TRUSTED if said else REFUSED)
            with self._lock:
                self._kept[key] = _Kept(answers, until)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return answers
        finally:
            with self._lock:
                del self._open[key]
            question.over.set()

    def _in_unit(self, user_id: int, blog_id: int) -> tuple[Answers, bool]:
        try:
            with self._hosts.unit("rest", blog_id=blog_id, wait=PATIENCE) as unit:
                return self._answer(unit, user_id)
        except Cancelled:
            raise
        except SidecarError as error:
            return self._nothing(error), False

    def _answer(self, host: WordPressHost, user_id: int) -> tuple[Answers, bool]:
        """What a process says, and whether it said anything."""
        try:
            # A unit may be older than the change that made us ask; a request keeps its own view of things.
            told = host.call(OPERATION, {"user_id": user_id, "fresh": host.kind == "unit"}, timeout=PATIENCE)
            answers = read(told)
        except Cancelled:
            raise
        except SidecarError as error:
            # The unit was to work as this very user, who is gone: that is an answer.
            return self._nothing(error), error.code == "user_not_found"
        self._failing = False
        return answers, True

    def _nothing(self, error: SidecarError) -> Answers:
        if not self._failing and error.code != "user_not_found":
            self._failing = True
            log.warning("WordPress was not asked what a user may do, so it is nothing: %s", error)
        return NO_RIGHTS

    def _epoch(self) -> str:
        return freshness.epoch(self._db)


def read(told: Any) -> Answers:
    """What PHP answers: ``{actions, administrator, network, known}``; Internal for anything else."""
    if not isinstance(told, Mapping) or not isinstance(told.get("actions"), list | tuple):
        raise Internal("it did not answer with a list of actions")
    return Answers(
        actions=frozenset(str(action) for action in told["actions"] if action in CAPABILITIES),
        administrator=told.get("administrator") is True,
        network=told.get("network") is True,
        known=told.get("known") is True,
    )
