"""Numbers as PHP reads them from text."""

from __future__ import annotations


def leading_int(text: str) -> int:
    """PHP's ``(int)`` of a string: the number it begins with, else 0."""
    digits = ""
    for index, char in enumerate(text.lstrip(" \t\n\r\v\f")):
        if char.isascii() and (char.isdigit() or (index == 0 and char in "+-")):
            digits += char
        else:
            break
    return int(digits) if digits.strip("+-") else 0
