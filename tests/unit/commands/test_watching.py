"""A run in a line, as a table for a terminal, and how a watch ends; and the bar of long work."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace

import msgspec
import pytest
from rich.console import Console

from sidecar.automation.jobs.watching import StepView, View
from sidecar.commands.events import Exit, Notice, Success
from sidecar.commands.jobs_screen import picture
from sidecar.commands.jobs_watch import describe, outcome
from sidecar.commands.progress import bar


class Screen(StringIO):
    """A terminal."""

    def isatty(self):
        return True


def view(status, *states, why="", children=None):
    steps = [StepView(f"1_{at}_2", "fetch", "rss", state) for at, state in enumerate(states)]
    return View(7, "Feed [x]", status, steps, why, children or {})


def test_a_run_in_a_line():
    running = view("processing", "done", "running", "next", children={"completed": 2, "failed": 1})
    assert describe(running) == ("processing  1/3 steps done  fetch running  children: 2 completed, 1 failed")
    assert describe(view("completed", "done")) == "completed  1/1 steps done"
    assert describe(view("pending")) == "pending"


def test_a_run_as_a_table():
    out = StringIO()
    found = picture(view("processing", "done", "running", why="A worker is at it."), 3.4)
    Console(file=out, width=80, markup=False, highlight=False).print(found)
    for text in ("Job 7: Feed [x]", "running", "processing  3 s", "A worker is at it."):
        assert text in out.getvalue()


def test_a_title_does_not_steer_the_terminal():
    out = StringIO()
    shown = msgspec.structs.replace(view("failed - \x1b[2J", "\x9bdone", why="\x1b]0;x\x07"), label="\x1b[1A")
    Console(file=out, width=80, markup=False, highlight=False).print(picture(shown, 1))
    assert not set("\x1b\x9b\x07") & set(out.getvalue())


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("completed", Success, None),
        ("completed_no_items", Success, None),
        ("agent_skipped - not relevant", Success, None),
        ("failed - x", Notice, 1),
        ("cancelled", Notice, 1),
        ("processing", Notice, 2),
    ],
)
def test_the_end_of_a_watch(status, kind, code):
    events = list(outcome(view(status)))
    assert isinstance(events[0], kind)
    assert events[1:] == ([] if code is None else [Exit(code)])


def test_a_bar_is_for_terminals(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    with bar(SimpleNamespace(terminal=object()), "Deleting", 3) as told:
        assert told is None
    screen = Screen()
    with bar(SimpleNamespace(terminal=SimpleNamespace(screen=screen)), "Deleting", 3) as told:
        told(2)
    assert "Deleting" in screen.getvalue()
