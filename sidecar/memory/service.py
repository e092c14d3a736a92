"""Memory as every door uses it: one file at a time, in the store WordPress names for its scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from sidecar import hooks
from sidecar.errors import Internal, NotFound
from sidecar.host.context import WordPressHost
from sidecar.memory import names, sections
from sidecar.memory.host_store import wire
from sidecar.memory.opening import Opened, Opener
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.search import Found, search
from sidecar.memory.values import CONFLICT, ListEntry, ReadResult, Scope, WriteResult, raw, text

UPDATED = "datamachine_agent_memory_updated"
DELETED = "datamachine_agent_memory_deleted"

#: Larger files are still written; the caller is told that they cost prompt space.
MAX_FILE_SIZE = 8192
#: A section is read, changed and written back this often before somebody else's writes win.
ATTEMPTS = 5


class FileMissing(NotFound):
    """There is no such memory file."""

    code = "memory_file_not_found"


class SectionMissing(NotFound):
    """The file has no such section; ``data["available_sections"]`` names those it has."""

    code = "memory_section_not_found"


class MemoryWriteFailed(Internal):
    """The store did not take it; ``data["error"]`` is its reason (``conflict``, ``capability``, ``io``)."""

    code = "memory_write_failed"


class Written(msgspec.Struct, frozen=True):
    """A successful change: ``message`` for people, ``file_size`` in bytes, ``warning`` when it grew large."""

    message: str
    file_size: int = 0
    warning: str | None = None


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
            raise FileMissing(f"File {self.filename} does not exist.")
        return text(found.content)

    def get_sections(self) -> list[str]:
        """Headings in order; FileMissing."""
        return sections.names(self.get_all())

    def get_section(self, name: str) -> str:
        """A section's text; FileMissing, SectionMissing."""
        whole = self.get_all()
        found = sections.get(whole, name)
        if found is None:
            raise SectionMissing(
                f'Section "{name}" not found.', data={"available_sections": sections.names(whole)}
            )
        return found

    def set_section(self, name: str, content: str) -> Written:
        """Replace a section, or add it; MemoryWriteFailed."""
        return self._edit(
            lambda whole: sections.put(whole, name, content),
            f'Section "{name}" updated.',
            f'Failed to update section "{name}"',
        )

    def append_to_section(self, name: str, content: str) -> Written:
        """Add below a section's text, or add the section; MemoryWriteFailed."""
        return self._edit(
            lambda whole: sections.append(whole, name, content),
            f'Content appended to section "{name}".',
            f'Failed to append to section "{name}"',
        )

    def replace_all(self, content: str | bytes, *, if_match: str | None = None) -> Written:
        """Replace the whole file; MemoryWriteFailed."""
        data = raw(content)
        result = self._store.write(self.scope, data, if_match)
        return self._changed(result, data, f"{self.filename} written.", f"Failed to write {self.filename}")

    def replace_text(self, old: str, new: str) -> bool:
        """Put ``new`` wherever ``old`` stands; False when it stands nowhere. MemoryWriteFailed."""
        result = WriteResult.failure(CONFLICT)
        data = b""
        for _ in range(ATTEMPTS):
            found = self._store.read(self.scope)
            data = found.content.replace(raw(old), raw(new)) if old else found.content
            if not found.exists or data == found.content:
                return False
            result = self._store.write(self.scope, data, found.hash)
            if result.error != CONFLICT:
                break
        self._changed(result, data, f"{self.filename} written.", f"Failed to write {self.filename}")
        return True

    def delete(self) -> Written:
        """Remove the file, present or not; MemoryWriteFailed."""
        result = self._store.delete(self.scope)
        if not result.success:
            raise _failed(f"Failed to delete {self.filename}", result)
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

    def _edit(self, change: Callable[[str], str], done: str, failed: str) -> Written:
        result = WriteResult.failure(CONFLICT)
        data = b""
        for _ in range(ATTEMPTS):
            found = self._store.read(self.scope)
            data = raw(change(text(found.content) if found.exists else self._beginning()))
            expected = found.hash if found.exists else self._store.absent
            result = self._store.write(self.scope, data, expected)
            if result.error != CONFLICT:
                break
        return self._changed(result, data, done, failed)

    def _beginning(self) -> str:
        return self._seed(self.scope) or f"# {self.filename}\n"

    def _changed(self, result: WriteResult, content: bytes, done: str, failed: str) -> Written:
        if not result.success:
            raise _failed(failed, result)
        scope = self.scope
        meta = {**scope.params(), "key": scope.key, "hash": result.hash, "bytes": result.size}
        hooks.do_action(UPDATED, self._opened.reference, wire(content), meta)
        return Written(done, len(content), self._warning(len(content)))

    def _warning(self, size: int) -> str | None:
        if size <= MAX_FILE_SIZE:
            return None
        warning = (
            f"{self.filename} has {_kilobytes(size)}, more than the recommended {_kilobytes(MAX_FILE_SIZE)}. "
            "It is part of every prompt: consider moving what is rarely needed to daily memory."
        )
        hooks.do_action("datamachine_log", "warning", warning, {"key": self.scope.key, "bytes": size})
        return warning


def _failed(message: str, result: WriteResult) -> MemoryWriteFailed:
    return MemoryWriteFailed(f"{message} ({result.error}).", data={"error": result.error})


def _kilobytes(size: int) -> str:
    """A size as ``size_format()`` prints it for files of this magnitude."""
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.0f} MB"
