"""``docs/compatibility.md``: the parts of ``docs/compatibility.d/`` on one page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.docs import markdown

PATH = "docs/compatibility.md"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "compatibility.d"

INTRO = """\
Where this product differs from Data Machine 0.102.8 on purpose, and why: security, loss of data, or a
bug that nobody can depend on. Everything else is meant to be the same; a difference that is not listed
here is a bug of ours. Each entry says what differs, then the reason."""


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "Compatibility", "docs/compatibility.d/*.md", INTRO, _body())


def names() -> list[str]:
    """What the page must have: every part's entries."""
    return [line for part in parts() for line in part.read_text(encoding="utf-8").splitlines() if line]


def parts() -> list[Path]:
    """The files, by name."""
    return sorted(FOLDER.glob("*.md"))


def _body() -> Iterator[str]:
    for part in parts():
        yield from ("", f"## {part.stem.replace('-', ' ').capitalize()}", "", part.read_text("utf-8").strip())
