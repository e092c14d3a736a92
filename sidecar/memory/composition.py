"""Composed files: AGENTS.md, SITE.md, NETWORK.md and what plugins add, built from sections.

``SectionRegistry`` in PHP is the single source of order, and its callbacks run there; Python's sections are
called from there. Composing always happens in a clean WordPress process of context ``rest``, so that the
bytes do not depend on who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar.identity import Principal


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


class CompositionService:
    """Composes files and tells what they are made of."""

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
        raise NotImplementedError

    def composable(self, *, blog_id: int | None = None) -> list[str]:
        """Names of the files that :meth:`compose` reports when none is named, in the registry's order."""
        raise NotImplementedError

    def sections(self, filename: str | None = None, *, blog_id: int | None = None) -> list[SectionInfo]:
        """Sections of one file, else of all composable ones: by file, then in their order."""
        raise NotImplementedError
