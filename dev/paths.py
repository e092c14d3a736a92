"""Where things are."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Downloads shared by every instance of this checkout.
VENDOR = ROOT / ".dev" / "vendor"
VENV = ROOT / ".dev" / "venv"
PLUGIN = ROOT / "wp-plugin"
#: The rules of the development web server.
ROUTER = ROOT / "dev" / "router.php"

#: `sockaddr_un.sun_path` is 108 bytes; the longest name we put below a run folder is well under 30.
LONGEST_RUN_FOLDER = 75
LONGEST_SCRATCH_FOLDER = 40


def instance_folder() -> Path:
    """The folder of this shell's instance: ``$DATAMACHINE_DEV_DIR`` or ``.dev/instance``."""
    return Path(os.environ.get("DATAMACHINE_DEV_DIR") or ROOT / ".dev" / "instance").resolve()


def run_folder(instance: Path) -> Path:
    """A private folder short enough for Unix sockets; beside the instance unless its path is too long."""
    return _private(instance / "run", LONGEST_RUN_FOLDER)


def scratch_folder() -> Path:
    """Where tests and benchmarks make folders for a while; a socket's name below it is short enough."""
    return _private(ROOT / ".dev" / "t", LONGEST_SCRATCH_FOLDER)


def numbered(folder: Path, prefix: str = "") -> Path:
    """A new folder in ``folder`` with the first number that is free: deleted ones' names come again."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in itertools.count():
        made = folder / f"{prefix}{number}"
        with contextlib.suppress(FileExistsError):
            made.mkdir(mode=0o700)
            return made
    raise AssertionError


def _private(folder: Path, longest: int) -> Path:
    """``folder``, made for this user alone, or a short one in its place."""
    if len(str(folder)) > longest:
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"datamachine-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    folder.chmod(0o700)
    return folder
