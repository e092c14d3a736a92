"""One writer at a time for each file, over all processes of the sidecar."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path

from sidecar.bridge import check, remaining
from sidecar.errors import Unavailable

#: Longest wait for another writer, seconds.
PATIENCE = 5.0
_GATE = "gate"


class Locks:
    """Advisory locks in a private folder: the memory folders themselves stay free of lock files.

    A path maps to one of 256 files, so their number is bounded; two paths may share one, nobody holds two.
    Writers share a gate, which whoever moves directories shuts.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, path: str) -> Iterator[None]:
        """Hold the lock of a path; Unavailable when another writer keeps it too long.

        Nothing may be sent over the bridge inside.
        """
        name = sha1(path.encode("utf-8", "surrogateescape")).hexdigest()[:2]
        with self._opened(_GATE) as gate, self._opened(name) as handle:
            self._acquire(gate, path, fcntl.LOCK_SH)
            self._acquire(handle, path, fcntl.LOCK_EX)
            yield

    @contextmanager
    def hold_all(self) -> Iterator[None]:
        """Let nobody write anything inside the block; Unavailable when a writer does not finish."""
        with self._opened(_GATE) as gate:
            self._acquire(gate, "a memory file", fcntl.LOCK_EX)
            yield

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        self._folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        handle = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o660)
        try:
            yield handle
        finally:
            os.close(handle)

    @staticmethod
    def _acquire(handle: int, path: str, kind: int) -> None:
        budget = remaining()
        end = time.monotonic() + (PATIENCE if budget is None else min(PATIENCE, budget))
        pause = 0.001
        while True:
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                check()
                if time.monotonic() + pause > end:
                    raise Unavailable(f"Another writer holds {path}.", code="memory_locked") from None
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
