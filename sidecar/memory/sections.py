"""Sections of a Markdown file: a line ``## Name`` begins one, and it ends where the next begins.

The text around a section is kept byte for byte. Where Data Machine loses text we keep it: a heading ends with
its own line, so an empty section swallows nothing; headings inside code fences and inside the lines
``<!-- datamachine-section-body -->`` ... ``<!-- /datamachine-section-body -->`` are text. Content that would
change where other sections begin (it holds headings, or half a code fence) is written between those lines and
read without them. Which lines count as headings: :mod:`sidecar.memory.headings`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sidecar.memory.headings import CLOSE, MARKER, OPEN, SPACE, Heading, headings

_BLANK_LINES = re.compile(r"\A(?:[ \t\r]*\n)+")
_WRAPPED = re.compile(rf"\A{OPEN}[ \t\r]*\n(?:(.*)\n)?{CLOSE}[ \t\r]*\Z", re.DOTALL)
_ESCAPED = re.compile(r"^(<!-- \\*)\\(/?datamachine-section-body -->[ \t\r]*)$", re.MULTILINE)
_TO_ESCAPE = re.compile(r"^(<!-- )(\\*/?datamachine-section-body -->[ \t\r]*)$", re.MULTILINE)


class Section(NamedTuple):
    """One section: its heading's line and all up to the next heading, both as they stand in the file."""

    name: str
    header: str
    body: str


class Document(NamedTuple):
    """A file taken apart; nothing of it is missing."""

    preamble: str
    sections: tuple[Section, ...]


def parse(text: str) -> Document:
    """A file's sections; :func:`render` is the way back."""
    found = headings(text)
    if not found:
        return Document(text, ())
    ends = [each.start for each in found[1:]] + [len(text)]
    return Document(
        text[: found[0].start],
        tuple(
            Section(each.name, text[each.start : each.end], text[each.end : end])
            for each, end in zip(found, ends, strict=True)
        ),
    )


def render(document: Document) -> str:
    """The file a document was taken from."""
    return document.preamble + "".join(each.header + each.body for each in document.sections)


def names(text: str) -> list[str]:
    """Headings in order."""
    return [each.name for each in headings(text)]


def heading(name: str) -> str:
    """A section's name as its heading holds it; '' for what no heading can hold."""
    name = name.strip(SPACE)
    return "" if "\n" in name or "\r" in name else name


def newline(text: str) -> str:
    """How the file ends its lines: as its first one does."""
    end = text.find("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def get(text: str, name: str) -> str | None:
    """A section's content without surrounding space; None when there is none of exactly that name."""
    found = _Place.find(text, name)
    return None if found is None else _unwrapped(text[found.start : found.end].strip(SPACE)).strip(SPACE)


def put(text: str, name: str, content: str) -> str:
    """The text with a section's content replaced, or the section added at the end."""
    found = _Place.find(text, name)
    return _added(text, name, content) if found is None else found.filled(text, content, blank=0)


def append(text: str, name: str, content: str) -> str:
    """The text with ``content`` on a new line below a section's content, or the section added at the end."""
    found = _Place.find(text, name)
    if found is None:
        return _added(text, name, content)
    # The first line keeps its indentation: without it an indented "## x" would become a section.
    body = _BLANK_LINES.sub("", text[found.start : found.end]).rstrip(SPACE)
    body = _unwrapped(body).rstrip(SPACE)
    return found.filled(text, f"{body}{found.newline}{content}", blank=1)


def delete(text: str, name: str) -> str | None:
    """The text without a section and its heading; None when there is none of that name.

    One blank line is left where it stood, one line end where it was the last; nothing else is touched.
    """
    found = _Place.find(text, name)
    if found is None:
        return None
    before = text[: found.heading.start].rstrip("\r\n")
    if found.last:
        return before + found.newline if before else ""
    after = text[found.next :]
    gap = found.newline * 2 if before else ""
    expected = found.without(len(before) + len(gap) - found.next)
    if headings(before + gap + after) == expected:
        return before + gap + after
    # What the section kept apart would run together, half a code fence in front and half behind: an empty
    # body keeps it apart.
    return f"{before}{found.newline}{OPEN}{found.newline}{CLOSE}{found.newline}{after}"


class _Place(NamedTuple):
    """Where one section of a text stands."""

    all: tuple[Heading, ...]
    number: int
    #: Of the content, without the newline in front of the next heading.
    start: int
    end: int
    #: Where the next heading begins, else the end of the text.
    next: int
    newline: str

    @classmethod
    def find(cls, text: str, name: str) -> _Place | None:
        found = headings(text)
        number = next((number for number, each in enumerate(found) if each.name == name), None)
        if number is None:
            return None
        own = found[number]
        header = text[own.start : own.end]
        ending = newline(header if header.endswith("\n") else text)
        last = number + 1 == len(found)
        following = len(text) if last else found[number + 1].start
        end = following
        if not last and following > own.end:
            end -= 2 if text.endswith("\r\n", own.end, following) else 1
        return cls(tuple(found), number, own.end, end, following, ending)

    @property
    def heading(self) -> Heading:
        return self.all[self.number]

    @property
    def last(self) -> bool:
        return self.number + 1 == len(self.all)

    def filled(self, text: str, content: str, *, blank: int) -> str:
        """The text with that content and as many blank lines more than needed below it."""
        before = text[: self.start]
        if not before.endswith("\n"):
            before += self.newline
        if self.last:
            after = self.newline * (1 + blank)
        else:
            separator = text[self.end : self.next] or self.newline
            after = self.newline * (1 + blank) + separator + text[self.next :]
        plain = before + content + after
        if _reads_as_given(content) and headings(plain) == self.expected(len(plain) - len(text), len(before)):
            return plain
        return before + _wrapped(content, self.newline) + after

    def expected(self, shift: int, body: int) -> list[Heading]:
        """The headings there must be after a change that moves what follows."""
        own = Heading(self.heading.start, body, self.heading.name)
        return [*self.all[: self.number], own, *(each.moved(shift) for each in self.all[self.number + 1 :])]

    def without(self, shift: int) -> list[Heading]:
        """The headings there must be without this section."""
        return [*self.all[: self.number], *(each.moved(shift) for each in self.all[self.number + 1 :])]


def _added(text: str, name: str, content: str) -> str:
    ending = newline(text)
    header = f"## {name}{ending}"
    before = f"{text}{ending}"
    known = headings(before)
    expected = [*known, Heading(len(before), len(before) + len(header), name)]
    plain = f"{before}{header}{content}{ending}"
    if _reads_as_given(content) and headings(plain) == expected:
        return plain
    return f"{before}{header}{_wrapped(content, ending)}{ending}"


def _reads_as_given(content: str) -> bool:
    """Whether content without marker lines around it is not taken for one that has them."""
    content = content.strip(SPACE)
    return _unwrapped(content) == content


def _wrapped(content: str, ending: str) -> str:
    escaped = _TO_ESCAPE.sub(r"\1\\\2", content)
    return f"{OPEN}{ending}{escaped}{ending}{CLOSE}"


def _unwrapped(body: str) -> str:
    """What stands between the marker lines, when all of the body does."""
    match = _WRAPPED.match(body)
    if match is None:
        return body
    inner = match[1] or ""
    return body if MARKER.search(inner) else _ESCAPED.sub(r"\1\2", inner)
