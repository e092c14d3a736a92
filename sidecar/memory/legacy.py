"""Folders that versions before agents had a memory of their own left behind: ``agents/*/contexts``."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from sidecar.identity import Permissions, Principal
from sidecar.identity.permissions import refusal
from sidecar.memory import files
from sidecar.memory.places import SiteFacts

AGENTS = "agents"
CONTEXTS = "contexts"
_NO_LINK = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class LegacyFolder(msgspec.Struct, frozen=True):
    """One ``contexts`` folder of an agent's folder."""

    #: Name of the agent's folder.
    agent: str
    #: Absolute path, for people.
    path: str
    #: Everything in it that is no folder, at any depth.
    files: int


class LegacyContexts:
    """Finds and removes these folders of one blog; nothing behind a link is seen or touched."""

    def __init__(
        self, facts: Callable[[int | None], SiteFacts], permissions: Callable[[], Permissions]
    ) -> None:
        self._facts = facts
        self._permissions = permissions

    def find(self, principal: Principal, blog_id: int) -> list[LegacyFolder]:
        """Every such folder, by the name of its agent. Forbidden for who does not administer all agents."""
        self._require(principal)
        base = self._base(blog_id)
        found = []
        for name in _agents(base):
            try:
                with files.folder(base, (AGENTS, name, CONTEXTS)) as handle:
                    count = sum(1 for _ in _files(handle))
            except (FileNotFoundError, files.Refused):
                continue
            found.append(LegacyFolder(name, f"{base}/{AGENTS}/{name}/{CONTEXTS}", count))
        return found

    def remove(self, principal: Principal, blog_id: int, folder: LegacyFolder) -> None:
        """Remove one of them with all it holds. OSError when something in it cannot be removed."""
        self._require(principal)
        with files.folder(self._base(blog_id), (AGENTS, folder.agent)) as above:
            _clear(above, CONTEXTS)
            os.fsync(above)

    def _base(self, blog_id: int) -> str:
        return self._facts(blog_id).places.base

    def _require(self, principal: Principal) -> None:
        if not self._permissions().administers(principal):
            raise refusal(principal)


def _agents(base: str) -> list[str]:
    try:
        with files.folder(base, (AGENTS,)) as handle:
            return sorted(os.listdir(handle), key=os.fsencode)
    except (FileNotFoundError, files.Refused):
        return []


@contextmanager
def _open(directory: int, name: str) -> Iterator[int]:
    handle = os.open(name, _NO_LINK, dir_fd=directory)
    try:
        yield handle
    finally:
        os.close(handle)


def _files(directory: int) -> Iterator[str]:
    for name in os.listdir(directory):
        found = files.status(directory, name)
        if found is not None and stat.S_ISDIR(found.st_mode):
            with _open(directory, name) as below:
                yield from _files(below)
        elif found is not None:
            yield name


def _clear(directory: int, name: str) -> None:
    """Remove a folder and what it holds; a link in it goes as a link."""
    with _open(directory, name) as handle:
        for each in os.listdir(handle):
            found = files.status(handle, each)
            if found is not None and stat.S_ISDIR(found.st_mode):
                _clear(handle, each)
            else:
                files.remove(handle, each)
    os.rmdir(name, dir_fd=directory)
