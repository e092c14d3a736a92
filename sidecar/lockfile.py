"""Lock files in a folder that others may write to as well."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO


def open_lock(path: str | os.PathLike[str]) -> IO[bytes]:
    """The file at ``path``, made when it is absent, for ``flock``.

    PHP's group may write to the run folder when the sidecar runs as another user: a link in the file's
    place is an OSError, and what is there is never emptied.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(Path(path), flags, 0o600), "r+b", buffering=0)
