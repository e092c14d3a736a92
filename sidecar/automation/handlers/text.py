"""Markup in texts that strangers wrote."""

from __future__ import annotations

from collections.abc import Iterator


def strip_tags(text: str) -> str:
    """Text without comments and tags; an opening without an end is text.

    By hand, because the text is a stranger's: a pattern takes the square of its length where nothing closes.
    """
    return "".join(_outside_tags(text)).strip()


def _outside_tags(text: str) -> Iterator[str]:
    done = 0
    comments_end = True
    start = text.find("<")
    while start >= 0:
        end = -1
        if comments_end and text.startswith("<!--", start):
            end = text.find("-->", start + 4)
            comments_end = end >= 0
            end += 3 if end >= 0 else 0
        if end < 0 and _opens(text, start):
            end = text.find(">", start + 2) + 1
            if end == 0:
                break
        if end > 0:
            yield text[done:start]
            done = end
        start = text.find("<", max(end, start + 1))
    yield text[done:]


def _opens(text: str, start: int) -> bool:
    name = start + 2 if text.startswith("/", start + 1) else start + 1
    letter = text[name : name + 1]
    return letter in ("!", "?") or (letter.isascii() and letter.isalpha())
