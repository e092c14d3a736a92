"""PHP's ``serialize`` format, as WordPress keeps options, meta and transients.

PHP arrays become dicts, or lists when their keys are 0..n-1 in order; objects are refused unless the caller
reads them on purpose, because nothing of ours stores one. Text is UTF-8; bytes that are not survive as
surrogate escapes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import phpserialize

from sidecar.db import php_json
from sidecar.errors import InvalidInput

__all__ = ["NotSerialized", "dumps", "loads", "maybe_dumps", "maybe_loads"]

_SHAPE = re.compile(r"(?:N;\Z|b:[01];\Z|i:-?\d+;\Z|d:[0-9.E+\-INFA]+;\Z|[aOCE]:\d+:|s:\d+:\")", re.DOTALL)


class NotSerialized(InvalidInput):
    """The text is not what PHP's ``serialize`` writes, or holds something we do not read."""

    code = "not_serialized"


def loads(raw: str | bytes, *, object_hook: Callable[[str, dict[Any, Any]], Any] | None = None) -> Any:
    """``unserialize( $raw )``.

    ``object_hook(class_name, properties)`` builds objects; without it they raise :class:`NotSerialized`.
    """
    data = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
    try:
        value = phpserialize.loads(
            data,
            charset="utf-8",
            errors="surrogateescape",
            decode_strings=True,
            object_hook=object_hook or _refuse_object,
        )
    except NotSerialized:
        raise
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise NotSerialized("The text is not serialized PHP data.") from error
    return _plain(value)


def dumps(value: Any) -> str:
    """``serialize( $value )``; dictionaries and lists are arrays, lengths are counted in UTF-8 bytes."""
    out: list[str] = []
    _write(value, out.append)
    return "".join(out)


def maybe_loads(raw: str | None) -> Any:
    """WordPress's ``maybe_unserialize``: text that is not serialized data is returned as it is."""
    if raw is None:
        return None
    text = raw.strip()
    if not is_serialized(text):
        return raw
    try:
        return loads(text)
    except NotSerialized:
        # unserialize() answers false for damaged data, and so does get_option().
        return False


def maybe_dumps(value: Any) -> str:
    """WordPress's ``maybe_serialize`` as a column stores it: scalars as text, arrays serialized."""
    if isinstance(value, dict | list | tuple):
        return dumps(value)
    if isinstance(value, str):
        # Text that looks serialized is serialized again, so that reading gives the text back.
        return dumps(value) if is_serialized(value.strip()) else value
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return php_json.format_float(value).replace("e", "E")
    return str(value)


def is_serialized(text: str) -> bool:
    """Whether WordPress takes trimmed ``text`` for serialized data."""
    if len(text) < 2 or not _SHAPE.match(text):
        return False
    return text[-1] in ";}"


def _refuse_object(name: Any, _properties: Any) -> Any:
    raise NotSerialized(f"Serialized object of class {name} where plain data was expected.")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        items = {key: _plain(item) for key, item in value.items()}
        if all(key == at and isinstance(key, int) for at, key in enumerate(items)):
            return list(items.values())
        return items
    return value


def _write(value: Any, emit: Callable[[str], None]) -> None:
    if value is None:
        emit("N;")
    elif isinstance(value, bool):
        emit(f"b:{int(value)};")
    elif isinstance(value, int) and php_json.INT_MIN <= value <= php_json.INT_MAX:
        emit(f"i:{int(value)};")
    elif isinstance(value, int | float):
        emit(f"d:{_number(float(value))};")
    elif isinstance(value, str):
        emit(f's:{len(value.encode("utf-8", "surrogateescape"))}:"{value}";')
    elif isinstance(value, Mapping):
        items = {php_json.normalize_key(key): item for key, item in value.items()}
        emit(f"a:{len(items)}:{{")
        for key, item in items.items():
            _write(key, emit)
            _write(item, emit)
        emit("}")
    elif isinstance(value, list | tuple):
        emit(f"a:{len(value)}:{{")
        for at, item in enumerate(value):
            emit(f"i:{at};")
            _write(item, emit)
        emit("}")
    else:
        raise NotSerialized(f"A value of type {type(value).__name__} has no serialized form.")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return php_json.format_float(value).replace("e", "E")
