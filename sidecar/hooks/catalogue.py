"""The vocabulary of hooks: `hooks/*.json`, read once.

One file a bucket. PHP reads the same facts as a generated array, the documentation as tables.
"""

from __future__ import annotations

import difflib
import functools
import logging
import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from sidecar import resources
from sidecar.hooks.callbacks import Kind, Mode
from sidecar.hooks.errors import RemovedHook

logger = logging.getLogger("datamachine.hooks")

Policy = Literal["pass", "deny", "skip", "error", "enqueue"]
#: `registration`: fires on every page or hundreds of times, never forwarded live. `once`: once a request.
Cost = Literal["registration", "once", "live"]

PREFIXES = ("datamachine_", "datamachine/", "agents_api_", "wp_agent_", "wp_agents_")


class Core(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subscription of the product itself that exists in PHP before the sidecar ever ran."""

    priority: int
    accepted_args: int
    mode: Mode


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One hook. ``args`` maps names to PHP types in order; ``fires`` is the area that fires it.

    ``denied`` is the restrictive answer of a `deny` filter (``{"$error": [code, message]}`` for a WP_Error).
    ``inbound`` hooks are fired by others, for us.
    """

    kind: Kind
    args: dict[str, str]
    fires: str
    on_failure: Policy
    cost: Cost
    why: str
    returns: str | None = None
    via: Literal["action_scheduler", "wp_cron"] | None = None
    inbound: bool = False
    denied: Any = msgspec.UNSET
    core: Core | None = None


class Removed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that must never fire."""

    replaced_by: str | None
    why: str


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file."""

    bucket: str
    about: str
    hooks: dict[str, Entry] = {}
    removed: dict[str, Removed] = {}


class CatalogueError(Exception):
    """A file of the vocabulary breaks its own rules."""


class Catalogue:
    """Every hook of the vocabulary, by name."""

    def __init__(self, books: list[Book]) -> None:
        self.books = books
        self.hooks: dict[str, Entry] = {}
        self.buckets: dict[str, str] = {}
        self.removed: dict[str, Removed] = {}
        for book in books:
            for name, entry in book.hooks.items():
                if name in self.hooks:
                    raise CatalogueError(f"{name} stands in {self.buckets[name]} and in {book.bucket}")
                _validate(name, entry)
                self.hooks[name] = entry
                self.buckets[name] = book.bucket
            self.removed.update(book.removed)
        both = sorted(set(self.hooks) & set(self.removed))
        if both:
            raise CatalogueError(f"{both[0]} is removed and stands in {self.buckets[both[0]]}")
        self._patterns = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^{}]+", re.escape(name))), entry)
            for name, entry in self.hooks.items()
            if "{" in name
        ]
        self._warned: set[str] = set()

    def entry(self, hook: str) -> Entry | None:
        """The entry of a hook, dynamic names included; None outside the vocabulary."""
        found = self.hooks.get(hook)
        if found is not None:
            return found
        return next((entry for pattern, entry in self._patterns if pattern.fullmatch(hook)), None)

    def policy(self, hook: str, kind: Kind) -> Policy:
        """What a failure means; for names outside the vocabulary filters pass and actions skip."""
        entry = self.entry(hook) if hook.startswith(PREFIXES) else None
        if entry is not None:
            return entry.on_failure
        return "pass" if kind == "filter" else "skip"

    def cost(self, hook: str) -> Cost:
        entry = self.entry(hook) if hook.startswith(PREFIXES) else None
        return entry.cost if entry is not None else "live"

    def check(self, hook: str) -> None:
        """Refuse a removed name; warn once about a name with our prefixes that nobody knows."""
        removed = self.removed.get(hook)
        if removed is not None:
            instead = f" Use {removed.replaced_by}." if removed.replaced_by else ""
            raise RemovedHook(f"The hook {hook} never fires: {removed.why}{instead}")
        if hook.startswith(PREFIXES) and hook not in self._warned and self.entry(hook) is None:
            self._warned.add(hook)
            near = self.nearest(hook)
            logger.warning("Unknown hook %s%s", hook, f"; did you mean {near}?" if near else "")

    def nearest(self, hook: str) -> str | None:
        """The known name that looks most like ``hook``."""
        close = difflib.get_close_matches(hook, self.hooks, n=1, cutoff=0.6)
        return close[0] if close else None


def _validate(name: str, entry: Entry) -> None:
    if not entry.why.strip():
        raise CatalogueError(f"{name} does not say why its policy is {entry.on_failure}")
    if entry.kind == "action" and (entry.returns is not None or entry.on_failure not in ("skip", "enqueue")):
        raise CatalogueError(f"{name} is an action: it returns nothing and can only skip or enqueue")
    if entry.kind == "filter" and (not entry.returns or entry.on_failure not in ("pass", "deny", "error")):
        raise CatalogueError(f"{name} is a filter: it returns something and can only pass, deny or error")
    if (entry.on_failure == "deny") is (entry.denied is msgspec.UNSET):
        raise CatalogueError(f"{name}: `denied` is the answer of a deny policy, and only of that")


def folder() -> Path:
    """Where the files are: in the wheel, else in the source tree."""
    return resources.folder("hooks")


def load(source: Path | None = None) -> Catalogue:
    """Read and validate every file."""
    books = []
    for path in sorted((source or folder()).glob("*.json")):
        try:
            books.append(msgspec.json.decode(path.read_bytes(), type=Book))
        except msgspec.DecodeError as error:
            raise CatalogueError(f"{path.name}: {error}") from error
    if not books:
        raise CatalogueError(f"No hook files in {source or folder()}")
    return Catalogue(books)


@functools.cache
def catalogue() -> Catalogue:
    """The process's vocabulary."""
    return load()
