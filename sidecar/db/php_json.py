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
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from sidecar.errors import InvalidInput

__all__ = ["NotJson", "Object", "dumps", "dumps_unicode", "format_float", "loads", "normalize_key"]

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
#: Levels of nesting that PHP encodes by default; it decodes one less.
MAX_DEPTH = 512
#: Levels that everyday values have at most.
SHALLOW = 32

_INTEGER_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPECIAL = re.compile("[\x7f\ud800-\udfff]")
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
#: Much faster, and as PHP writes it but for the slashes, where :func:`_plain` says so.
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)
_Quote = Callable[[str], str]
_Items = Iterator[tuple[str, Any]]


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
    if not (unicode or pretty) and _plain(value):
        text = _ENCODER.encode(value)
        # Slashes are in strings only.
        return text.replace("/", "\\/") if slashes else text
    return _encode(value, _quoter(unicode, slashes), pretty)


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


def _plain(value: Any) -> bool:
    """Whether Python's and PHP's JSON of a value are the same: everyday answers of a route.

    Not so: floats, integers beyond 64 bits, DEL, half a character, arrays that are empty or may be lists,
    deep nesting, and every type of our own.
    """
    level = [value]
    for _ in range(SHALLOW):
        inner: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str:
                if not (item.isascii() and "\x7f" not in item) and _SPECIAL.search(item):
                    return False
            elif kind is dict:
                if not item or not _names(tuple(item)):
                    return False
                inner.extend(item.values())
            elif kind is list or kind is tuple:
                inner.extend(item)
            elif kind is int:
                if not INT_MIN <= item <= INT_MAX:
                    return False
            elif item is not None and kind is not bool:
                return False
        if not inner:
            return True
        level = inner
    return False


@lru_cache(maxsize=256)
def _names(keys: tuple[Any, ...]) -> bool:
    """Whether all of them are names: none begins with a digit or a sign, as the keys of a list do."""
    return all(isinstance(key, str) and key.isidentifier() for key in keys)


def _encode(value: Any, quote: _Quote, pretty: bool) -> str:
    """Without recursion: PHP's 512 levels are more than half of Python's stack."""
    out: list[str] = []
    emit = out.append
    colon = ": " if pretty else ":"
    pending: _Items = iter([("", value)])
    outer: list[tuple[_Items, str]] = []
    first = True
    while True:
        for key, item in pending:
            if not first:
                emit(",")
            first = False
            if outer and pretty:
                emit("\n" + "    " * len(outer))
            emit(key)
            scalar = _scalar(item, quote)
            if scalar is not None:
                emit(scalar)
                continue
            brackets, items = _block(item, quote, colon)
            if len(outer) >= MAX_DEPTH:
                raise NotJson(f"More than {MAX_DEPTH} levels of nesting.")
            if not items:
                emit(brackets)
                continue
            emit(brackets[0])
            outer.append((pending, brackets[1]))
            pending = iter(items)
            first = True
            break
        else:
            if not outer:
                return "".join(out)
            pending, closing = outer.pop()
            emit("\n" + "    " * len(outer) + closing if pretty else closing)
            first = False


def _scalar(value: Any, quote: _Quote) -> str | None:
    """A value without parts as JSON; None for one with parts."""
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value) if INT_MIN <= value <= INT_MAX else _number(float(value))
    if isinstance(value, float):
        return _number(value)
    return None


def _block(value: Any, quote: _Quote, colon: str) -> tuple[str, list[tuple[str, Any]]]:
    """The brackets of an array or object, and its items with their keys as JSON."""
    if isinstance(value, list | tuple):
        return "[]", [("", item) for item in value]
    if not isinstance(value, Mapping):
        raise NotJson(f"A value of type {type(value).__name__} cannot be written as JSON.")
    items = _array_items(value)
    if not isinstance(value, Object) and all(key == at for at, key in enumerate(items)):
        return "[]", [("", item) for item in items.values()]
    return "{}", [(quote(str(key)) + colon, item) for key, item in items.items()]


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
        quoted = f'"{text.translate(_UNICODE_ESCAPES)}"' if unicode else _quote_ascii(text)
        return quoted.replace("/", "\\/") if slashes else quoted

    return quote


def _quote_ascii(text: str) -> str:
    if "\x7f" not in text:
        return encode_basestring_ascii(text)
    # Python escapes DEL, PHP does not.
    return '"' + "\x7f".join(encode_basestring_ascii(part)[1:-1] for part in text.split("\x7f")) + '"'


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
