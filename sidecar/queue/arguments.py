"""The arguments of a doorbell, in the columns ``args`` and ``extended_args``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sidecar.db import php_json
from sidecar.errors import InvalidInput

#: What fits the indexed ``args`` column; longer JSON moves to ``extended_args`` and leaves its md5 behind.
INDEXED = 191
#: ``extended_args`` is varchar(8000): beyond it MySQL cuts or refuses. Payloads belong in a table of ours.
LONGEST = 8000

Arguments = Mapping[str, Any] | Sequence[Any]


class ArgumentsTooLong(InvalidInput):
    """The arguments do not fit Action Scheduler's column; carry an id instead of the payload."""

    code = "queue_arguments_too_long"


def encode(arguments: Arguments) -> str:
    """JSON as PHP's ``json_encode`` writes it: no spaces, slashes escaped, non-ASCII as ``\\uXXXX``."""
    return php_json.dumps(arguments if isinstance(arguments, Mapping) else list(arguments))


def columns(arguments: Arguments) -> tuple[str, str | None]:
    """``(args, extended_args)``; raises :class:`ArgumentsTooLong`."""
    text = encode(arguments)
    if len(text) <= INDEXED:
        return text, None
    if len(text) > LONGEST:
        raise ArgumentsTooLong(f"The arguments take {len(text)} characters; at most {LONGEST} fit the queue.")
    return hashlib.md5(text.encode()).hexdigest(), text


def decode(args: str | None, extended: str | None) -> dict[str, Any] | list[Any]:
    """The arguments of a row; InvalidInput when the row does not hold an array."""
    try:
        found = php_json.loads(extended or args or "[]")
    except InvalidInput as error:
        raise InvalidInput(f"The action's arguments are not JSON: {error}.") from error
    if not isinstance(found, dict | list):
        raise InvalidInput("The action's arguments are not an array.")
    return found


def positional(arguments: Arguments) -> list[Any]:
    """What the hook receives: the values alone, in order."""
    return list(arguments.values()) if isinstance(arguments, Mapping) else list(arguments)
