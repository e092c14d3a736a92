"""Prompts as they are stored: text without markup, as WordPress cleans what a text area sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sidecar.automation.handlers.text import strip_tags

#: Elements whose content is no text either.
_CODE = re.compile(r"<(script|style)", re.IGNORECASE | re.ASCII)
_CODE_ENDS = {name: re.compile(f"</{name}>", re.IGNORECASE | re.ASCII) for name in ("script", "style")}
#: Control characters that no text holds, and halves of characters.
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def prompt_text(given: str) -> str:
    """Tags and control characters taken out, line ends made equal, white space around it removed.

    Unlike WordPress's own function it keeps ``%20`` and its kind: addresses stand in prompts.
    """
    text = _BROKEN.sub("", given.replace("\r\n", "\n").replace("\r", "\n"))
    return strip_tags("".join(_outside_code(text)))


def _outside_code(text: str) -> Iterator[str]:
    """By hand, as tags are: one pattern takes the square of a text's length where nothing closes."""
    done = at = end = 0
    endless = set[str]()
    while opening := _CODE.search(text, at):
        at, name = opening.end(), opening[1].lower()
        if end < at and (end := text.find(">", at)) < 0:
            break
        closing = None if name in endless else _CODE_ENDS[name].search(text, end + 1)
        if closing is None:
            endless.add(name)
            continue
        yield text[done : opening.start()]
        done = at = closing.end()
    yield text[done:]
