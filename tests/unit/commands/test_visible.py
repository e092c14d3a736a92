"""What strangers wrote does not steer the operator's terminal."""

from __future__ import annotations

from io import StringIO

import pytest

from sidecar.commands.events import Event, Failure, Line, Notice, Stderr, Success, Table, Text
from sidecar.commands.output import Printer
from sidecar.commands.visible import visible

EVIL = "a\x1b]0;owned\x07\x1b[2J\x9b1A\u202eb\rc\x7f"
SHOWN = r"a\x1b]0;owned\x07\x1b[2J\x9b1A\u202eb\rc\x7f".replace(r"\r", r"\x0d")


class Screen(StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (EVIL, SHOWN),
        ("line\r\nline\ttab", "line\r\nline\ttab"),
        ("Zoë 😀 \u200d", "Zoë 😀 \u200d"),
        (b"\x9b2J \xff".decode("utf-8", "surrogateescape"), "\\x9b2J \udcff"),
        ("\x85", "\\x85"),
    ],
)
def test_what_steers_is_a_number(text: str, shown: str) -> None:
    assert visible(text) == shown


EVENTS: list[Event] = [
    Line(EVIL),
    Text(EVIL),
    Stderr(EVIL),
    Success(EVIL),
    Notice(EVIL),
    *(Table([{"title": EVIL}], ["title"], kind) for kind in ("table", "csv", "yaml", "json")),
    Failure(EVIL),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{type(event).__name__}")
def test_no_event_steers_a_terminal(event: Event) -> None:
    screen = Screen()
    Printer(out=screen, err=screen).run([event])
    told = screen.getvalue()
    # Our own colors of labels and tables' borders are no text of strangers.
    assert "\x1b]0" not in told
    assert "\x1b[2J" not in told
    assert not set("\x07\x9b\u202e\r\x7f") & set(told)
    assert "owned" in told


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{type(event).__name__}")
def test_elsewhere_it_keeps_its_bytes(event: Event) -> None:
    stream = StringIO()
    Printer(out=stream, err=stream).run([event])
    if not (isinstance(event, Table) and event.format in ("json", "yaml")):
        assert EVIL in stream.getvalue()
