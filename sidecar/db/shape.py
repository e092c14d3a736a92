"""What an adopted table lacks of the shape we know, and the statement that adds it.

Only additions: columns and keys that others made are never dropped, narrowed or re-typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sidecar.db.schema import Key, TableFile
    from sidecar.db.session import Session


class Shape(msgspec.Struct, frozen=True):
    """A table as it stands."""

    #: Column names with ``EXTRA`` of the information schema, lower case.
    columns: Mapping[str, str]
    #: Columns of each index by its name.
    indexes: Mapping[str, tuple[str, ...]]

    @property
    def touched(self) -> tuple[str, ...]:
        """Columns that the server sets anew when a row changes."""
        return tuple(name for name, extra in self.columns.items() if "on update" in extra)


class Additions(msgspec.Struct, frozen=True):
    """What one table lacks."""

    columns: Mapping[str, str]
    keys: tuple[Key, ...]

    def __bool__(self) -> bool:
        return bool(self.columns or self.keys)

    def statement(self, table: str, *, online: bool) -> str:
        """One ALTER TABLE: the server applies it whole or not at all."""
        parts = [f"ADD COLUMN {name} {definition}" for name, definition in self.columns.items()]
        parts += [
            f"ADD {'UNIQUE ' if key.unique else ''}KEY {key.name} ({', '.join(key.parts)})"
            for key in self.keys
        ]
        if online:
            parts += ["ALGORITHM=INPLACE", "LOCK=NONE"]
        return f"ALTER TABLE {table} " + ", ".join(parts)


def read(session: Session, tables: Iterable[str]) -> dict[str, Shape]:
    """The shapes of those tables that exist, by full name."""
    wanted = list(tables)
    if not wanted:
        return {}
    columns: dict[str, dict[str, str]] = {}
    for row in session.all(
        "SELECT TABLE_NAME AS t, COLUMN_NAME AS c, EXTRA AS e FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN :names ORDER BY TABLE_NAME, ORDINAL_POSITION",
        {"names": wanted},
    ):
        columns.setdefault(str(row["t"]), {})[str(row["c"])] = str(row["e"]).lower()
    indexes: dict[str, dict[str, list[str]]] = {}
    for row in session.all(
        "SELECT TABLE_NAME AS t, INDEX_NAME AS i, COLUMN_NAME AS c FROM information_schema.STATISTICS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN :names "
        "ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
        {"names": wanted},
    ):
        indexes.setdefault(str(row["t"]), {}).setdefault(str(row["i"]), []).append(str(row["c"]))
    return {
        table: Shape(found, {name: tuple(parts) for name, parts in indexes.get(table, {}).items()})
        for table, found in columns.items()
    }


def additions(wanted: TableFile, found: Shape) -> Additions:
    """What ``found`` lacks.

    A unique key is added only together with a column of it: over columns that were there before, another
    generation of the product has decided what is unique (slugs of agents, for one).
    """
    columns = {name: text for name, text in wanted.definitions.items() if name not in found.columns}
    present: Sequence[tuple[str, ...]] = list(found.indexes.values())
    keys = tuple(
        key
        for key in wanted.keys
        if key.name not in found.indexes
        and key.columns not in present
        and (not key.unique or any(column in columns for column in key.columns))
    )
    return Additions(columns, keys)
