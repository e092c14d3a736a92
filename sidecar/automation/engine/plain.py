"""Values of PHP as JSON columns hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.bridge.values import PhpDateTime, PhpObject, Reference, WPError


def plain(value: Any) -> Any:
    """A value without PHP's objects, as ``json_encode`` leaves them.

    A ``WP_Error`` becomes ``{errors: {code: [messages]}, error_data: {code: data}}``, a value object its
    properties, a moment ISO text; an object that stayed in PHP the empty one. Bytes are text, what is no
    UTF-8 in them is marked.
    """
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, WPError):
        return {
            "errors": {str(code): list(messages) for code, messages, _ in value.errors},
            "error_data": {str(code): plain(data[-1]) for code, _, data in value.errors if data},
        }
    if isinstance(value, PhpObject):
        return plain(value.properties)
    if isinstance(value, PhpDateTime):
        return value.iso
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return {} if isinstance(value, Reference) else value
