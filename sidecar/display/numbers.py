"""Numbers as PHP reads them from text."""

from __future__ import annotations

#: A sign and more digits than 64 bits hold.
MOST_DIGITS = 21


def leading_int(text: str) -> int:
    """PHP's ``(int)`` of a string: the number it begins with, else 0."""
    digits = ""
    for index, char in enumerate(text.lstrip(" \t\n\r\v\f")):
        if char.isascii() and (char.isdigit() or (index == 0 and char in "+-")):
            digits += char
        else:
            break
    if not digits.strip("+-"):
        return 0
    # PHP stops at the edge of 64 bits; Python refuses to read thousands of digits at all.
    number = int(digits[:MOST_DIGITS])
    return max(-(2**63), min(2**63 - 1, number))
