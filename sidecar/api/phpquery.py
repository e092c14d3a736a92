"""Query strings and forms as PHP's ``parse_str`` reads them, so that both doors see the same names."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from sidecar.db import php_json

#: PHP's ``max_input_vars`` and ``max_input_nesting_level``.
MAX_VARIABLES = 1000
MAX_NESTING = 64
#: What no name of a PHP variable holds.
_REPLACED = str.maketrans(" .[", "___")


def parse(text: str | bytes) -> dict[str, Any]:
    """``a=1&b[]=2&c[d]=3`` as ``{"a": "1", "b": {"0": "2"}, "c": {"d": "3"}}``.

    Later values of a name replace earlier ones, dots and spaces in a name become ``_``, text that is no UTF-8
    keeps its broken bytes as surrogates. Lists are mappings with numbers as keys, in order.
    """
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    values: dict[str, Any] = {}
    for pair in raw.split(b"&")[:MAX_VARIABLES]:
        name, _, value = pair.partition(b"=")
        path = _path(_decode(name))
        if path:
            _put(values, path, _decode(value))
    return values


def _decode(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "surrogateescape")


def _path(name: str) -> list[str]:
    """The keys of ``a[b][]``: ``["a", "b", ""]``; empty when PHP ignores the variable."""
    name = name.lstrip(" ").partition("\0")[0]
    head, bracket, rest = name.partition("[")
    if not head:
        return []
    if bracket and "]" not in rest:
        # A bracket that is never closed is part of the name.
        return [name.translate(_REPLACED)]
    keys = [head.translate(_REPLACED)]
    while bracket and "]" in rest:
        key, _, rest = rest.partition("]")
        # One space between brackets is as none; two are a key.
        keys.append("" if len(key) <= 1 and not key.strip(" \t\r\n\v\f") else key)
        if not rest.startswith("["):
            break
        rest = rest[1:]
    return keys if len(keys) <= MAX_NESTING else []


def _put(values: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        key = part or _next(values)
        inner = values.get(key)
        if not isinstance(inner, dict):
            inner = values[key] = {}
        values = inner
    values[path[-1] or _next(values)] = value


def _next(values: dict[str, Any]) -> str:
    numbers = [key for key in map(php_json.normalize_key, values) if isinstance(key, int)]
    return str(max(numbers, default=-1) + 1)
