"""Every file that calls may change, as it was at first."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

#: What keeps folders from being listed or fetched: may be put there at any time.
GUARDS = {"index.php", ".htaccess", "web.config"}


class Files:
    """The folder of memory and flows, and the file that stands beside ``wp-config.php``.

    Names are relative to the folder; that of the other one begins with ``..``.
    """

    def __init__(self, base: Path, composed: Path, backup: Path) -> None:
        self._base = base
        self._composed = composed
        self._backup = backup
        self._outside = os.path.relpath(composed, base)

    def hashes(self) -> dict[str, dict[str, Any]]:
        """What is in each, by name."""
        return {
            os.path.relpath(file, self._base): {"content": hashlib.sha1(Path(file).read_bytes()).hexdigest()}
            for file, _ in self._all()
        }

    def glance(self) -> list[tuple[str, int, int]]:
        """Name, size and time of each: equal when nothing changed, without reading."""
        return [(file, found.st_size, found.st_mtime_ns) for file, found in self._all()]

    def remember(self) -> None:
        """What is there now is what :meth:`restore` goes back to."""
        shutil.rmtree(self._backup, ignore_errors=True)
        shutil.copytree(self._base, self._backup / "base")
        if self._composed.exists():
            shutil.copy2(self._composed, self._backup / "composed")

    def restore(self, added: Iterable[str], others: Iterable[str]) -> None:
        """Remove files that are new, with their folders, and put back those that are gone or changed."""
        for name in added:
            if name == self._outside:
                self._composed.unlink()
                continue
            (self._base / name).unlink(missing_ok=True)
            for folder in Path(name).parents:
                if not (self._backup / "base" / folder).exists():
                    shutil.rmtree(self._base / folder, ignore_errors=True)
        for name in others:
            if name == self._outside:
                shutil.copy2(self._backup / "composed", self._composed)
                continue
            (self._base / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._backup / "base" / name, self._base / name)

    def _all(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every file that is no guard, in order."""
        for folder, below, names in os.walk(self._base):
            below.sort()
            for name in sorted(set(names) - GUARDS):
                file = os.path.join(folder, name)
                found = os.stat(file, follow_symlinks=False)
                # Neither links nor pipes, which tests of attacks plant.
                if stat.S_ISREG(found.st_mode):
                    yield file, found
        if self._composed.exists():
            yield str(self._composed), self._composed.stat()
