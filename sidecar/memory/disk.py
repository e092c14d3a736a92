"""Memory as files on disk: the store that is used when no plugin offers another."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sidecar.errors import Unavailable
from sidecar.memory import files, guards, names
from sidecar.memory.layout import Layout, Location
from sidecar.memory.locks import Locks
from sidecar.memory.values import (
    CAPABILITY,
    CONFLICT,
    IO,
    MAX_BYTES,
    NOT_FOUND,
    TOO_LARGE,
    ListEntry,
    ReadResult,
    Scope,
    WriteResult,
    digest,
)

logger = logging.getLogger("datamachine.memory")

#: The layers' top folders (``agents``, ``users``, ...) deny fetching for everything below them.
_DENY_LEVELS = 1


class DiskStore:
    """Files in Data Machine's layout; writes are atomic, locked, and compare before they swap.

    Editors and coding agents change the same files behind our back, so nothing is cached.
    """

    #: An empty hash is what an absent file has.
    absent = ""

    def __init__(self, layout: Layout, locks: Locks, owner: files.Owner | None = None) -> None:
        self._layout = layout
        self._locks = locks
        self._owner = owner

    def read(self, scope: Scope) -> ReadResult:
        try:
            location = self._layout.file(scope)
            *folders, name = location.parts
            with files.folder(location.root, folders) as directory:
                found = files.read(directory, name)
        except (names.BadName, files.Refused, FileNotFoundError):
            return NOT_FOUND
        except OSError as error:
            raise _unreadable(scope.key, error) from error
        return NOT_FOUND if found is None else ReadResult.of(found.content, found.modified)

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        if len(content) > MAX_BYTES:
            return WriteResult.failure(TOO_LARGE)
        try:
            with self._place(scope) as location:
                if not names.writable(location.parts[-1]):
                    return WriteResult.failure(CAPABILITY)
                return self._swap(location, content, if_match)
        except (names.BadName, files.Refused):
            return WriteResult.failure(CAPABILITY)
        except OSError as error:
            logger.warning("Could not write %s: %s", scope.key, error)
            return WriteResult.failure(IO)

    def exists(self, scope: Scope) -> bool:
        try:
            location = self._layout.file(scope)
            *folders, name = location.parts
            with files.folder(location.root, folders) as directory:
                found = files.status(directory, name)
        except (names.BadName, files.Refused, FileNotFoundError):
            return False
        except OSError as error:
            raise _unreadable(scope.key, error) from error
        return found is not None and stat.S_ISREG(found.st_mode)

    def delete(self, scope: Scope) -> WriteResult:
        try:
            with self._place(scope) as location:
                *folders, name = location.parts
                if name in guards.NAMES:
                    return WriteResult.failure(CAPABILITY)
                with files.folder(location.root, folders) as directory:
                    files.remove(directory, name)
        except FileNotFoundError:
            pass
        except (names.BadName, files.Refused):
            return WriteResult.failure(CAPABILITY)
        except OSError as error:
            logger.warning("Could not delete %s: %s", scope.key, error)
            return WriteResult.failure(IO)
        return WriteResult.ok("", 0)

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return self._list(self._layout.layer(scope), scope.layer, (), deep=False)

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        prefix = prefix.strip("/")
        if not prefix:
            return []
        try:
            below = names.parts(prefix)
        except names.BadName:
            return []
        entries = self._list(self._layout.layer(scope), scope.layer, below, deep=True)
        return sorted(entries, key=lambda entry: os.fsencode(entry.filename))

    @contextmanager
    def _place(self, scope: Scope) -> Iterator[Location]:
        """Where the file is, locked; its agent may have been renamed while we waited for the lock."""
        while True:
            location = self._layout.file(scope)
            with self._locks.hold(location.path):
                if self._layout.file(scope) == location:
                    yield location
                    return

    def _swap(self, location: Location, content: bytes, if_match: str | None) -> WriteResult:
        *folders, name = location.parts
        # Files outside the memory folders (AGENTS.md beside wp-config.php): folders stay as they are.
        inside = location.root != self._layout.places.abspath
        with files.folder(
            location.root,
            folders,
            create=inside,
            owner=self._owner,
            deny_at=_DENY_LEVELS if inside else 0,
        ) as directory:
            if if_match is not None:
                found = files.read(directory, name)
                if (self.absent if found is None else digest(found.content)) != if_match:
                    return WriteResult.failure(CONFLICT)
            try:
                files.replace(directory, name, content, self._owner)
            except OSError as error:
                if error.errno in (errno.EISDIR, errno.ENOTEMPTY):
                    return WriteResult.failure(CAPABILITY)
                raise
            files.sweep(directory, name)
        return WriteResult.ok(digest(content), len(content))

    def _list(self, layer: Location, name: str, below: Iterable[str], *, deep: bool) -> list[ListEntry]:
        below = tuple(below)
        prefix = "".join(f"{part}/" for part in below)
        try:
            with files.folder(layer.root, layer.parts + below) as directory:
                return [
                    ListEntry(prefix + found, name, status.st_size, int(status.st_mtime))
                    for found, status in files.walk(directory, deep=deep)
                ]
        except (FileNotFoundError, files.Refused):
            return []
        except OSError as error:
            raise _unreadable(layer.path, error) from error


def _unreadable(what: str, error: OSError) -> Unavailable:
    return Unavailable(f"Cannot read {what}: {error.strerror}.", code="memory_unreadable")
