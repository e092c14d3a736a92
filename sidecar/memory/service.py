"""Memory as every door uses it: one file at a time, in the store WordPress names for its scope."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from sidecar import hooks
from sidecar.bridge import check
from sidecar.host.context import WordPressHost
from sidecar.memory import names, sections, sizes
from sidecar.memory.failures import (
    BadContent,
    BadSection,
    FileMissing,
    MemoryConflict,
    MemoryRefused,
    MemoryTooLarge,
    MemoryWriteFailed,
    SectionMissing,
    write_failed,
)
from sidecar.memory.host_store import wire
from sidecar.memory.opening import Opened, Opener
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.search import Found, search
from sidecar.memory.values import (
    CONFLICT,
    MAX_BYTES,
    TOO_LARGE,
    ListEntry,
    ReadResult,
    Scope,
    WriteResult,
    digest,
    raw,
    text,
)

__all__ = [
    "ABSENT",
    "BadContent",
    "BadSection",
    "FileMissing",
    "MemoryConflict",
    "MemoryFile",
    "MemoryRefused",
    "MemoryService",
    "MemoryTooLarge",
    "MemoryWriteFailed",
    "SectionMissing",
    "Written",
]

UPDATED = "datamachine_agent_memory_updated"
DELETED = "datamachine_agent_memory_deleted"

#: A section is read, changed and written back this often before somebody else's writes win.
ATTEMPTS = 12
#: Seconds between two attempts: at most this much for the second, doubled for each later one up to the limit.
PAUSE, LONGEST_PAUSE = 0.002, 0.05
#: The ``if_match`` that means "only when there is no such file".
ABSENT = ""


class Written(msgspec.Struct, frozen=True):
    """A successful change: ``message`` for people, ``file_size`` in bytes, ``warning`` when it grew large.

    ``hash`` is that of the file as it is now, '' after it was removed.
    """

    message: str
    file_size: int = 0
    warning: str | None = None
    hash: str = ""


class MemoryService:
    """Opens memory files."""

    def __init__(self, opener: Opener, seed: Callable[[Scope, WordPressHost], str | None]) -> None:
        self._opener = opener
        #: Content a file starts with, None when nobody has any.
        self._seed = seed

    @contextmanager
    def open(
        self,
        *,
        user_id: int = 0,
        agent_id: int = 0,
        filename: str = "MEMORY.md",
        layer: str | None = None,
        blog_id: int | None = None,
    ) -> Iterator[MemoryFile]:
        """A file of a user or agent. The filter ``agents_api_memory_store`` is asked once, in PHP.

        ``user_id`` 0 is the default agent user, ``agent_id`` 0 the user's own agent, ``layer`` None what the
        file is registered for, else ``agent``. Raises BadName for a name that leads elsewhere, Unavailable
        without WordPress.
        """
        name = names.clean(filename)
        with self._opener.host(blog_id) as host:
            opened = self._opener.open(host, user_id, agent_id, name, layer or "")
            yield MemoryFile(opened, lambda scope: self._seed(scope, host))

    def read(
        self, *, user_id: int = 0, agent_id: int = 0, filename: str, layer: str | None = None
    ) -> ReadResult:
        """A whole file; a result that does not exist when there is none."""
        with self.open(user_id=user_id, agent_id=agent_id, filename=filename, layer=layer) as file:
            return file.read()

    def write(
        self,
        content: str | bytes,
        *,
        user_id: int = 0,
        agent_id: int = 0,
        filename: str,
        layer: str | None = None,
        if_match: str | None = None,
    ) -> Written:
        """Replace a whole file; MemoryWriteFailed when the store refuses."""
        with self.open(user_id=user_id, agent_id=agent_id, filename=filename, layer=layer) as file:
            return file.replace_all(content, if_match=if_match)


class MemoryFile:
    """One memory file, good while the block that opened it lasts.

    Content is read anew for every operation: editors and agents change the same files.
    """

    def __init__(self, opened: Opened, seed: Callable[[Scope], str | None]) -> None:
        self._opened = opened
        self._store = opened.store
        self.scope = opened.scope
        self._seed = seed

    @property
    def filename(self) -> str:
        return self.scope.filename

    @property
    def registered(self) -> RegisteredFile | None:
        """Its entry in the registry of memory files."""
        return self._opened.facts.registry.get(self.scope.filename)

    def read(self) -> ReadResult:
        """The file as the store has it."""
        return self._store.read(self.scope)

    def exists(self) -> bool:
        return self._store.exists(self.scope)

    def get_all(self) -> str:
        """The whole text; FileMissing."""
        found = self._store.read(self.scope)
        if not found.exists:
            raise self._missing()
        return text(found.content)

    def get_sections(self) -> list[str]:
        """Headings in order; FileMissing."""
        return sections.names(self.get_all())

    def get_section(self, name: str) -> str:
        """A section's text; FileMissing, SectionMissing."""
        whole = self.get_all()
        found = sections.get(whole, name)
        if found is None:
            raise self._no_section(whole, name)
        return found

    def set_section(self, name: str, content: str) -> Written:
        """Replace a section, or add it; BadSection, MemoryWriteFailed."""
        name = _heading(name)
        return self._edit(
            lambda whole: sections.put(self._or_beginning(whole), name, content),
            f'Section "{name}" updated.',
            f'Failed to update section "{name}"',
        )

    def append_to_section(self, name: str, content: str) -> Written:
        """Add below a section's text, or add the section; BadSection, MemoryWriteFailed."""
        name = _heading(name)
        return self._edit(
            lambda whole: sections.append(self._or_beginning(whole), name, content),
            f'Content appended to section "{name}".',
            f'Failed to append to section "{name}"',
        )

    def delete_section(self, name: str) -> Written:
        """Remove a section with its heading; FileMissing, SectionMissing, MemoryWriteFailed."""

        def without(whole: str | None) -> str:
            if whole is None:
                raise self._missing()
            left = sections.delete(whole, name)
            if left is None:
                raise self._no_section(whole, name)
            return left

        return self._edit(without, f'Section "{name}" deleted.', f'Failed to delete section "{name}"')

    def append(self, content: str, *, beginning: str | None = None) -> Written:
        """Add text at the end, on a line of its own; MemoryWriteFailed.

        A missing file starts with ``beginning``, else as when a section is written to it.
        """

        def longer(whole: str | None) -> str:
            if whole is None:
                whole = self._beginning() if beginning is None else beginning
            newline = sections.newline(whole)
            if whole and not whole.endswith("\n"):
                whole += newline
            return f"{whole}{content}" if content.endswith("\n") else f"{whole}{content}{newline}"

        return self._edit(
            longer, f"Content appended to {self.filename}.", f"Failed to append to {self.filename}"
        )

    def replace_all(self, content: str | bytes, *, if_match: str | None = None) -> Written:
        """Replace the whole file; MemoryWriteFailed.

        ``if_match``: the hash of what is replaced, :data:`ABSENT` for a file that must not exist yet;
        anything else in the store is a MemoryConflict.
        """
        data = _bytes(content)
        result = self._write(data, if_match)
        return self._changed(result, data, f"{self.filename} written.", f"Failed to write {self.filename}")

    def replace_text(self, old: str, new: str) -> bool:
        """Put ``new`` wherever ``old`` stands; False when it stands nowhere. MemoryWriteFailed."""
        result = WriteResult.failure(CONFLICT)
        data = b""
        for _ in _attempts():
            found = self._store.read(self.scope)
            data = found.content.replace(_bytes(old), _bytes(new)) if old else found.content
            if not found.exists or data == found.content:
                return False
            result = self._write(data, found.hash)
            if result.error != CONFLICT:
                break
        self._changed(result, data, f"{self.filename} written.", f"Failed to write {self.filename}")
        return True

    def delete(self, *, if_match: str | None = None) -> Written:
        """Remove the file, present or not; MemoryWriteFailed.

        With ``if_match`` only while its hash is that one, else MemoryConflict. Stores compare no hash when
        they delete: somebody who writes in the same instant may lose.
        """
        failed = f"Failed to delete {self.filename}"
        if if_match is not None and self._hash() != if_match:
            raise write_failed(failed, WriteResult.failure(CONFLICT), self._hash)
        result = self._store.delete(self.scope)
        if not result.success:
            raise write_failed(failed, result, self._hash)
        hooks.do_action(DELETED, self._opened.reference)
        return Written(f"{self.filename} deleted.")

    def search(self, query: str, *, section: str | None = None, context_lines: int = 2) -> Found:
        """Lines that contain ``query``, whatever its case; FileMissing."""
        return search(self.get_all(), query, section=section, context_lines=context_lines)

    def list_layer(self) -> list[ListEntry]:
        """Files at the top of this file's layer."""
        return self._store.list_layer(self.scope)

    def list_subtree(self, prefix: str) -> list[ListEntry]:
        """Files below a folder of this file's layer."""
        return self._store.list_subtree(self.scope, prefix)

    def _edit(self, change: Callable[[str | None], str], done: str, failed: str) -> Written:
        """Read, change, compare and swap; ``change`` is given None for a missing file."""
        result = WriteResult.failure(CONFLICT)
        data = b""
        for _ in _attempts():
            found = self._store.read(self.scope)
            data = _bytes(change(text(found.content) if found.exists else None))
            result = self._write(data, found.hash if found.exists else self._store.absent)
            if result.error != CONFLICT:
                break
        return self._changed(result, data, done, failed)

    def _write(self, data: bytes, if_match: str | None) -> WriteResult:
        """Write unless it is too large; a store without "only when absent" is asked for the hash first."""
        if len(data) > MAX_BYTES:
            return WriteResult.failure(TOO_LARGE)
        if if_match is not None and self._store.absent is None:
            if self._hash() != if_match:
                return WriteResult.failure(CONFLICT)
            if_match = if_match or None
        return self._store.write(self.scope, data, if_match)

    def _hash(self) -> str:
        return self._store.read(self.scope).hash

    def _or_beginning(self, whole: str | None) -> str:
        return self._beginning() if whole is None else whole

    def _beginning(self) -> str:
        return self._seed(self.scope) or f"# {self.filename}\n"

    def _missing(self) -> FileMissing:
        return FileMissing(f"File {self.filename} does not exist.")

    def _no_section(self, whole: str, name: str) -> SectionMissing:
        return SectionMissing(
            f'Section "{name}" not found.', data={"available_sections": sections.names(whole)}
        )

    def _changed(self, result: WriteResult, content: bytes, done: str, failed: str) -> Written:
        if not result.success:
            raise write_failed(failed, result, self._hash)
        scope = self.scope
        meta = {**scope.params(), "key": scope.key, "hash": result.hash, "bytes": result.size}
        hooks.do_action(UPDATED, self._opened.reference, wire(content), meta)
        return Written(done, len(content), self._warning(len(content)), result.hash or digest(content))

    def _warning(self, size: int) -> str | None:
        warning = sizes.warning(self.filename, size)
        if warning is not None:
            hooks.do_action("datamachine_log", "warning", warning, {"key": self.scope.key, "bytes": size})
        return warning


def _bytes(content: str | bytes) -> bytes:
    """Content as it is stored; BadContent."""
    try:
        return raw(content)
    except UnicodeEncodeError as error:
        raise BadContent("Content must be text that UTF-8 can hold.") from error


def _attempts() -> Iterator[None]:
    """Again and again, each time a little later: those who write one file at once must not keep in step."""
    for number in range(ATTEMPTS):
        if number:
            check()
            time.sleep(random.uniform(0.0, min(PAUSE * 2**number, LONGEST_PAUSE)))
        yield


def _heading(name: str) -> str:
    """The name a heading of that text has; BadSection."""
    heading = sections.heading(name)
    if not heading:
        raise BadSection("A section needs a name of one line.")
    return heading
