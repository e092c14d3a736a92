"""What is known of a blog's memory without asking its WordPress anew.

A request that needs no PHP process otherwise should not start one only to hear that nobody offers a store.
Answers are kept by what WordPress was loaded as and by the plugins that are active, thirty seconds at most:
the time a host's other answers are trusted, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

from sidecar.hooks.dispatch import TRUSTED
from sidecar.memory.places import SiteFacts
from sidecar.wordpress import Network, Options

#: What WordPress was loaded as, the blog, and its plugins.
Place = tuple[str, int, str]


class ActivePlugins:
    """Tells a change of a blog's plugins from the database and the folder of those that always run."""

    def __init__(self, options: Callable[[], Options], network: Callable[[], Network], wp_path: str) -> None:
        self._options = options
        self._network = network
        self._always = Path(wp_path) / "wp-content" / "mu-plugins"

    def __call__(self, blog_id: int) -> str:
        """Another text when others are active."""
        options = self._options()
        found = [options.get_many(["active_plugins", "stylesheet"], blog_id=blog_id)]
        if self._network().multisite:
            found.append(options.network("active_sitewide_plugins"))
        try:
            changed = self._always.stat().st_mtime_ns
        except OSError:
            changed = 0
        return sha1(repr((found, changed)).encode("utf-8", "surrogateescape")).hexdigest()


#: Seconds after a change of plugins in which units may still be made of what was loaded before it.
SETTLED = 5.0


class SeamAnswers:
    """Facts of blogs, as units reported them.

    Nothing is kept of units that begin just after plugins changed: they may know the new plugin's name from
    the database and not have loaded its code.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._generation = ""
        self._known: dict[Place, tuple[SiteFacts, float]] = {}
        #: By blog what is active, and since when this process has seen it.
        self._active: dict[int, tuple[str, float]] = {}

    def known(self, place: Place) -> SiteFacts | None:
        """The facts, None when nobody has asked lately."""
        with self._lock:
            self._settled(place)
            facts, until = self._known.get(place, (None, 0.0))
        return facts if self._monotonic() < until else None

    def learn(self, place: Place, generation: str, facts: SiteFacts) -> None:
        """Keep an answer; a new generation of plugins forgets all others."""
        with self._lock:
            if not self._settled(place):
                return
            if generation != self._generation:
                self._generation = generation
                self._known.clear()
            self._known[place] = facts, self._monotonic() + TRUSTED

    def _settled(self, place: Place) -> bool:
        """Whether what is active has been so for a while, as far as this process has looked."""
        _, blog_id, plugins = place
        now = self._monotonic()
        active, since = self._active.get(blog_id, ("", now))
        if active != plugins:
            self._active[blog_id] = plugins, now
            return False
        return now - since >= SETTLED

    def forget(self) -> None:
        """Ask again next time."""
        with self._lock:
            self._known.clear()
