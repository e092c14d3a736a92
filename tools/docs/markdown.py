"""Pieces of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_LITERAL = re.compile(r"``([^`]*)``")
_ROLE = re.compile(r":\w+:`~?([^`]*)`")


def page(path: str, title: str, source: str, intro: str, body: Iterable[str]) -> tuple[str, str]:
    """A whole page; ``source`` says what to edit instead of it."""
    note = f"<!-- Generated from {source} by `make generate`. Do not edit. -->"
    return path, "\n".join([f"# {title}", "", note, "", intro.strip(), *body]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table after an empty line; cells may hold pipes and line ends."""
    yield ""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(cell(text) for text in row)} |"


def cell(text: str) -> str:
    """Text that stays inside its cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """An inline literal; nothing for an empty text."""
    return f"`{text}`" if str(text) else ""


def prose(docstring: str | None) -> str:
    """A docstring as Markdown: its literals and cross references as code."""
    text = "\n".join(line.strip() for line in (docstring or "").strip().splitlines())
    return _LITERAL.sub(r"`\1`", _ROLE.sub(r"`\1`", text))


def first_sentence(docstring: str | None) -> str:
    """Its summary line."""
    return prose(docstring).split("\n\n")[0].replace("\n", " ")
