"""Sizes for people."""

from __future__ import annotations

_UNITS = ("B", "KB", "MB", "GB", "TB")


def shown(size: int) -> str:
    """Bytes as WordPress's ``size_format()`` prints them, without decimals.

    >>> shown(1023), shown(1536)
    ('1023 B', '2 KB')
    """
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    # PHP rounds halves up, Python to the even number.
    return f"{int(value + 0.5)} {_UNITS[unit]}"
