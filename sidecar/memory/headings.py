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


#: A line that may mean something: where it begins, where the next one does, what it is, and how long a fence.
#: Plain tuples and numbers: a file of ten megabytes may have millions of them.
_Line = tuple[int, int, int, int]
_HEADING, _OPEN, _CLOSE = 0, 1, 2
#: Kinds of fences: a character, and whether the line may open or close.
_TICK, _TILDE, _OPENS, _CLOSES = 4, 8, 16, 32
_CHARACTER = _TICK | _TILDE


def headings(text: str) -> list[Heading]:
    """Headings in order. Takes time proportional to the text's length, whatever is in it."""
    if not text.startswith("## ") and "\n## " not in text:
        return []
    lines = _lines(text)
    bodies, apart = _bodies(lines)
    closing = _closing(lines, apart)
    found: list[Heading] = []
    index = 0
    while index < len(lines):
        start, end, kind, length = lines[index]
        if kind == _HEADING:
            name = text[start + 3 : end].strip(SPACE)
            if name:
                found.append(Heading(start, end, name))
        elif kind == _OPEN:
            index = bodies.get(index, index)
        elif kind & _OPENS and closing[index] >= length:
            wanted = kind & _CHARACTER | _CLOSES
            index += 1
            while lines[index][2] & wanted != wanted or lines[index][3] < length:
                index += 1
        index += 1
    return found


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    last = len(text)
    for match in _LINES.finditer(text):
        start, end = match.span()
        end = min(end + 1, last)
        group = match.lastgroup
        if group == "heading":
            found.append((start, end, _HEADING, 0))
        elif group == "marker":
            found.append((start, end, _CLOSE if text.startswith(CLOSE, start) else _OPEN, 0))
        else:
            fence, rest = match.group("fence", "rest")
            kind = _TICK if fence[0] == "`" else _TILDE
            # Inline code may begin a line too: ```like this```.
            if kind == _TILDE or "`" not in rest:
                kind |= _OPENS
            if not rest.strip(SPACE):
                kind |= _CLOSES
            found.append((start, end, kind, len(fence)))
    return found


def _bodies(lines: list[_Line]) -> tuple[dict[int, int], set[int]]:
    """Marked bodies, the closing line by the opening one; and the lines of those that keep fences apart."""
    bodies: dict[int, int] = {}
    apart: set[int] = set()
    opened = -1
    for index, (start, _, kind, _) in enumerate(lines):
        if kind == _OPEN:
            opened = index
        elif kind == _CLOSE and opened >= 0:
            bodies[opened] = index
            first = lines[opened]
            below_heading = opened > 0 and lines[opened - 1][1:3] == (first[0], _HEADING)
            if below_heading or first[1] == start:
                apart.update(range(opened, index + 1))
            opened = -1
    return bodies, apart


def _closing(lines: list[_Line], apart: set[int]) -> list[int]:
    """By line, the longest fence of its character that closes one and stands below it, nothing in between."""
    longest = [0] * len(lines)
    below = {_TICK: 0, _TILDE: 0}
    for index in range(len(lines) - 1, -1, -1):
        if index in apart:
            below = {_TICK: 0, _TILDE: 0}
            continue
        _, _, kind, length = lines[index]
        character = kind & _CHARACTER
        if character:
            longest[index] = below[character]
            if kind & _CLOSES and length > below[character]:
                below[character] = length
    return longest
