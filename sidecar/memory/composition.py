"""Composed files: AGENTS.md, SITE.md, NETWORK.md and what plugins add, built from sections.

``SectionRegistry`` in PHP is the single source of order, and its callbacks run there; Python's sections are
called from there. Composing always happens in a clean WordPress process of context ``rest``, so that the
bytes do not depend on who asked. They go to the store that keeps the file, only when they differ.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec

from sidecar import blog, hooks
from sidecar.db.tables import MAIN_BLOG
from sidecar.errors import Forbidden, Unauthorized, Unavailable
from sidecar.host import HostPool
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.identity import Principal
from sidecar.memory import files, names
from sidecar.memory.access import MemoryAccess
from sidecar.memory.disk import DiskStore
from sidecar.memory.layout import Layout
from sidecar.memory.opening import Opened, Opener
from sidecar.memory.places import SiteFacts
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.values import CONFLICT, MAX_BYTES, TOO_LARGE, ReadResult, WriteResult, raw

logger = logging.getLogger("datamachine.memory")

REGENERATED = "datamachine_composable_regenerated"
#: Built from sections although the registry does not call them composable.
DESCRIPTIONS = ("SITE.md", "NETWORK.md")
#: A file is composed and written this often before somebody else's writes win.
ATTEMPTS = 5

#: Reasons why there is nothing to write that hold until somebody changes the site.
LASTING = frozenset(
    {
        "memory_file_not_registered",
        "memory_file_not_composable",
        "memory_no_network",
        "memory_site_context_off",
        "memory_no_sections",
        "memory_sections_empty",
    }
)


class Composed(msgspec.Struct, frozen=True):
    """What became of one file. ``sections`` counts the registered ones, empty ones included.

    ``filepath`` is where the file is on disk when no plugin's store keeps it, '' when it was not composed;
    ``message`` is a sentence that holds this path, ``code`` a stable reason of a failure.
    """

    filename: str
    success: bool
    message: str
    filepath: str = ""
    #: False when the file said the same already: then nothing was written.
    changed: bool = False
    sections: int = 0
    code: str = ""


class SectionInfo(msgspec.Struct, frozen=True):
    """One registered section."""

    file: str
    slug: str
    priority: int
    label: str = ""
    description: str = ""


class _Registered(msgspec.Struct, frozen=True):
    """What the host operation ``memory.sections`` answers."""

    composable: list[str]
    #: Files of WordPress's root and of the network: the main site's, whichever site asks.
    central: list[str]
    sections: list[SectionInfo]


class _Generated(msgspec.Struct, frozen=True):
    """What ``memory.generate`` answers; a ``code`` says why there is no content."""

    code: str
    message: str
    content: str
    filename: str
    filepath: str
    sections: int


class CompositionService:
    """Composes files and tells what they are made of."""

    def __init__(
        self,
        hosts: HostPool,
        opener: Opener,
        access: MemoryAccess,
        layout: Callable[[SiteFacts], Layout],
        *,
        multisite: Callable[[], bool],
    ) -> None:
        self._hosts = hosts
        self._opener = opener
        self._access = access
        self._layout = layout
        self._multisite = multisite

    def compose(
        self,
        principal: Principal,
        filename: str | None = None,
        *,
        blog_id: int | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[Composed]:
        """One file, or all composable ones; SITE.md and NETWORK.md are then refreshed too, silently.

        A file that cannot be composed is an entry with ``success`` False. Whoever may read a file may have it
        refreshed; only who may write it makes one in WordPress's root. Forbidden, Unavailable.
        """
        with self._process(blog_id) as (unit, here):
            wanted = [filename] if filename else here.composable
            done = {}
            with self._central(unit, blog_id) as main:
                for name in [*wanted, *(() if filename else DESCRIPTIONS)]:
                    place = main if name in here.central else unit
                    try:
                        done[name] = self._one(place, principal, name, dict(context or {}))
                    except (Forbidden, Unauthorized) as error:
                        if filename:
                            raise
                        done[name] = Composed(name, False, error.message, code=error.code)
        for name, each in done.items():
            if name not in wanted and not each.success and each.code not in LASTING:
                logger.warning("%s was not refreshed: %s", name, each.message)
        return [done[name] for name in wanted]

    def composable(self, *, blog_id: int | None = None) -> list[str]:
        """Names of the files that :meth:`compose` reports when none is named, in the registry's order."""
        with self._process(blog_id) as (_, found):
            return found.composable

    def sections(self, filename: str | None = None, *, blog_id: int | None = None) -> list[SectionInfo]:
        """Sections of one file, else of all composable ones: by file, then in their order."""
        with self._process(blog_id) as (_, found):
            wanted = found.composable if filename is None else [filename]
            return [each for each in found.sections if each.file in wanted]

    def refresh(self, due: Sequence[str], *, blog_id: int) -> None:
        """Compose what is due, as the site itself: named files, and for ``*`` every composable one.

        What lies in WordPress's root is refreshed where somebody has made it. Unavailable when something went
        wrong that may go right another time.
        """
        failed = []
        with self._process(blog_id) as (unit, here):
            wanted = [each for name in due for each in (here.composable if name == "*" else [name])]
            for name in dict.fromkeys(wanted):
                done = self._one(unit, Principal.system(blog_id=blog_id), name, {}, only="existing")
                if not done.success and done.code not in LASTING:
                    failed.append(done.message)
        if failed:
            raise Unavailable(" ".join(failed), code="memory_not_composed")

    def missing(self, wanted: Sequence[str], *, blog_id: int) -> list[Composed]:
        """Compose those of ``wanted`` that do not exist, as the site itself; others stay as they are."""
        with self._process(blog_id) as (unit, here), self._central(unit, blog_id) as main:
            return [
                self._one(
                    main if name in here.central else unit,
                    Principal.system(blog_id=blog_id),
                    name,
                    {},
                    only="missing",
                )
                for name in wanted
            ]

    def _one(
        self,
        unit: WordPressHost,
        principal: Principal,
        filename: str,
        context: dict[str, Any],
        *,
        only: Literal["existing", "missing", ""] = "",
    ) -> Composed:
        with host_context.bind(unit):
            return self._write(unit, principal, filename, context, only)

    def _write(
        self, unit: WordPressHost, principal: Principal, filename: str, context: dict[str, Any], only: str
    ) -> Composed:
        user_id, agent_id = _id(context, "user_id"), _id(context, "agent_id")
        opened = self._opener.open(unit, user_id, agent_id, names.clean(filename), "")
        file = opened.facts.registry.get(opened.scope.filename)
        if file is None:
            message = f'File "{filename}" is not registered in the MemoryFileRegistry.'
            return Composed(filename, False, message, code="memory_file_not_registered")
        self._access.require(principal, opened.scope, writes=False)
        filename = file.filename
        result = WriteResult.failure(CONFLICT)
        for _ in range(ATTEMPTS):
            # Read first: whoever wrote in between has composed from what is true now, and then so do we.
            before = opened.store.read(opened.scope)
            done = self._as_it_is(principal, opened, file, before, only)
            if done is not None:
                return done
            params = {"filename": filename, "context": context}
            made = msgspec.convert(unit.call("memory.generate", params), _Generated)
            if made.code:
                return Composed(filename, False, made.message, sections=made.sections, code=made.code)
            content = raw(made.content + "\n")
            if before.exists and before.content == content:
                return _done(made, changed=False)
            if len(content) > MAX_BYTES:
                result = WriteResult.failure(TOO_LARGE)
                break
            result = opened.store.write(
                opened.scope, content, before.hash if before.exists else opened.store.absent
            )
            if result.error != CONFLICT:
                break
        if not result.success:
            message = f"Failed to write {filename} ({result.error})."
            return Composed(filename, False, message, code="memory_write_failed")
        stale = self._remove_stale(opened, file)
        hooks.do_action(REGENERATED, made.filename, made.filepath, context)
        return _done(made, changed=True, stale=stale)

    def _as_it_is(
        self, principal: Principal, opened: Opened, file: RegisteredFile, before: ReadResult, only: str
    ) -> Composed | None:
        """The answer where the file is left alone, None where it is to be composed."""
        name = file.filename
        if before.exists:
            return Composed(name, True, f"{name} exists already.") if only == "missing" else None
        if not file.convention_path:
            return None
        if only == "existing":
            return Composed(name, True, f"{name} was not made yet.")
        if not self._access.may(principal, opened.scope, writes=True):
            message = f"Only who may write the files of this site makes {name} the first time."
            return Composed(name, False, message, code="memory_first_time")
        return None

    def _remove_stale(self, opened: Opened, file: RegisteredFile) -> str:
        """A copy below the layer's folder, where the file was before it had a place in WordPress's root."""
        if not file.convention_path or not isinstance(opened.store, DiskStore):
            return ""
        layer = self._layout(opened.facts).layer(opened.scope)
        try:
            with files.folder(layer.root, layer.parts) as directory:
                if files.read(directory, file.filename) is None:
                    return ""
                files.remove(directory, file.filename)
        except FileNotFoundError:
            return ""
        except OSError as error:
            logger.warning("An older copy of %s stays in %s: %s", file.filename, layer.path, error)
            return ""
        return f"{layer.path}/{file.filename}"

    @contextmanager
    def _process(self, blog_id: int | None) -> Iterator[tuple[WordPressHost, _Registered]]:
        """A clean process of a blog, and what is registered there."""
        where = blog_id or blog.current()
        with self._hosts.unit(context="rest", blog_id=where, system=True) as unit:
            yield unit, msgspec.convert(unit.call("memory.sections", {}), _Registered)

    @contextmanager
    def _central(self, unit: WordPressHost, blog_id: int | None) -> Iterator[WordPressHost]:
        """The main site's process, for files that are not one blog's."""
        if (blog_id or blog.current()) == MAIN_BLOG or not self._multisite():
            yield unit
            return
        with self._hosts.unit(context="rest", blog_id=MAIN_BLOG, system=True) as main:
            yield main


def _done(made: _Generated, *, changed: bool, stale: str = "") -> Composed:
    message = f"Regenerated {made.filename} at {made.filepath} ({made.sections} sections)."
    if stale:
        message += f" Removed stale layer-dir copy at {stale}."
    return Composed(made.filename, True, message, made.filepath, changed, made.sections)


def _id(context: Mapping[str, Any], key: str) -> int:
    value = context.get(key)
    return value if isinstance(value, int) and value > 0 else 0
