"""Sections of a Markdown file: every line ``## Name`` begins one.

The text around a section is kept byte for byte, as Data Machine keeps it. One difference: the header ends
with its own line, so that an empty section no longer swallows the one after it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_HEADER = re.compile(r"^## (.+)$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\A(?:[ \t\r]*\n)+")
#: What PHP's trim() removes.
_SPACE = " \t\n\r\0\x0b"


class _Found(NamedTuple):
    body_start: int
    body_end: int


def names(text: str) -> list[str]:
    """Headings in order, also those inside code fences."""
    return [match.group(1).strip(_SPACE) for match in _HEADER.finditer(text)]


def get(text: str, name: str) -> str | None:
    """A section's content without surrounding space; None when there is none of exactly that name."""
    found = _find(text, name)
    return None if found is None else text[found.body_start : found.body_end].strip(_SPACE)


def put(text: str, name: str, content: str) -> str:
    """The text with a section's content replaced, or the section added at the end."""
    found = _find(text, name)
    if found is None:
        return _added(text, name, content)
    return f"{_before(text, found)}{content}\n{text[found.body_end :]}"


def append(text: str, name: str, content: str) -> str:
    """The text with ``content`` on a new line below a section's content, or the section added at the end."""
    found = _find(text, name)
    if found is None:
        return _added(text, name, content)
    # The first line keeps its indentation: without it an indented "## x" would become a section.
    body = _BLANK_LINES.sub("", text[found.body_start : found.body_end]).rstrip(_SPACE)
    return f"{_before(text, found)}{body}\n{content}\n\n{text[found.body_end :]}"


def _find(text: str, name: str) -> _Found | None:
    headers = list(_HEADER.finditer(text))
    for index, match in enumerate(headers):
        if match.group(1).strip(_SPACE) == name:
            # The newline in front of the next header belongs to neither section.
            end = headers[index + 1].start() - 1 if index + 1 < len(headers) else len(text)
            return _Found(min(match.end() + 1, len(text)), end)
    return None


def _before(text: str, found: _Found) -> str:
    head = text[: found.body_start]
    return head if head.endswith("\n") else head + "\n"


def _added(text: str, name: str, content: str) -> str:
    return f"{text}\n## {name}\n{content}\n"
