"""PHP's ways of turning values into text that output must match: casts, numeric strings, CSV, pretty JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from sidecar.db import php_json

#: What PHP's ``trim`` removes.
PHP_SPACE = " \t\n\r\0\x0b"
_NUMERIC = re.compile(r"[ \t\n\r\v\f]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t\n\r\v\f]*")
#: Spreadsheets run what begins like this; WP-CLI puts an apostrophe before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = (",", '"', "\\", "\n", "\r", "\t", " ")


def to_string(value: Any) -> str:
    """PHP's ``(string)``; arrays do not reach this."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return _float(value)
    return str(value)


def _float(value: float) -> str:
    """A float cast to string: 14 significant digits, ``1.0E+25`` for large ones."""
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    text = f"{value:.14G}"
    if "E" in text:
        mantissa, _, exponent = text.partition("E")
        if "." not in mantissa:
            mantissa += ".0"
        return f"{mantissa}E{exponent[0]}{exponent[1:].lstrip('0')}"
    return text


def is_numeric(text: str) -> bool:
    """PHP 8's ``is_numeric`` of a string."""
    return _NUMERIC.fullmatch(text) is not None


def pretty(value: Any) -> str:
    """``JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES``: four spaces, unicode escaped, slashes not."""
    return php_json.dumps(value, slashes=False, pretty=True)


def csv_line(values: Iterable[Any]) -> str:
    """One line of ``fputcsv`` with WP-CLI's guard against spreadsheet formulas."""
    return ",".join(_csv_field(csv_text(value)) for value in values) + "\n"


def csv_text(value: Any) -> str:
    """A value as WP-CLI hands it to ``fputcsv``."""
    text = to_string(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv_field(text: str) -> str:
    """PHP quotes more than needed (a space is enough), and a quote after a backslash is not doubled."""
    if not any(mark in text for mark in _QUOTED):
        return text
    out = []
    escaped = False
    for char in text:
        if char == "\\":
            escaped = True
        elif not escaped and char == '"':
            out.append('"')
        else:
            escaped = False
        out.append(char)
    return '"' + "".join(out) + '"'
