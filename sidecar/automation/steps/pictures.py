"""The picture of a job, as far as a model may see it.

Its path stands in the engine data, which whoever starts a run and whatever a feed says can fill: a path is
no permission to read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from sidecar.automation import log
from sidecar.automation.handlers import images
from sidecar.automation.steps.base import StepRun
from sidecar.automation.values import Document

#: Bytes that tell what a file is.
HEAD = 16


class Pictures:
    """Finds the picture of a run below the folders that hold the site's uploads and the flows' files."""

    def __init__(self, roots: Callable[[], Sequence[Path]]) -> None:
        self._roots = roots

    def message(self, run: StepRun) -> Document | None:
        """The user message that shows it; None for no picture, and a line in the log for another file."""
        named = run.engine.get("image_file_path")
        if not isinstance(named, str) or not named:
            return None
        found = self._usable(named)
        if found is None:
            log.warning("A file that is no picture of this site is not shown to the model", run.about())
            return None
        path, media_type = found
        return {
            "role": "user",
            "content": [{"type": "file", "file_path": path, "mime_type": media_type}],
        }

    def _usable(self, named: str) -> tuple[str, str] | None:
        try:
            path = Path(named).resolve(strict=True)
            if not any(path.is_relative_to(root.resolve()) for root in self._roots()):
                return None
            kind = images.kind(_head(path))
        except (OSError, ValueError, RuntimeError):
            return None
        return None if kind is None else (str(path), kind[0])


def _head(path: Path) -> bytes:
    """The first bytes of a regular file; a pipe or a device is not opened for good."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(handle, HEAD) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    finally:
        os.close(handle)
