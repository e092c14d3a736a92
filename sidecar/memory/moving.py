"""Directories that get another name, join another one, or go. Nothing here follows a link."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.memory import files, guards
from sidecar.memory.layout import Location

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
#: Longest part of a slug that a kept file's name repeats.
_MARK = 60


def occupied(place: Location) -> bool:
    """Whether anything of that name is there, a link included."""
    try:
        with files.folder(place.root, place.parts[:-1]) as parent:
            return files.status(parent, place.parts[-1]) is not None
    except FileNotFoundError:
        return False


def move(old: Location, new: Location, owner: files.Owner | None = None) -> bool:
    """Rename a directory beside another one of the same parent; False when there is none.

    Where the new name is taken by a directory, the old one's content joins it: what both have alike goes,
    what differs is kept as ``NAME.from-OLD.EXT``. Done twice, or cut off and done again, it ends the same.
    """
    try:
        with _parent(old, owner) as parent:
            source, target = old.parts[-1], new.parts[-1]
            if not _directory(parent, source):
                return False
            if not _directory(parent, target):
                os.rename(source, target, src_dir_fd=parent, dst_dir_fd=parent)
            else:
                with _inside(parent, source) as giving, _inside(parent, target) as taking:
                    _join(giving, taking, source[:_MARK])
                os.rmdir(source, dir_fd=parent)
            os.fsync(parent)
            return True
    except FileNotFoundError:
        return False


def remove(place: Location, owner: files.Owner | None = None) -> bool:
    """Remove a directory with everything in it; False when there is none."""
    try:
        with _parent(place, owner) as parent:
            if not _directory(parent, place.parts[-1]):
                return False
            shutil.rmtree(place.parts[-1], dir_fd=parent)
            os.fsync(parent)
            return True
    except FileNotFoundError:
        return False


@contextmanager
def _parent(place: Location, owner: files.Owner | None) -> Iterator[int]:
    with files.folder(place.root, place.parts[:-1], trusted_by=owner) as parent:
        yield parent


@contextmanager
def _inside(parent: int, name: str) -> Iterator[int]:
    handle = os.open(name, _FOLDER, dir_fd=parent)
    try:
        yield handle
    finally:
        os.close(handle)


def _directory(parent: int, name: str) -> bool:
    """Whether it is a directory; False when there is nothing, Refused for anything else."""
    found = files.status(parent, name)
    if found is None:
        return False
    if not stat.S_ISDIR(found.st_mode):
        raise files.Refused(errno.ENOTDIR, "is no directory", name)
    return True


def _join(giving: int, taking: int, mark: str) -> None:
    for name in sorted(os.listdir(giving), key=os.fsencode):
        ours, theirs = files.status(giving, name), files.status(taking, name)
        if ours is None:
            continue
        if theirs is None:
            os.rename(name, name, src_dir_fd=giving, dst_dir_fd=taking)
        elif stat.S_ISDIR(ours.st_mode) and stat.S_ISDIR(theirs.st_mode):
            with _inside(giving, name) as below, _inside(taking, name) as beside:
                _join(below, beside, mark)
            os.rmdir(name, dir_fd=giving)
        elif name in guards.NAMES or _alike(giving, taking, name):
            os.unlink(name, dir_fd=giving)
        else:
            os.rename(name, _free(taking, name, mark), src_dir_fd=giving, dst_dir_fd=taking)
    os.fsync(taking)


def _alike(giving: int, taking: int, name: str) -> bool:
    """Whether both are files of the same content."""
    try:
        ours, theirs = files.read(giving, name), files.read(taking, name)
    except OSError:
        return False
    return ours is not None and theirs is not None and ours.content == theirs.content


def _free(directory: int, name: str, mark: str) -> str:
    """A name that says where the file comes from, and that nothing has yet."""
    stem, dot, extension = name.rpartition(".")
    stem, ending = (stem, f".{extension}") if dot and stem else (name, "")
    number = 1
    while True:
        counter = "" if number == 1 else f"-{number}"
        wanted = f"{stem[:120]}.from-{mark}{counter}{ending[:20]}"
        if files.status(directory, wanted) is None:
            return wanted
        number += 1
