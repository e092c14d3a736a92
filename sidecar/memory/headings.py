"""Which lines of a Markdown file are headings of sections, and which only look like one.

``## Name`` is a heading unless it stands in a code fence or in a section's marked body. Both need their end:
a fence nobody closes, or an opening line without its closing one, is text, so that a slip of an agent never
hides the rest of its memory. A marked body that follows its heading, as we write them, keeps code fences on
either side apart: half a fence in front of it finds no other half behind it. That makes sections independent
of each other: whatever is written between marker lines changes nothing outside them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

OPEN = "<!-- datamachine-section-body -->"
CLOSE = "<!-- /datamachine-section-body -->"
#: A line that opens or closes a marked body.
MARKER = re.compile(r"^<!-- /?datamachine-section-body -->[ \t\r]*$", re.MULTILINE)
#: What PHP's trim() removes.
SPACE = " \t\n\r\0\x0b"

_LINES = re.compile(
    r"^(?:(?P<heading>## .+)|(?P<marker><!-- /?datamachine-section-body -->[ \t\r]*)"
    r"|[ ]{0,3}(?P<fence>`{3,}|~{3,})(?P<rest>.*))$",
    re.MULTILINE,
)


class Heading(NamedTuple):
    """Where a heading's line begins, where the line after it begins, and the section's name."""

    start: int
    end: int
    name: str

    def moved(self, distance: int) -> Heading:
        return Heading(self.start + distance, self.end + distance, self.name)


class _Line(NamedTuple):
    """A line that may mean something. ``kind``: ``heading``, ``open``, ``close``, or a fence's character."""

    start: int
    #: The line after it.
    end: int
    kind: str
    name: str = ""
    length: int = 0
    opens: bool = False
    closes: bool = False


def headings(text: str) -> list[Heading]:
    """Headings in order. Takes time proportional to the text's length, whatever is in it."""
    lines = [_line(match, len(text)) for match in _LINES.finditer(text)]
    bodies, apart = _bodies(lines)
    closing = _closing(lines, apart)
    found: list[Heading] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.kind == "heading":
            if line.name:
                found.append(Heading(line.start, line.end, line.name))
        elif line.kind == "open":
            index = bodies.get(index, index)
        elif line.opens and closing[index] >= line.length:
            index += 1
            while not _closes(lines[index], line):
                index += 1
        index += 1
    return found


def _line(match: re.Match[str], length: int) -> _Line:
    start, end = match.start(), min(match.end() + 1, length)
    if match["heading"] is not None:
        return _Line(start, end, "heading", match["heading"][3:].strip(SPACE))
    if match["marker"] is not None:
        return _Line(start, end, "close" if match["marker"].startswith(CLOSE) else "open")
    fence, rest = match["fence"], match["rest"]
    return _Line(
        start,
        end,
        fence[0],
        length=len(fence),
        # Inline code may begin a line too: ```like this```.
        opens=fence[0] == "~" or "`" not in rest,
        closes=not rest.strip(SPACE),
    )


def _bodies(lines: list[_Line]) -> tuple[dict[int, int], set[int]]:
    """Marked bodies, the closing line by the opening one; and the lines of those that keep fences apart."""
    bodies: dict[int, int] = {}
    apart: set[int] = set()
    opened: int | None = None
    for index, line in enumerate(lines):
        if line.kind == "open":
            opened = index
        elif line.kind == "close" and opened is not None:
            bodies[opened] = index
            before = lines[opened - 1] if opened else None
            below_heading = (
                before is not None and before.kind == "heading" and before.end == lines[opened].start
            )
            if below_heading or lines[opened].end == line.start:
                apart.update(range(opened, index + 1))
            opened = None
    return bodies, apart


def _closing(lines: list[_Line], apart: set[int]) -> list[int]:
    """By line, the longest fence of its character that closes one and stands below it, nothing in between."""
    longest = [0] * len(lines)
    below: dict[str, int] = {}
    for index in range(len(lines) - 1, -1, -1):
        if index in apart:
            below = {}
            continue
        line = lines[index]
        longest[index] = below.get(line.kind, 0)
        if line.closes:
            below[line.kind] = max(below.get(line.kind, 0), line.length)
    return longest


def _closes(line: _Line, opening: _Line) -> bool:
    return line.closes and line.kind == opening.kind and line.length >= opening.length
