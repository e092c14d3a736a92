"""What changed in an agent's memory since somebody last looked: by the files' states on disk.

Coding tools write the files behind our back, so nobody announces changes; looking at names, sizes and times
of some dozens of files takes less than a millisecond. A store of a plugin's is asked instead, less often.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha1

import msgspec

from sidecar import waiting
from sidecar.host import HostPool, LazyUnit
from sidecar.host import context as host_context
from sidecar.host.context import WordPressHost
from sidecar.memory import files
from sidecar.memory.disk import DiskStore
from sidecar.memory.layout import Layout, Location, Places
from sidecar.memory.opening import Opened, Opener
from sidecar.memory.values import AGENT, Scope, digest

#: Seconds between two looks at the disk, and at a plugin's store.
EVERY, EVERY_STORE = 0.3, 5.0
#: Nanoseconds in which two changes may get the same time from the kernel.
_TICK = 20_000_000
#: Files of one instant that a cursor names at most; beyond that it names none of them.
_MOST = 40
_LOOKS = 3
_CURSOR = re.compile(r"([0-9]{1,20})-([0-9a-f]{16})-([0-9a-f.]*)")


class Changed(msgspec.Struct, frozen=True):
    """One file that is new or not as it was."""

    filename: str
    layer: str


class Answer(msgspec.Struct, frozen=True):
    """Where one is now, and what was changed since the cursor one came with.

    ``files`` names what was written; a file that is gone is in no list, ``changed`` tells of it.
    """

    cursor: str
    changed: bool
    files: tuple[Changed, ...] = ()


class _State(msgspec.Struct, frozen=True):
    """One look at one file: when it changed (ns), and whatever tells it from another state."""

    at: int
    mark: str


States = dict[Changed, _State]


class MemoryChanges:
    """Looks at the layers of one agent, of one user, and at what all share."""

    def __init__(
        self, opener: Opener, hosts: HostPool, layout: Callable[[Places, dict[str, str]], Layout]
    ) -> None:
        self._opener = opener
        self._hosts = hosts
        self._layout = layout

    def since(self, scopes: Iterable[Scope], blog_id: int, cursor: str, seconds: float) -> Answer:
        """What happened after ``cursor``; waits up to ``seconds`` for something. '' is only told where it is.

        No PHP process is held while waiting. A cursor that nobody gave out counts as an old one.
        """
        look, pause = self._looker(tuple(scopes), blog_id)
        deadline = time.monotonic() + seconds
        while True:
            states = look()
            now = _cursor(states)
            if not cursor:
                return Answer(now, False)
            if _digest(now) != _digest(cursor):
                return Answer(now, True, _newer(states, cursor))
            left = deadline - time.monotonic()
            if left <= 0 or waiting.STOPPING.wait(min(pause, left)):
                return Answer(cursor, False)

    def _looker(self, scopes: tuple[Scope, ...], blog_id: int) -> tuple[Callable[[], States], float]:
        with self._opener.host(blog_id) as host:
            opened = [self._open(host, scope) for scope in scopes]
            if isinstance(host, LazyUnit):
                # Others need WordPress while this one waits.
                host.release()
            if not all(isinstance(each.store, DiskStore) for each in opened):
                return lambda: self._asked(scopes, blog_id), EVERY_STORE
            facts = opened[0].facts
            layout = self._layout(facts.places, facts.convention_paths)
            registered = [
                Scope(each.layer, scope.user_id, scope.agent_id, each.filename)
                for scope in scopes
                for each in facts.registry.of_layer(scope.layer)
                if each.convention_path
            ]
        return lambda: _seen(layout, scopes, registered), EVERY

    def _asked(self, scopes: tuple[Scope, ...], blog_id: int) -> States:
        found: States = {}
        with self._hosts.unit("rest", blog_id=blog_id, system=True) as unit, host_context.bind(unit):
            for scope in scopes:
                opened = self._open(unit, scope)
                listed = opened.store.list_layer(opened.scope)
                if scope.layer == AGENT:
                    listed += opened.store.list_subtree(opened.scope, "daily")
                for each in listed:
                    one = self._open(unit, Scope(scope.layer, scope.user_id, scope.agent_id, each.filename))
                    read = one.store.read(one.scope)
                    if read.exists:
                        at = (read.updated_at or 0) * 1_000_000_000
                        found[Changed(each.filename, scope.layer)] = _State(at, read.hash)
        return found

    def _open(self, host: WordPressHost, scope: Scope) -> Opened:
        return self._opener.open(
            host, scope.user_id, scope.agent_id, scope.filename or "MEMORY.md", scope.layer
        )


def _seen(layout: Layout, layers: Iterable[Scope], registered: Iterable[Scope]) -> States:
    found: States = {}
    for scope in layers:
        found |= _folder(layout.layer(scope), scope.layer)
    for scope in registered:
        location = layout.file(scope)
        *folders, name = location.parts
        for each, state in _folder(Location(location.root, tuple(folders)), scope.layer, name).items():
            found[Changed(scope.filename, each.layer)] = state
    return found


def _folder(location: Location, layer: str, only: str | None = None) -> States:
    for _ in range(_LOOKS):
        try:
            with files.folder(location.root, location.parts) as directory:
                return dict(_states(directory, layer, only))
        except FileNotFoundError:
            # No such folder; or one below it went away while we looked.
            continue
        except (NotADirectoryError, files.Refused):
            break
    return {}


def _states(directory: int, layer: str, only: str | None) -> Iterator[tuple[Changed, _State]]:
    if only is None:
        for name, status in files.walk(directory, deep=True):
            yield Changed(name, layer), _state(status)
        return
    one = files.status(directory, only)
    if one is not None:
        yield Changed(only, layer), _state(one)


def _state(status: os.stat_result) -> _State:
    # The time of the last change of the inode: a file moved here is new here, however old its content is.
    at = status.st_ctime_ns
    return _State(at, f"{at}.{status.st_mtime_ns}.{status.st_size}.{status.st_ino}")


def _cursor(states: States) -> str:
    """The latest time, a digest of everything, and which files were changed at about that time."""
    whole = sha1()
    for file in sorted(states, key=lambda each: (each.layer, each.filename)):
        whole.update(
            f"{file.layer}\0{file.filename}\0{states[file].mark}\n".encode("utf-8", "surrogateescape")
        )
    latest = max((state.at for state in states.values()), default=0)
    last = [_word(file, state) for file, state in states.items() if state.at > latest - _TICK]
    return f"{latest}-{whole.hexdigest()[:16]}-{'.'.join(sorted(last)) if len(last) <= _MOST else ''}"


def _newer(states: States, cursor: str) -> tuple[Changed, ...]:
    read = _CURSOR.fullmatch(cursor)
    if read is None:
        return tuple(states)
    latest, known = int(read[1]), set(read[3].split("."))
    return tuple(
        file
        for file, state in states.items()
        if state.at > latest - _TICK and _word(file, state) not in known
    )


def _digest(cursor: str) -> str:
    read = _CURSOR.fullmatch(cursor)
    return "" if read is None else read[2]


def _word(file: Changed, state: _State) -> str:
    return digest(f"{file.layer}\0{file.filename}\0{state.mark}".encode("utf-8", "surrogateescape"))[:8]
