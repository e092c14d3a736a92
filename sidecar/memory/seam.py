"""What is known of a blog's memory without asking its WordPress anew.

A request that needs no PHP process otherwise should not start one only to hear that nobody offers a store.
Answers are kept by what WordPress was loaded as, until the plugins change, thirty seconds at most: the time a
host's other answers are trusted, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sidecar.hooks.dispatch import TRUSTED
from sidecar.memory.places import SiteFacts

#: What WordPress was loaded as, and the blog.
Place = tuple[str, int]


class SeamAnswers:
    """Facts of blogs, as units reported them."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._generation = ""
        self._known: dict[Place, tuple[SiteFacts, float]] = {}

    def known(self, place: Place) -> SiteFacts | None:
        """The facts, None when nobody has asked lately."""
        with self._lock:
            facts, until = self._known.get(place, (None, 0.0))
        return facts if self._monotonic() < until else None

    def learn(self, place: Place, generation: str, facts: SiteFacts) -> None:
        """Keep an answer; a new generation of plugins forgets all others."""
        with self._lock:
            if generation != self._generation:
                self._generation = generation
                self._known.clear()
            self._known[place] = facts, self._monotonic() + TRUSTED

    def forget(self) -> None:
        """Ask again next time."""
        with self._lock:
            self._known.clear()
