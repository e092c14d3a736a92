"""One memory file: changes that meet others, limits, events, and one error for each reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sidecar import hooks
from sidecar.bridge import PhpObject
from sidecar.hooks import Bus, dispatch
from sidecar.memory import ReadResult, Scope, WriteResult
from sidecar.memory.failures import (
    BadContent,
    BadSection,
    FileMissing,
    MemoryConflict,
    MemoryRefused,
    MemoryTooLarge,
    MemoryWriteFailed,
    SectionMissing,
)
from sidecar.memory.in_memory import InMemoryStore
from sidecar.memory.opening import SCOPE_CLASS, Opened
from sidecar.memory.places import SiteFacts
from sidecar.memory.registry import RegisteredFile
from sidecar.memory.service import ABSENT, ATTEMPTS, MemoryFile
from sidecar.memory.values import MAX_BYTES, digest

FACTS = SiteFacts("", "", "", 1, "", "", "", "", files=(RegisteredFile("SOUL.md", "agent"),))


class Meeting(InMemoryStore):
    """A store in which somebody else writes between a read and the write after it."""

    def __init__(self, absent: str | None = "") -> None:
        super().__init__()
        self.absent = absent  # type: ignore[misc,assignment]
        self.others: list[bytes] = []
        self.refuses: str | None = None
        self.expected: list[str | None] = []

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        if self.others:
            super().write(scope, self.others.pop(0))
        if self.refuses:
            return WriteResult.failure(self.refuses)
        self.expected.append(if_match)
        return super().write(scope, content, if_match)

    def put(self, scope: Scope, content: bytes) -> None:
        super().write(scope, content)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What fired, in order."""
    fired: list[tuple[str, Any]] = []
    before = hooks.bus()
    bus = Bus()
    hooks.install(bus)
    monkeypatch.setattr(dispatch, "_hosts", None)
    for name in ("updated", "deleted"):
        hook = f"datamachine_agent_memory_{name}"
        bus.add_action(hook, lambda *args, hook=hook: fired.append((hook, args)), 10, 3)
    bus.add_action("datamachine_log", lambda *args: fired.append(("log", args)), 10, 3)
    yield fired
    hooks.install(before)


@pytest.fixture
def store(events: list[Any]) -> Meeting:
    return Meeting()


def opened(
    store: InMemoryStore, name: str = "MEMORY.md", seed: Callable[..., Any] = lambda _: None
) -> MemoryFile:
    scope = Scope("agent", 7, 42, name)
    return MemoryFile(Opened(scope, store, PhpObject(SCOPE_CLASS, scope.params()), FACTS), seed)


def test_a_missing_file_begins_with_its_seed_or_its_name(store: Meeting) -> None:
    assert (
        opened(store, "SOUL.md", lambda scope: f"# Soul of {scope.agent_id}\n")
        .set_section("A", "x")
        .file_size
    )
    assert store.read(Scope("agent", 7, 42, "SOUL.md")).content == b"# Soul of 42\n\n## A\nx\n"
    opened(store).append_to_section("Sec", "hello")
    assert opened(store).get_all() == "# MEMORY.md\n\n## Sec\nhello\n"
    assert store.expected == ["", ""]


def test_what_is_not_there_has_its_own_errors(store: Meeting) -> None:
    file = opened(store)
    for ask in (file.get_all, file.get_sections, lambda: file.get_section("A"), lambda: file.search("x")):
        with pytest.raises(FileMissing, match=r"File MEMORY\.md does not exist\."):
            ask()
    with pytest.raises(FileMissing):
        file.delete_section("A")
    file.set_section("A", "x")
    with pytest.raises(SectionMissing, match=r'Section "B" not found\.') as missing:
        file.delete_section("B")
    assert missing.value.data == {"available_sections": ["A"]}
    for name in ("", " ", "a\nb"):
        with pytest.raises(BadSection):
            file.set_section(name, "x")
    with pytest.raises(BadContent):
        file.set_section("A", "\ud800")
    assert (FileMissing.status, SectionMissing.status, BadSection.status, BadContent.status) == (
        404,
        404,
        400,
        400,
    )


def test_a_section_is_deleted(store: Meeting, events: list[Any]) -> None:
    file = opened(store)
    file.replace_all("# T\n\n## A\nx\n\n## B\ny\n")
    events.clear()
    assert file.delete_section("A").message == 'Section "A" deleted.'
    assert file.get_all() == "# T\n\n## B\ny\n"
    assert [name for name, _ in events] == ["datamachine_agent_memory_updated"]


def test_somebody_elses_change_is_kept(store: Meeting) -> None:
    file = opened(store)
    store.put(file.scope, b"# T\n")
    store.others = [b"# T\n\n## Theirs\n1\n", b"# T\n\n## Theirs\n2\n"]
    file.set_section("Ours", "x")
    assert file.get_all() == "# T\n\n## Theirs\n2\n\n## Ours\nx\n"


def test_a_file_somebody_else_makes_first_is_not_replaced(store: Meeting) -> None:
    file = opened(store)
    store.others = [b"# Theirs\n"]
    file.set_section("Ours", "x")
    assert file.get_all() == "# Theirs\n\n## Ours\nx\n"


