"""What a token is limited to: the column ``capabilities``, as both languages read it.

NULL is no limit, a JSON list the names of capabilities that are left. Later versions of Data Machine write
an object: ``{scope, label, ability_categories, ability_allow, ability_deny, capabilities}``. Whatever else
stands there leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sidecar.db import php_json

#: The product's own abilities; filters of a token say nothing of other plugins' ones.
NAMESPACE = "datamachine/"
#: Parts of a later version's object that hold names.
CATEGORIES, ALLOW, DENY = "ability_categories", "ability_allow", "ability_deny"
FILTERS = (CATEGORIES, ALLOW, DENY)

Stored = list[Any] | dict[str, Any] | None


class Ceiling(msgspec.Struct, frozen=True):
    """One token's limit. Without anything: no limit."""

    #: Names of capabilities that are left, in the order they were written; None for no limit.
    names: tuple[str, ...] | None = None
    categories: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    deny: frozenset[str] = frozenset()
    #: Whether only named abilities, or those of named categories, are left.
    selects: bool = False
    #: Whether the column could be understood; otherwise nothing is left, no ability either.
    readable: bool = True

    @property
    def capabilities(self) -> frozenset[str] | None:
        """What :class:`sidecar.identity.Principal` carries."""
        return None if self.names is None else frozenset(self.names)

    def allows(self, ability: str, category: str) -> bool:
        """Whether an ability is left: denied, then allowed by name, then by category."""
        if not ability.startswith(NAMESPACE):
            return True
        if not self.readable:
            return False
        called = {ability, ability.removeprefix(NAMESPACE)}
        if called & self.deny:
            return False
        return not self.selects or bool(called & self.allow) or category in self.categories


NOTHING = Ceiling(names=(), selects=True, readable=False)


def read(column: str | None) -> Ceiling:
    """The limit in a column."""
    if column is None:
        return Ceiling()
    try:
        value = php_json.loads(column)
    except php_json.NotJson:
        return NOTHING
    return of(value) if isinstance(value, list | dict) else NOTHING


def of(stored: Stored) -> Ceiling:
    """The limit in a decoded column."""
    if stored is None:
        return Ceiling()
    if isinstance(stored, list):
        return Ceiling(names=names(stored))
    filters = {part: stored.get(part, []) for part in FILTERS}
    readable = all(isinstance(value, list) for value in filters.values())
    found = stored.get("capabilities")
    return Ceiling(
        names=names(found) if isinstance(found, list) else (),
        categories=frozenset(names(filters[CATEGORIES])) if readable else frozenset(),
        allow=frozenset(names(filters[ALLOW])) if readable else frozenset(),
        deny=frozenset(names(filters[DENY])) if readable else frozenset(),
        selects=not readable or bool(filters[CATEGORIES] or filters[ALLOW]),
        readable=readable,
    )


def decoded(column: str | None) -> Stored:
    """The column as it is shown: NULL, a list or an object; an empty list for what is neither."""
    if column is None:
        return None
    try:
        value = php_json.loads(column)
    except php_json.NotJson:
        return []
    return value if isinstance(value, list | dict) else []


def names(items: Iterable[Any]) -> tuple[str, ...]:
    """Those items that are names, each once."""
    return tuple(dict.fromkeys(item for item in items if isinstance(item, str) and item))


def with_names(stored: Mapping[str, Any], kept: Iterable[str]) -> dict[str, Any]:
    """A later version's object with other capabilities and the same filters."""
    return {**stored, "capabilities": list(kept)}
