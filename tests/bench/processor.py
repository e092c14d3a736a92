"""Processor time of other processes: what work costs, less dependent on what else the machine does."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def of_tree(pid: int) -> float:
    """Seconds of a process, of those it started and of those of them that have ended."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended since the folder was listed
        children.setdefault(int(fields[1]), []).append(int(entry.name))
        seconds[int(entry.name)] = sum(int(each) for each in fields[11:15]) / _TICK
    found, waiting = 0.0, [pid]
    while waiting:
        current = waiting.pop()
        found += seconds.get(current, 0.0)
        waiting += children.get(current, [])
    return found
