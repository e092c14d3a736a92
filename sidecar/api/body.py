"""The JSON body of a request, read as WordPress reads it."""

from __future__ import annotations

import re
from typing import Any

from sidecar.db import php_json
from sidecar.errors import InvalidInput

#: WordPress's own idea of a JSON media type.
_JSON = re.compile(
    r"(?:^|[\s,])application/(?:[\w!#$&-^.+]+\+)?json(?:\+oembed)?(?:$|[\s;,])", re.ASCII | re.I
)


def is_json(content_type: str | None) -> bool:
    """Whether a body of that content type is JSON."""
    return content_type is not None and _JSON.search(content_type) is not None


def decode(raw: str | bytes | None, content_type: str | None) -> Any:
    """The value of a JSON body; None for an empty one and for anything that is not declared as JSON.

    InvalidInput ``rest_invalid_json`` with data ``json_error_code`` and ``json_error_message``.
    """
    # PHP's empty(): the text "0" too.
    if not is_json(content_type) or raw in (None, "", b"", "0", b"0"):
        return None
    try:
        return php_json.loads(raw)
    except php_json.NotJson as error:
        number, words = _reason(error)
        raise InvalidInput(
            "Invalid JSON body passed.",
            code="rest_invalid_json",
            data={"json_error_code": number, "json_error_message": words},
        ) from error


def fields(raw: str | bytes | None, content_type: str | None) -> dict[str, Any]:
    """The object of a JSON body; empty for any other value and for forms."""
    value = decode(raw, content_type)
    return value if isinstance(value, dict) else {}


def _reason(error: php_json.NotJson) -> tuple[int, str]:
    """PHP's number and words for why a text is not JSON."""
    if isinstance(error.__cause__, UnicodeDecodeError):
        return 5, "Malformed UTF-8 characters, possibly incorrectly encoded"
    if isinstance(error.__cause__, ValueError):
        return 4, "Syntax error"
    # It is JSON, and beyond what PHP reads: nested too deep, or half a character.
    depth = isinstance(error.__cause__, RecursionError) or str(php_json.MAX_DEPTH) in error.message
    return (
        (1, "Maximum stack depth exceeded")
        if depth
        else (10, "Single unpaired UTF-16 surrogate in unicode escape")
    )
