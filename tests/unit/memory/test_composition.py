"""Composing beside somebody else who writes the same file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sidecar.host import HostPool
from sidecar.identity import Principal
from sidecar.memory.access import MemoryAccess
from sidecar.memory.composition import ATTEMPTS, CompositionService
from sidecar.memory.opening import Opener
from sidecar.memory.registry import RegisteredFile, Registry
from sidecar.memory.values import NOT_FOUND, ReadResult, Scope, WriteResult, digest

FILE = "TEAM.md"


class Site:
    """A WordPress with one composed file, and its store; everything a composition asks for."""

    absent = ""
    kind = "unit"

    def __init__(self, busy: int = 0) -> None:
        self.content: bytes | None = None
        #: Somebody else writes this often between our read and our write.
        self.busy = busy
        self.asked = 0
        self.fired: list[str] = []
        self.written = 0

    @property
    def registry(self) -> Registry:
        return Registry([RegisteredFile(FILE, "shared", composable=True)])

    # The pool, its unit, the opener.

    @contextmanager
    def unit(self, **_: Any) -> Iterator[Site]:
        yield self

    def call(self, operation: str, params: dict[str, Any], **_: Any) -> Any:
        if operation == "memory.sections":
            return {"composable": [FILE], "central": [], "sections": []}
        self.asked += 1
        done = {"code": "", "message": "", "filename": FILE, "filepath": f"/{FILE}", "sections": 1}
        return {**done, "content": f"version {self.asked}"}

    def do_action(self, hook: str, *_: Any) -> None:
        self.fired.append(hook)

    def has_listeners(self, hook: str) -> bool:
        return True

    def open(self, host: Any, user_id: int, agent_id: int, filename: str, layer: str) -> Any:
        self.facts, self.scope, self.store = self, Scope("shared", 1, 0, filename), self
        return self

    # The store.

    def read(self, scope: Scope) -> ReadResult:
        return NOT_FOUND if self.content is None else ReadResult.of(self.content)

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        if self.busy:
            self.busy -= 1
            self.content = f"theirs {self.busy}\n".encode()
        if (self.absent if self.content is None else digest(self.content)) != if_match:
            return WriteResult.failure("conflict")
        self.content = content
        self.written += 1
        return WriteResult.ok(digest(content), len(content))

    # Access.

    def require(self, *_: Any, **__: Any) -> None:
        pass


def compose(site: Site) -> Any:
    service = CompositionService(
        cast(HostPool, site),
        cast(Opener, site),
        cast(MemoryAccess, site),
        lambda facts: cast(Any, None),
        multisite=lambda: False,
    )
    return service.compose(Principal.system(blog_id=1), FILE, blog_id=1)[0]


def test_it_is_composed_anew_when_somebody_was_faster() -> None:
    site = Site(busy=2)
    done = compose(site)
    assert (done.success, done.changed, done.sections) == (True, True, 1)
    # What is written was composed after the last foreign write was seen.
    assert site.content == b"version 3\n"
    assert site.written == 1
    assert site.fired == ["datamachine_composable_regenerated"]


def test_it_gives_up_after_some_attempts() -> None:
    site = Site(busy=ATTEMPTS)
    done = compose(site)
    assert (done.success, done.changed, done.code) == (False, False, "memory_write_failed")
    assert "(conflict)" in done.message
    assert site.written == 0
    assert site.fired == []


def test_the_same_text_is_not_written_again() -> None:
    site = Site()
    site.content = b"version 1\n"
    done = compose(site)
    assert (done.success, done.changed) == (True, False)
    assert site.written == 0
    assert site.fired == []
