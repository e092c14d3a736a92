"""Whether the code a zygote has loaded is still the code on disk, and whether WordPress is being upgraded."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from pathlib import Path

#: WordPress itself ignores a maintenance file older than this.
MAINTENANCE_SECONDS = 600
#: The stat of a few hundred files costs about a millisecond; once a second is enough.
INTERVAL = 1.0

Signature = tuple[int, int, int]


def _signature(path: str) -> Signature | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


class FileWatch:
    """Notices that one of a set of files changed, appeared or went away."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._known = {path: _signature(path) for path in paths}
        self._checked = time.monotonic()

    def changed(self, *, now: bool = False) -> str | None:
        """The first path that is not as it was; looks at most once a second unless told to look ``now``."""
        moment = time.monotonic()
        if not now and moment - self._checked < INTERVAL:
            return None
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
