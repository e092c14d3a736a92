"""What a table really has: later versions of Data Machine added columns that every INSERT must fill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sidecar.db.session import Session

Fill = Callable[[], Any]

#: Values with a meaning for columns that tables created by later versions have (up to 0.175.11), by table and
#: column; other required columns get an empty value of their type.
KNOWN: Mapping[str, Mapping[str, Any]] = {
    "datamachine_agents": {
        "instance_key": "default",
        "instance_key_hash": sha256(b"default").hexdigest(),
    },
}

_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year"}
_QUERY = (
    "SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS "
    "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table "
    "AND IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL "
    "AND EXTRA NOT LIKE '%auto_increment%' AND EXTRA NOT LIKE '%GENERATED%' ORDER BY ORDINAL_POSITION"
)


class Reflection:
    """Required columns by table, read once a process."""

    def __init__(self) -> None:
        self._required: dict[str, dict[str, Fill]] = {}
        self._lock = threading.Lock()

    def complete(self, session: Session, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """``values`` with what the table requires beyond them."""
        complete = dict(values)
        for name, fill in self.required(session, table).items():
            if name not in complete:
                complete[name] = fill()
        return complete

    def required(self, session: Session, table: str) -> dict[str, Fill]:
        """Columns that are NOT NULL and have no default, with a function that makes a value."""
        known = self._required.get(table)
        if known is None:
            rows = session.all(_QUERY, {"table": table})
            known = {str(row["name"]): _fill(table, str(row["name"]), str(row["type"])) for row in rows}
            # The lock is never held across the query: a mutex must not wait for the database.
            with self._lock:
                self._required[table] = known
        return known

    def forget(self, table: str) -> None:
        """Read the table again next time (its columns changed)."""
        with self._lock:
            self._required.pop(table, None)


def _fill(table: str, column: str, kind: str) -> Fill:
    for name, columns in KNOWN.items():
        if table.endswith(name) and column in columns:
            value = columns[column]
            return lambda: value
    kind = kind.lower()
    if kind in _NUMBERS:
        return lambda: 0
    if kind in {"datetime", "timestamp"}:
        return lambda: datetime.now(UTC).replace(microsecond=0)
    if kind == "date":
        return lambda: datetime.now(UTC).date()
    if kind == "time":
        return lambda: "00:00:00"
    return lambda: ""
