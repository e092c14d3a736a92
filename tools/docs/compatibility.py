"""``docs/compatibility.md``: the parts of ``docs/compatibility.d/`` on one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.docs import markdown

PATH = "docs/compatibility.md"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "compatibility.d"

INTRO = """\
Where this product differs from Data Machine 0.102.8 on purpose, and why: security, loss of data, or a bug
that nobody can depend on; and what does not exist yet. Everything else is meant to be the same; a
difference that is not listed here is a bug of ours."""

#: Parts in the order of the page; one that is not named here comes last.
TITLES = {
    "hooks": "Hooks and Python plugins",
    "identity": "Agents",
    "tokens": "Tokens",
    "memory": "Memory",
    "engine": "Pipelines, flows and jobs",
    "queue": "The queue",
    "host": "Work outside a page request",
    "doors": "Commands and HTTP",
    "database": "The database",
}
_HEADING = re.compile(r"\A#+ .*\n+")


def page() -> tuple[str, str]:
    """Path and text."""
    return markdown.page(PATH, "Compatibility", "docs/compatibility.d/*.md", INTRO, _body())


def names() -> list[str]:
    """What the page must have: every line of every part."""
    return [line for part in parts() for line in _text(part).splitlines() if line]


def parts() -> list[Path]:
    """The files, in the order of the page."""
    order = list(TITLES)
    return sorted(
        FOLDER.glob("*.md"),
        key=lambda part: (order.index(part.stem) if part.stem in order else len(order), part.stem),
    )


def _body() -> Iterator[str]:
    for part in parts():
        title = TITLES.get(part.stem, part.stem.replace("-", " ").capitalize())
        yield from ("", f"## {title}", "", _text(part))


def _text(part: Path) -> str:
    """A part without a heading of its own; both bullets of Markdown look the same afterwards."""
    text = _HEADING.sub("", part.read_text(encoding="utf-8").lstrip()).strip()
    return re.sub(r"^- ", "* ", text, flags=re.MULTILINE)
