"""Text of strangers on a terminal: what would steer it is shown, not done.

Titles of feeds and names that others gave stand in tables and messages. A terminal obeys escape sequences in
them: it clears its screen, rewrites lines above, types into the shell what it was asked to report. What goes
elsewhere than to a terminal keeps its bytes.
"""

from __future__ import annotations

import re

#: All controls but the tab and the line break, marks that turn the direction of text around, and single bytes
#: that are controls where they are no UTF-8.
_STEERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\udc80-\udc9f]|\r(?!\n)")


def visible(text: str) -> str:
    r"""The text with each of these characters as its number.

    >>> print(visible("a\x1b[2Jb\u202ec"))
    a\x1b[2Jb\u202ec
    """
    return _STEERS.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
