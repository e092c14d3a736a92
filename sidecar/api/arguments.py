"""Validation of declared arguments with WordPress's answers, for requests WordPress has not seen.

What WordPress validated passes unchanged: the rules are the same, from the same declaration.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from sidecar.api.route import Argument
from sidecar.db import php_json
from sidecar.errors import InvalidInput

_TRUE = frozenset({"true", "1"})
_WORDS = _TRUE | {"false", "0"}
_SPACE = " \t\n\r\v\f"
_NUMERIC = re.compile(rf"[{_SPACE}]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[{_SPACE}]*")
#: Beyond every 64-bit number, and still a float that Python turns into one.
_FAR = 1e19
#: Bytes of a form or query that are no UTF-8.
_BROKEN = re.compile("[\ud800-\udfff]")
_SEPARATORS = re.compile(r"[\s,]+", re.ASCII)


def parse(declared: Mapping[str, Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """The declared arguments with their types, defaults filled in; absent ones without default are left out.

    Raises InvalidInput with WordPress's codes: ``rest_missing_callback_param`` (data ``params``: names) and
    ``rest_invalid_param`` (data ``params``: message by name, ``details``: code, message and data by name).
    """
    missing = [name for name, spec in declared.items() if spec.required and given.get(name) is None]
    if missing:
        raise InvalidInput(
            f"Missing parameter(s): {', '.join(missing)}",
            code="rest_missing_callback_param",
            data={"params": missing},
        )
    values: dict[str, Any] = {}
    params: dict[str, str] = {}
    details: dict[str, Any] = {}
    for name, spec in declared.items():
        if name not in given:
            if spec.default is not None:
                values[name] = spec.default
            continue
        try:
            values[name] = _value(name, spec, given[name])
        except _Refused as refused:
            params[name] = refused.message
            details[name] = {"code": refused.code, "message": refused.message, "data": refused.data}
    if params:
        raise InvalidInput(
            f"Invalid parameter(s): {', '.join(params)}",
            code="rest_invalid_param",
            data={"params": params, "details": details},
        )
    return values


class _Refused(ValueError):
    def __init__(self, code: str, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


def _value(name: str, spec: Argument, raw: Any) -> Any:
    if raw is None and spec.nullable:
        return None
    try:
        value = _READERS[spec.type](name, spec, raw)
    except _Refused as refused:
        # Of an item of an array WordPress speaks by the item's own type.
        if spec.nullable and refused.data == {"param": name}:
            raise _wrong_type(name, f"{spec.type},null") from None
        raise
    if spec.enum and value not in spec.enum:
        raise _Refused("rest_not_in_enum", f"{name} is not {_one_of(spec.enum)}.")
    return value


def _string(name: str, spec: Argument, raw: Any) -> str:
    if not isinstance(raw, str) or _BROKEN.search(raw):
        raise _wrong_type(name, "string")
    return raw


def _boolean(name: str, spec: Argument, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _WORDS:
        return raw.lower() in _TRUE
    if isinstance(raw, int) and raw in (0, 1):
        return raw == 1
    raise _wrong_type(name, "boolean")


def _object(name: str, spec: Argument, raw: Any) -> dict[str, Any]:
    # An array is PHP's object too; the empty text is an empty one.
    if raw == "":
        return {}
    if isinstance(raw, list):
        return {str(index): value for index, value in enumerate(raw)}
    if not isinstance(raw, dict):
        raise _wrong_type(name, "object")
    return raw


def _array(name: str, spec: Argument, raw: Any) -> list[Any]:
    if isinstance(raw, dict):
        # PHP's lists are arrays whose keys are numbers.
        if not all(isinstance(php_json.normalize_key(key), int) for key in raw):
            raise _wrong_type(name, "array")
        found = list(raw.values())
    elif isinstance(raw, list):
        found = raw
    elif raw is None or isinstance(raw, bytes):
        raise _wrong_type(name, "array")
    else:
        # WordPress splits a single text at commas and white space.
        text = _text(raw)
        found = [word for word in _SEPARATORS.split(text) if word]
    if spec.items is not None:
        return [_value(f"{name}[{index}]", spec.items, value) for index, value in enumerate(found)]
    return found


def _text(raw: Any) -> str:
    """A scalar as PHP's text."""
    if isinstance(raw, bool):
        return "1" if raw else ""
    return f"{raw:.14G}" if isinstance(raw, float) else str(raw)


def _one_of(words: tuple[str, ...]) -> str:
    if len(words) == 1:
        return words[0]
    if len(words) == 2:
        return f"one of {words[0]} and {words[1]}"
    return f"one of {', '.join(words[:-1])}, and {words[-1]}"


def _integer(name: str, spec: Argument, raw: Any) -> int:
    number = _number(raw)
    if number is None:
        raise _wrong_type(name, "integer")
    _check_bounds(name, spec, number)
    if isinstance(number, float):
        if not math.isinf(number) and number != math.floor(number):
            raise _wrong_type(name, "integer")
        number = int(max(-_FAR, min(_FAR, number)))
    return max(php_json.INT_MIN, min(php_json.INT_MAX, number))


def _check_bounds(name: str, spec: Argument, number: float) -> None:
    low, high = spec.minimum, spec.maximum
    if low is not None and high is not None and not low <= number <= high:
        raise _Refused(
            "rest_out_of_bounds", f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        )
    if low is not None and number < low:
        raise _Refused("rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
    if high is not None and number > high:
        raise _Refused("rest_out_of_bounds", f"{name} must be less than or equal to {high}")


def _number(raw: Any) -> int | float | None:
    """A number as PHP reads one, None for anything else."""
    if isinstance(raw, str) and _NUMERIC.fullmatch(raw):
        # Digits alone are never turned into a float, and Python refuses to read thousands of them.
        digits = raw.strip(_SPACE)
        return int(digits) if digits.lstrip("+-").isdigit() and len(digits) < 40 else float(digits)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or math.isnan(raw):
        return None
    return raw


_READERS: Mapping[str, Callable[[str, Argument, Any], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "object": _object,
    "array": _array,
}


def _wrong_type(name: str, kind: str) -> _Refused:
    return _Refused("rest_invalid_type", f"{name} is not of type {kind}.", {"param": name})
