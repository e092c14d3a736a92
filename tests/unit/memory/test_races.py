"""Links that appear between a look and a step: whoever swaps folders meanwhile wins nothing."""

from __future__ import annotations

import ctypes
import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sidecar.memory import DiskStore, Layout, Scope
from sidecar.memory.values import CAPABILITY, IO

ROUNDS = 400
FILE = Scope("agent", 7, 42, "notes/a.md")
TOP = Scope("agent", 7, 42, "top.md")
SECRET = b"somebody else's"
LIBC = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder where nothing may be read or written."""
    place = tmp_path / "outside"
    place.mkdir()
    for name in ("a.md", "top.md", "MEMORY.md"):
        (place / name).write_bytes(SECRET)
    return place


@contextmanager
def swapping(real: Path, target: Path) -> Iterator[Callable[[], int]]:
    """While the block runs, a name is by turns what it was and a link to ``target``; counts the turns."""
    stop, turns = threading.Event(), 0
    link = real.with_name(f"{real.name}-link")
    link.symlink_to(target)

    def swap() -> None:
        nonlocal turns
        while not stop.is_set():
            exchange(link, real)
            turns += 1

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield lambda: turns
    finally:
        stop.set()
        thread.join()


def exchange(one: Path, other: Path) -> None:
    """Both names at once, as ``mv --exchange`` does it. The file itself may be gone: then a new one."""
    if LIBC.renameat2(-100, bytes(one), -100, bytes(other), 2) == 0:
        return
    if ctypes.get_errno() != errno.ENOENT:
        raise OSError(ctypes.get_errno(), str(other))
    with suppress(FileExistsError):
        os.close(os.open(other, os.O_CREAT | os.O_EXCL | os.O_WRONLY))


def _untouched(outside: Path) -> bool:
    return {file.name: file.read_bytes() for file in outside.iterdir()} == dict.fromkeys(
        ("a.md", "top.md", "MEMORY.md"), SECRET
    )


@pytest.mark.parametrize("which", ["the folder in the layer", "the agent's folder", "the file"])
def test_a_link_swapped_in_leads_nowhere(store: DiskStore, layout: Layout, outside: Path, which: str) -> None:
    folder = Path(layout.layer(FILE).path)
    assert store.write(FILE, b"mine").success
    assert store.write(TOP, b"mine").success
    real, target = {
        "the folder in the layer": (folder / "notes", outside),
        "the agent's folder": (folder, outside),
        "the file": (folder / "top.md", outside / "top.md"),
    }[which]
    scope = TOP if which != "the folder in the layer" else FILE
    with swapping(real, target) as swaps:
        for number in range(ROUNDS):
            assert store.read(scope).content != SECRET
            result = store.write(scope, b"mine again")
            assert result.success or result.error in {CAPABILITY, IO}, result
            assert all(each.size != len(SECRET) for each in store.list_layer(scope))
            if number % 10 == 0:
                assert store.delete(scope).error in {None, CAPABILITY, IO}
        assert swaps() > 0
    assert _untouched(outside)
