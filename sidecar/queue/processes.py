"""Who works: the name of a worker process, and whether a process named so is still there."""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import socket
import time
from pathlib import Path


def owner_name() -> str:
    """``host:pid:random``. The host part also names the boot and the pid namespace, so that a pid can be
    trusted (:func:`process_gone`) exactly where it means something."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}-{_started(os.getpid())}"


def process_gone(owner: str) -> bool:
    """True when the owner ran here and its process is certainly over: no need to wait for its lease to
    end.
    """
    machine, _, rest = owner.partition(":")
    pid, _, tail = rest.partition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != tail.rpartition("-")[2]


@functools.cache
def _machine() -> str:
    """Host name, and a digest of the boot and the pid namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        boot = space = ""
    return f"{socket.gethostname()[:100]}.{hashlib.sha1((boot + space).encode()).hexdigest()[:8]}"


def _started(pid: int) -> str:
    """When a process started, in clock ticks since the boot; '' when there is none (a zombie is none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else fields[19]


def is_php_older_than(pid: int, seconds: float) -> bool:
    """True while a PHP process of that pid runs that started at least so long ago.

    A pid that was given away since is younger, and a process that is no PHP is none of ours to end.
    """
    ticks = _started(pid)
    if not ticks:
        return False
    try:
        if not Path(f"/proc/{pid}/comm").read_text().startswith("php"):
            return False
    except OSError:
        return False
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(ticks) / os.sysconf("SC_CLK_TCK")
    # Ticks are hundredths of a second.
    return age + 0.02 >= seconds


def same_machine(owner: str) -> bool:
    """True when the owner's pids mean something to this process."""
    return owner.partition(":")[0] == _machine()
