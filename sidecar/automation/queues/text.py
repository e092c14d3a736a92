"""Prompts as they are stored: text without markup, as WordPress cleans what a text area sends."""

from __future__ import annotations

import re

#: Elements whose content is no text either.
_CODE = re.compile(r"<(script|style)[^>]*?>.*?</\1>", re.IGNORECASE | re.DOTALL)
#: A tag, and no lone "less than".
_TAG = re.compile(r"<(?:/?[a-zA-Z][^>]*|!(?:--.*?--|[^>]*)|\?[^>]*)>", re.DOTALL)
#: Control characters that no text holds, and halves of characters.
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def prompt_text(given: str) -> str:
    """Tags and control characters taken out, line ends made equal, white space around it removed.

    Unlike WordPress's own function it keeps ``%20`` and its kind: addresses stand in prompts.
    """
    text = _BROKEN.sub("", given.replace("\r\n", "\n").replace("\r", "\n"))
    return _TAG.sub("", _CODE.sub("", text)).strip()
