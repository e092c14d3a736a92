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


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


#: Values with a meaning for columns that tables created by later versions have (up to 0.175.11), by table and
#: column, whether required or not; other required columns get an empty value of their type.
KNOWN: Mapping[str, Mapping[str, Fill]] = {
    "datamachine_agents": {
        "instance_key": lambda: "default",
        "instance_key_hash": lambda: sha256(b"default").hexdigest(),
        # The column's default is in the server's time zone, and NULL would mean "still to be provisioned".
        "provisioned_at": _now,
    },
}

_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year"}
_QUERY = (
    "SELECT COLUMN_NAME AS name, DATA_TYPE AS type, (IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL "
    "AND EXTRA NOT LIKE '%auto_increment%' AND EXTRA NOT LIKE '%GENERATED%') AS required "
    "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table "
    "ORDER BY ORDINAL_POSITION"
)


class Reflection:
    """Columns that an INSERT fills, by table, read once a process."""

    def __init__(self) -> None:
        self._required: dict[str, dict[str, Fill]] = {}
        self._lock = threading.Lock()

    def complete(self, session: Session, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """``values`` with what the table requires beyond them, or has a meaning of its own for."""
        complete = dict(values)
        for name, fill in self.filled(session, table).items():
            if name not in complete:
                complete[name] = fill()
        return complete

    def filled(self, session: Session, table: str) -> dict[str, Fill]:
        """Columns that are NOT NULL without a default, and known ones, each with what makes a value."""
        known = self._required.get(table)
        if known is None:
            rows = session.all(_QUERY, {"table": table})
            meant = next((columns for name, columns in KNOWN.items() if table.endswith(name)), {})
            known = {
                name: meant[name] if name in meant else _empty(str(row["type"]))
                for row in rows
                if (name := str(row["name"])) in meant or int(row["required"])
            }
            # The lock is never held across the query: a mutex must not wait for the database.
            with self._lock:
                self._required[table] = known
        return known

    def forget(self, table: str) -> None:
        """Read the table again next time (its columns changed)."""
        with self._lock:
            self._required.pop(table, None)


def _empty(kind: str) -> Fill:
    kind = kind.lower()
    if kind in _NUMBERS:
        return lambda: 0
    if kind in {"datetime", "timestamp"}:
        return _now
    if kind == "date":
        return lambda: datetime.now(UTC).date()
    if kind == "time":
        return lambda: "00:00:00"
    return lambda: ""
