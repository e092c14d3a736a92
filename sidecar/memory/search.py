"""Finding text in a memory file."""

from __future__ import annotations

import msgspec

from sidecar.memory.headings import headings

#: Matches handed out; the count goes on.
LIMIT = 50
TOP_LEVEL = "(top-level)"


class Match(msgspec.Struct, frozen=True):
    """One line, counted from 1, with the lines around it."""

    section: str
    line: int
    content: str
    context: str


class Found(msgspec.Struct, frozen=True):
    """``match_count`` counts all matches, ``matches`` holds the first 50."""

    query: str
    matches: tuple[Match, ...]
    match_count: int


def search(whole: str, query: str, *, section: str | None = None, context_lines: int = 2) -> Found:
    """Every line with ``query`` in it, whatever its case; in one section, or anywhere."""
    lines = whole.split("\n")
    wanted = query.lower()
    ahead = iter(headings(whole))
    following = next(ahead, None)
    current = TOP_LEVEL
    matches: list[Match] = []
    count = offset = 0
    for index, line in enumerate(lines):
        if following is not None and offset == following.start:
            current = following.name
            following = next(ahead, None)
        offset += len(line) + 1
        if wanted not in line.lower() or (section is not None and section != current):
            continue
        count += 1
        if len(matches) < LIMIT:
            around = lines[max(0, index - max(0, context_lines)) : index + max(0, context_lines) + 1]
            matches.append(Match(current, index + 1, line, "\n".join(around)))
    return Found(query, tuple(matches), count)
