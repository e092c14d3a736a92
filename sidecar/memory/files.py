"""Files below a trusted folder, reached without following links.

Every step of a path is opened relative to the one before (``openat``) and refuses symbolic links, so neither
``..`` nor a link planted between check and use leads out of the folder.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO, NamedTuple

from sidecar.memory import guards as guards_of
from sidecar.memory import names

FILE_MODE = 0o664
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
#: What :func:`replace` writes into before it renames.
_TEMPORARY = re.compile(r"\A\..*\.[0-9a-f]{12}\.tmp\Z", re.S)
#: Seconds after which such a file belongs to nobody: other machines may share the folder, not the locks.
LEFT_BEHIND = 600


class Refused(OSError):
    """The path leads through a symbolic link, or to what is not PHP's."""


class Owner(NamedTuple):
    """Whom files are given to when the sidecar runs as root, so that PHP can write them too."""

    uid: int
    gid: int


class Found(NamedTuple):
    """A regular file's content and times."""

    content: bytes
    modified: int


@contextmanager
def folder(
    root: str,
    parts: Sequence[str],
    *,
    create: bool = False,
    owner: Owner | None = None,
    deny_at: int = 0,
    guards: bool = True,
    trusted_by: Owner | None = None,
) -> Iterator[int]:
    """An open directory ``root/parts...``; ``root`` may be a link, nothing below it.

    ``create`` makes what is missing, each with the mode of its parent as ``wp_mkdir_p`` does and (``guards``)
    an index guard inside; the first ``deny_at`` levels also get a rule that denies fetching. ``trusted_by``:
    refuse a root that this user could not write to, for changes made without ``create``.
    """
    handle = _open_root(root, owner) if create else os.open(root, _FOLDER)
    try:
        if trusted_by is not None:
            _must_be_theirs(handle, root, trusted_by)
        for depth, part in enumerate(parts, 1):
            below = _step(handle, part, create, owner)
            os.close(handle)
            handle = below
            if create and guards:
                _guard(handle, guards_of.INDEX, guards_of.INDEX_TEXT, owner)
                if depth <= deny_at:
                    deny(handle, owner)
        yield handle
    finally:
        os.close(handle)


def read(directory: int, name: str) -> Found | None:
    """A regular file; None when there is none of that name."""
    stream = opened(directory, name)
    if stream is None:
        return None
    with stream:
        return Found(stream.read(), int(os.fstat(stream.fileno()).st_mtime))


def opened(directory: int, name: str) -> BinaryIO | None:
    """A regular file to read from; None when there is none of that name."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(error, name) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb")


def replace(
    directory: int, name: str, content: bytes, owner: Owner | None = None, *, mode: int = FILE_MODE
) -> None:
    """Write a file so that a reader sees the old content or the new, and a crash leaves one of them."""
    existing = status(directory, name)
    if existing is not None and stat.S_ISLNK(existing.st_mode):
        raise Refused(errno.ELOOP, "is a symbolic link", name)
    temporary = f".{name[:200]}.{secrets.token_hex(6)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, mode, dir_fd=directory)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(handle, mode)
            _give(handle, existing, owner)
            os.fsync(handle)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=directory)
        raise
    os.fsync(directory)


def sweep(directory: int, name: str) -> None:
    """Remove what processes that were killed while they wrote ``name`` left: nobody else writes it now."""
    start = f".{name[:200]}."
    left = [each for each in os.listdir(directory) if each.startswith(start) and _TEMPORARY.match(each)]
    for each in left:
        found = status(directory, each)
        if found is not None and found.st_mtime < time.time() - LEFT_BEHIND:
            remove(directory, each)


def remove(directory: int, name: str) -> None:
    """Remove a file or a link; nothing when there is none."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=directory)
        os.fsync(directory)


def status(directory: int, name: str) -> os.stat_result | None:
    """What is there, links not followed."""
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None


def walk(directory: int, *, deep: bool, most: int = names.DEEPEST) -> Iterator[tuple[str, os.stat_result]]:
    """Regular files that are neither hidden nor guards, names relative to ``directory``, in byte order.

    Folders nested deeper than ``most`` are left out: nothing in them has a name that is accepted.
    """
    for name in sorted(os.listdir(directory), key=os.fsencode):
        found = status(directory, name)
        if found is None or not names.visible(name) or name in guards_of.NAMES:
            continue
        if stat.S_ISREG(found.st_mode):
            yield name, found
        elif deep and most > 1 and stat.S_ISDIR(found.st_mode):
            handle = _step(directory, name, False, None)
            try:
                for below, each in walk(handle, deep=True, most=most - 1):
                    yield f"{name}/{below}", each
            finally:
                os.close(handle)


def deny(directory: int, owner: Owner | None = None) -> None:
    """See to it that nothing below the folder is fetched, where the server honours such a rule."""
    for name, content in guards_of.DENY.items():
        _guard(directory, name, content, owner)


def _open_root(root: str, owner: Owner | None) -> int:
    """The trusted folder, made when it is missing.

    Root writes only where PHP's user could: a link that it put there must not lead root elsewhere.
    """
    try:
        handle = os.open(root, _FOLDER)
    except FileNotFoundError:
        above, name = os.path.split(root.rstrip("/"))
        os.makedirs(above, exist_ok=True)
        parent = os.open(above, _FOLDER)
        try:
            handle = _step(parent, name, True, owner)
        finally:
            os.close(parent)
    try:
        if owner is not None:
            _must_be_theirs(handle, root, owner)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _must_be_theirs(handle: int, root: str, owner: Owner) -> None:
    if os.geteuid() != 0 or owner.uid == 0:
        return
    found = os.fstat(handle)
    theirs = found.st_uid == owner.uid or (found.st_gid == owner.gid and found.st_mode & stat.S_IWGRP)
    if not (theirs or found.st_mode & stat.S_IWOTH):
        raise Refused(errno.EPERM, "belongs to somebody else than PHP's user", root)


def _step(directory: int, part: str, create: bool, owner: Owner | None) -> int:
    if part in {"", ".", ".."} or "/" in part:
        # Whoever calls has checked the name; a step upwards would be the worst to miss.
        raise Refused(errno.EINVAL, "is no folder below", part)
    try:
        return os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        if not create:
            raise
    except OSError as error:
        raise _refused(error, part) from error
    mode = stat.S_IMODE(os.fstat(directory).st_mode)
    with suppress(FileExistsError):
        os.mkdir(part, mode, dir_fd=directory)
    try:
        handle = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=directory)
    except OSError as error:
        raise _refused(error, part) from error
    # The process's umask must not take away what the site's administrator granted on the parent.
    with suppress(PermissionError):
        os.fchmod(handle, mode)
        _give(handle, None, owner)
    return handle


def _guard(directory: int, name: str, content: bytes, owner: Owner | None) -> None:
    try:
        if status(directory, name) is None:
            replace(directory, name, content, owner)
    except PermissionError:
        # An older folder that is not ours to write into; the file that was asked for will say so.
        return


def _give(handle: int, existing: os.stat_result | None, owner: Owner | None) -> None:
    if os.geteuid() != 0:
        # A coding agent's user shares a group with PHP: the file stays that group's, where we may say so.
        if existing is not None and existing.st_gid != os.fstat(handle).st_gid:
            with suppress(PermissionError):
                os.fchown(handle, -1, existing.st_gid)
        return
    if existing is not None:
        os.fchown(handle, existing.st_uid, existing.st_gid)
    elif owner is not None:
        os.fchown(handle, owner.uid, owner.gid)


def _refused(error: OSError, name: str) -> OSError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return Refused(error.errno, "leads through something that is no folder", name)
    return error