def test_after_some_attempts_the_others_win(store: Meeting, events: list[Any]) -> None:
    file = opened(store)
    store.put(file.scope, b"0")
    store.others = [b"%d" % number for number in range(1, ATTEMPTS + 2)]
    with pytest.raises(MemoryConflict, match=r'Failed to update section "A" \(conflict\)\.') as refused:
        file.set_section("A", "x")
    assert refused.value.status == 409
    assert refused.value.data == {"error": "conflict", "hash": digest(b"%d" % ATTEMPTS)}
    assert events == []


def test_if_match(store: Meeting) -> None:
    file = opened(store)
    first = file.replace_all("one", if_match=ABSENT)
    assert first.hash == digest(b"one")
    with pytest.raises(MemoryConflict) as refused:
        file.replace_all("two", if_match=ABSENT)
    assert refused.value.data["hash"] == first.hash
    assert file.replace_all("two", if_match=first.hash).hash == digest(b"two")
    with pytest.raises(MemoryConflict):
        file.delete(if_match=first.hash)
    file.delete(if_match=digest(b"two"))
    assert not file.exists()


def test_a_store_that_compares_nothing_is_asked_first(events: list[Any]) -> None:
    store = Meeting(absent=None)
    file = opened(store)
    file.replace_all("one", if_match=ABSENT)
    with pytest.raises(MemoryConflict):
        file.replace_all("two", if_match=ABSENT)
    with pytest.raises(MemoryConflict):
        file.replace_all("two", if_match=digest(b"other"))
    file.replace_all("two", if_match=digest(b"one"))
    assert store.expected == [None, digest(b"one")]


@pytest.mark.parametrize(
    ("reason", "error", "answer"),
    [
        ("capability", MemoryRefused, ("memory_write_refused", 403)),
        ("too_large", MemoryTooLarge, ("memory_too_large", 413)),
        ("io", MemoryWriteFailed, ("memory_write_failed", 500)),
        ("something new", MemoryWriteFailed, ("memory_write_failed", 500)),
    ],
)
def test_each_reason_has_its_error(
    store: Meeting, events: list[Any], reason: str, error: type[MemoryWriteFailed], answer: tuple[str, int]
) -> None:
    store.refuses = reason
    with pytest.raises(error) as refused:
        opened(store).replace_all("x")
    assert (refused.value.code, refused.value.status) == answer
    assert refused.value.message == f"Failed to write MEMORY.md ({reason})."
    assert refused.value.data == {"error": reason}
    assert events == []


def test_the_largest_file_and_one_byte_more(store: Meeting) -> None:
    file = opened(store)
    assert file.replace_all(b"x" * MAX_BYTES).file_size == MAX_BYTES
    with pytest.raises(MemoryTooLarge):
        file.append("x")
    with pytest.raises(MemoryTooLarge):
        file.replace_all(b"x" * (MAX_BYTES + 1))
    assert file.read().size == MAX_BYTES


def test_a_large_file_is_written_with_a_warning_and_a_line_in_the_log(
    store: Meeting, events: list[Any]
) -> None:
    file = opened(store)
    assert file.replace_all("x" * 8192).warning is None
    warning = file.replace_all("x" * 8193).warning
    assert warning is not None
    assert "8 KB" in warning
    assert events[-1][0] == "log"
    assert events[-1][1][0] == "warning"


def test_events_carry_scope_content_and_facts(store: Meeting, events: list[Any]) -> None:
    file = opened(store)
    file.replace_all("# T\n")
    file.delete()
    file.delete()
    assert [name.removeprefix("datamachine_agent_memory_") for name, _ in events] == [
        "updated",
        "deleted",
        "deleted",
    ]
    scope, content, meta = events[0][1]
    assert scope.properties == file.scope.params()
    assert content == "# T\n"
    assert meta == {
        **file.scope.params(),
        "key": "agent:7:42:MEMORY.md",
        "hash": digest(b"# T\n"),
        "bytes": 4,
    }


def test_text_is_appended_on_a_line_of_its_own(store: Meeting) -> None:
    file = opened(store)
    assert file.append("one", beginning="# Day\n\n").message == "Content appended to MEMORY.md."
    assert file.get_all() == "# Day\n\none\n"
    file.replace_all("no end")
    file.append("two")
    file.append("three\n")
    assert file.get_all() == "no end\ntwo\nthree\n"
    file.replace_all("a\r\nb")
    file.append("c")
    assert file.get_all() == "a\r\nb\r\nc\r\n"


def test_bytes_that_are_no_text_survive_an_edit(store: Meeting) -> None:
    file = opened(store)
    store.put(file.scope, b"\xff\xfe\n## A\nx\n")
    file.set_section("A", "y")
    assert file.read() == ReadResult.of(b"\xff\xfe\n## A\ny\n", file.read().updated_at)


def test_replacing_text(store: Meeting) -> None:
    file = opened(store)
    assert file.replace_text("a", "b") is False
    store.put(file.scope, b"aXa")
    store.others = [b"aXaX"]
    assert file.replace_text("a", "b") is True
    assert file.get_all() == "bXbX"
    assert file.replace_text("a", "b") is False
    assert file.replace_text("", "b") is False
