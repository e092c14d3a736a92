"""JSON exactly as PHP's ``json_encode`` prints it.

Rows are matched with ``LIKE``, compared as text and read by PHP, so a column must hold the bytes that
``wp_json_encode`` would have written. Python values stand for PHP values like this:

* ``dict`` is a PHP array: integer-like string keys are integers, keys 0..n-1 in order make a list, an empty
  one is ``[]``. Wrap it in :class:`Object` for a PHP object (always ``{...}``).
* ``list`` and ``tuple`` are PHP lists.
* an ``int`` beyond 64 bits is a float, as it is in PHP.
* ``1.0`` is printed ``1``; infinite and NaN floats, bytes and unpaired surrogates have no JSON: refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any

from sidecar.errors import InvalidInput

__all__ = ["NotJson", "Object", "dumps", "dumps_unicode", "format_float", "loads", "normalize_key"]

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
#: Levels of nesting that PHP encodes by default; it decodes one less.
MAX_DEPTH = 512

_INTEGER_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNICODE_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x20)} | {
    0x08: "\\b",
    0x09: "\\t",
    0x0A: "\\n",
    0x0C: "\\f",
    0x0D: "\\r",
    0x22: '\\"',
    0x5C: "\\\\",
    # PHP keeps these escaped even with JSON_UNESCAPED_UNICODE: they ended a line in old JavaScript.
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
_Quote = Callable[[str], str]
_Emit = Callable[[str], None]


class NotJson(InvalidInput):
    """The value or text has no JSON meaning for PHP."""

    code = "not_json"


class Object(dict[str, Any]):
    """A PHP object: encoded with braces even when it is empty or its keys count up from 0."""


def dumps(value: Any, *, unicode: bool = False, slashes: bool = True, pretty: bool = False) -> str:
    """``json_encode( $value )``.

    ``unicode`` is JSON_UNESCAPED_UNICODE, ``slashes=False`` JSON_UNESCAPED_SLASHES, ``pretty``
    JSON_PRETTY_PRINT. Raises :class:`NotJson` for what PHP refuses.
    """
    out: list[str] = []
    _write(value, quote=_quoter(unicode, slashes), pretty=pretty, depth=0, emit=out.append)
    return "".join(out)


def dumps_unicode(value: Any) -> str:
    """Characters unescaped, slashes escaped: how a job's ``data.json`` is written."""
    return dumps(value, unicode=True)


def loads(text: str | bytes) -> Any:
    """``json_decode( $text, true )``: objects become dicts; :class:`NotJson` where PHP answers null."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_parse_int)
    except (ValueError, RecursionError) as error:
        raise NotJson("The text is not JSON.") from error
    # A raw lone surrogate cannot be in UTF-8 bytes; an escaped one is what PHP refuses.
    if "\\ud" in text or "\\uD" in text or _SURROGATE.search(text):
        _refuse_surrogates(value)
    if text.count("[") + text.count("{") >= MAX_DEPTH and _depth(value) >= MAX_DEPTH:
        raise NotJson(f"{MAX_DEPTH} or more levels of nesting.")
    return value


def normalize_key(key: Any) -> int | str:
    """The key PHP's array uses for ``key``: an integer for integer-like strings."""
    if isinstance(key, str):
        if _INTEGER_KEY.match(key):
            number = int(key)
            return number if INT_MIN <= number <= INT_MAX else key
        return key
    if isinstance(key, int):
        return int(key)
    raise NotJson(f"A key of type {type(key).__name__} cannot be a PHP array key.")


def format_float(value: float) -> str:
    """A float as PHP prints it: shortest digits that read back equal, with an exponent from 1.0e+17 on."""
    if value == 0:
        return "-0" if str(value).startswith("-") else "0"
    mantissa, _, exponent = f"{value!r}".replace("-", "", 1 if value < 0 else 0).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    sign = "-" if value < 0 else ""
    if point < -3 or point > 17:
        power = point - 1
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'-' if power < 0 else '+'}{abs(power)}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _write(value: Any, *, quote: _Quote, pretty: bool, depth: int, emit: _Emit) -> None:
    if isinstance(value, str):
        emit(quote(value))
    elif value is None:
        emit("null")
    elif value is True:
        emit("true")
    elif value is False:
        emit("false")
    elif isinstance(value, int):
        emit(int.__repr__(value) if INT_MIN <= value <= INT_MAX else _number(float(value)))
    elif isinstance(value, float):
        emit(_number(value))
    elif isinstance(value, Mapping):
        items = _array_items(value)
        if not isinstance(value, Object) and all(key == at for at, key in enumerate(items)):
            _write_block(
                "[]",
                [("", item) for item in items.values()],
                quote=quote,
                pretty=pretty,
                depth=depth,
                emit=emit,
            )
        else:
            named = [(quote(str(key)), item) for key, item in items.items()]
            _write_block("{}", named, quote=quote, pretty=pretty, depth=depth, emit=emit)
    elif isinstance(value, list | tuple):
        _write_block("[]", [("", item) for item in value], quote=quote, pretty=pretty, depth=depth, emit=emit)
    else:
        raise NotJson(f"A value of type {type(value).__name__} cannot be written as JSON.")


def _write_block(
    brackets: str, items: list[tuple[str, Any]], *, quote: _Quote, pretty: bool, depth: int, emit: _Emit
) -> None:
    if depth >= MAX_DEPTH:
        raise NotJson(f"More than {MAX_DEPTH} levels of nesting.")
    if not items:
        emit(brackets)
        return
    newline = "\n" + "    " * (depth + 1) if pretty else ""
    emit(brackets[0])
    for at, (key, item) in enumerate(items):
        if at:
            emit(",")
        emit(newline)
        if key:
            emit(key + (": " if pretty else ":"))
        _write(item, quote=quote, pretty=pretty, depth=depth + 1, emit=emit)
    if pretty:
        emit("\n" + "    " * depth)
    emit(brackets[1])


def _array_items(value: Mapping[Any, Any]) -> dict[int | str, Any]:
    return {normalize_key(key): item for key, item in value.items()}


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise NotJson("Inf and NaN cannot be written as JSON.")
    return format_float(value)


def _quoter(unicode: bool, slashes: bool) -> _Quote:
    def quote(text: str) -> str:
        if _SURROGATE.search(text):
            raise NotJson("An unpaired surrogate cannot be written as JSON.")
        quoted = f'"{text.translate(_UNICODE_ESCAPES)}"' if unicode else encode_basestring_ascii(text)
        return quoted.replace("/", "\\/") if slashes else quoted

    return quote


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _parse_int(digits: str) -> int | float:
    number = int(digits) if len(digits) < 400 else float(digits)
    return number if INT_MIN <= number <= INT_MAX else float(digits)


def _refuse_surrogates(value: Any) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if _SURROGATE.search(item):
                raise NotJson("The text holds an unpaired surrogate.")
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _depth(value: Any) -> int:
    deepest = 0
    stack = [(value, 1)]
    while stack:
        item, level = stack.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, level)
            stack.extend((child, level + 1) for child in (item.values() if isinstance(item, dict) else item))
    return deepest
