"""What a new token may be limited to: never more than its maker has."""

from __future__ import annotations

from typing import Any

from sidecar.db import php_json
from sidecar.errors import Forbidden, InvalidInput
from sidecar.identity import ceiling
from sidecar.identity.ceiling import Stored
from sidecar.identity.principal import Principal
from sidecar.identity.values import Token

#: Characters of a capability's name, and bytes of the column.
LONGEST, COLUMN = 200, 65_535
#: Parts of a later version's object that are text.
_TEXTS = ("scope", "label")


def checked(wanted: Stored) -> Stored:
    """What a door was asked for, or InvalidInput ``invalid_capabilities``.

    Names of capabilities are any text: WordPress and its plugins have more than anybody knows. An object
    keeps the parts a later version writes.
    """
    if wanted is None:
        return None
    if isinstance(wanted, list):
        made: list[str] | dict[str, Any] = _names(wanted)
    elif isinstance(wanted, dict):
        made = {part: _text(wanted.get(part, "")) for part in _TEXTS}
        for part in (*ceiling.FILTERS, "capabilities"):
            made[part] = _names(wanted.get(part, []))
    else:
        raise _invalid("a list of names, or null for no limit")
    if len(php_json.dumps(made).encode()) > COLUMN:
        raise _invalid("shorter")
    return made


def limit(principal: Principal, own: Token | None, held: tuple[str, ...] | None, wanted: Stored) -> Stored:
    """What the new token's column holds.

    ``own`` is the token the principal acts through, ``held`` all that somebody holds who was only granted the
    agent; None where neither bounds. Nothing wanted is everything there is to give; Forbidden
    ``token_too_wide`` for more. Filters of abilities are handed on as they are.
    """
    if principal.ceiling is not None and own is None:
        raise Forbidden(
            "Work started by a limited token makes no tokens.",
            code="token_too_wide",
        )
    if own is not None and not own.ceiling.readable:
        raise Forbidden("The limit of the acting token cannot be read.", code="token_too_wide")
    given = _to_give(principal, own, held)
    filters = own.capabilities if own is not None and isinstance(own.capabilities, dict) else None
    if wanted is None:
        names = None if given is None else list(given)
    else:
        asked = wanted["capabilities"] if isinstance(wanted, dict) else wanted
        beyond = [] if given is None else [name for name in asked if name not in given]
        if beyond:
            raise Forbidden(
                f"This token cannot be given what its maker does not have: {', '.join(beyond[:10])}.",
                code="token_too_wide",
            )
        if isinstance(wanted, dict):
            if filters is not None:
                raise Forbidden("A token limited to abilities hands on its own.", code="token_too_wide")
            return wanted
        names = list(asked)
    return names if filters is None else ceiling.with_names(filters, names or [])


def _to_give(principal: Principal, own: Token | None, held: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Names that are in every list that bounds the maker, None without any such list."""
    lists = [
        bound
        for bound in (
            None if own is None else own.ceiling.names,
            held,
            None if principal.ceiling is None else tuple(sorted(principal.ceiling)),
        )
        if bound is not None
    ]
    if not lists:
        return None
    return tuple(name for name in lists[0] if all(name in other for other in lists[1:]))


def _names(items: Any) -> list[str]:
    if not isinstance(items, list):
        raise _invalid("lists of names")
    for item in items:
        if not isinstance(item, str) or not item or len(item) > LONGEST:
            raise _invalid(f"names of 1 to {LONGEST} characters")
    try:
        php_json.dumps(items)
    except php_json.NotJson:
        raise _invalid("text in UTF-8") from None
    return list(dict.fromkeys(items))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise _invalid(f"described by texts of at most {LONGEST} characters")
    try:
        php_json.dumps(value)
    except php_json.NotJson:
        raise _invalid("text in UTF-8") from None
    return value


def _invalid(what: str) -> InvalidInput:
    return InvalidInput(f"The capabilities of a token must be {what}.", code="invalid_capabilities")
