"""Validation of declared arguments with WordPress's answers, for requests WordPress has not seen.

What WordPress validated passes unchanged: the rules are the same, from the same declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.api.route import Argument
from sidecar.errors import InvalidInput

_TRUE = {"true", "1"}
_FALSE = {"false", "0"}


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
        raw = given.get(name)
        if raw is None:
            if spec.default is not None:
                values[name] = spec.default
            continue
        try:
            values[name] = _value(name, spec, raw)
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
    if spec.type == "integer":
        return _integer(name, spec, raw)
    if spec.type == "boolean":
        word = str(raw).lower()
        if isinstance(raw, bool):
            return raw
        if word not in _TRUE | _FALSE:
            raise _wrong_type(name, "boolean")
        return word in _TRUE
    if not isinstance(raw, str):
        raise _wrong_type(name, "string")
    if spec.enum and raw not in spec.enum:
        raise _Refused("rest_not_in_enum", f"{name} is not {_one_of(spec.enum)}.")
    return raw


def _one_of(words: tuple[str, ...]) -> str:
    if len(words) == 1:
        return words[0]
    if len(words) == 2:
        return f"one of {words[0]} and {words[1]}"
    return f"one of {', '.join(words[:-1])}, and {words[-1]}"


def _integer(name: str, spec: Argument, raw: Any) -> int:
    if isinstance(raw, bool):
        raise _wrong_type(name, "integer")
    try:
        number = float(raw)
        if number != int(number):
            raise _wrong_type(name, "integer")
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, _Refused):
            raise
        raise _wrong_type(name, "integer") from None
    low, high = spec.minimum, spec.maximum
    if low is not None and high is not None and not low <= number <= high:
        raise _Refused(
            "rest_out_of_bounds", f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        )
    if low is not None and number < low:
        raise _Refused("rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
    if high is not None and number > high:
        raise _Refused("rest_out_of_bounds", f"{name} must be less than or equal to {high}")
    return int(number)


def _wrong_type(name: str, kind: str) -> _Refused:
    return _Refused("rest_invalid_type", f"{name} is not of type {kind}.", {"param": name})
