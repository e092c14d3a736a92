"""Whether the code a zygote has loaded is still the code on disk, and whether WordPress is being upgraded."""

from __future__ import annotations

import math
import os
import re
import stat
import time
from collections.abc import Iterable
from pathlib import Path

#: WordPress itself ignores a maintenance file older than this.
MAINTENANCE_SECONDS = 600
#: The stat of a few hundred files costs about a millisecond; once a second is enough.
INTERVAL = 1.0
#: Seconds at most until files that were written while they were loaded are loaded again.
LONGEST = 300.0

Signature = tuple[int, int, int]


def _signature(path: str) -> Signature | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _written_since(path: str, moment: float) -> bool:
    try:
        found = os.stat(path)
    except OSError:
        return False
    # What is copied may keep an old time of modification; a link more or less to a file is no change of it.
    shared = found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode)
    return (found.st_mtime if shared else found.st_ctime) >= moment


class FileWatch:
    """Notices that one of a set of files changed, appeared or went away.

    ``loading``: when somebody began to read them, by the wall clock. What was written since may have been
    read before, and counts as changed in a while. ``before`` is the watch over the loading before this one:
    what is written at every loading is waited for twice as long each time.
    """

    def __init__(
        self, paths: Iterable[str], loading: float = math.inf, before: FileWatch | None = None
    ) -> None:
        self._known = {path: _signature(path) for path in paths}
        self._created = self._checked = time.monotonic()
        self._doubtful = {path for path in self._known if _written_since(path, loading)}
        again = before is not None and not self._doubtful.isdisjoint(before._doubtful)
        self._patience: float = min(2 * before._patience, LONGEST) if before and again else INTERVAL

    def changed(self, *, now: bool = False) -> str | None:
        """The first path that is not as it was; looks at most once a second unless told to look ``now``."""
        moment = time.monotonic()
        if not now and moment - self._checked < INTERVAL:
            return None
        if self._doubtful and moment - self._created >= self._patience:
            return min(self._doubtful)
        for path, before in self._known.items():
            if _signature(path) != before:
                return path
        self._checked = moment
        return None


def in_maintenance(wp_path: str) -> bool:
    """Whether WordPress would answer with its maintenance page now."""
    file = Path(wp_path) / ".maintenance"
    try:
        content = file.read_text(errors="replace")
        modified = file.stat().st_mtime
    except OSError:
        return False
    stated = re.search(r"\$upgrading\s*=\s*(\d+)", content)
    # The file is PHP; one that computes its time is judged by its age.
    since = float(stated.group(1)) if stated else modified
    return time.time() - since < MAINTENANCE_SECONDS
