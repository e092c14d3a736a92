"""The names of memory files in the configuration of a pipeline or flow, beside its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from sidecar.automation.repositories.pipelines import config_of
from sidecar.automation.repositories.writing import write
from sidecar.automation.values import Document
from sidecar.db import Database, php_json
from sidecar.errors import Conflict

Kind = Literal["pipeline", "flow"]

KEY = "memory_files"
#: Earlier versions kept the days of daily memory for a flow here; whoever writes the list removes it.
LEGACY_KEY = "daily_memory"
#: How often a configuration that somebody else changed in between is read and written again.
ATTEMPTS = 20


class ConfigChanged(Conflict):
    """Somebody else keeps changing the configuration."""

    code = "config_changed"


class Attachments:
    """Reads and writes the list; steps and everything else in the configuration stay as they are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, kind: Kind, row_id: int) -> list[str]:
        """The names, in their order; empty for a row that is not there."""
        return _names(config_of(self._text(kind, row_id)))

    def edit(self, kind: Kind, row_id: int, change: Callable[[list[str]], Sequence[str]]) -> list[str]:
        """Replace the list by what ``change`` makes of the stored one; the stored list afterwards.

        The row is written only if it still is what was read: a queue that drains, or an editor, changes the
        same column. :class:`ConfigChanged` after several attempts.
        """
        table, column = self._place(kind)
        for _ in range(ATTEMPTS):
            before = self._text(kind, row_id)
            config = config_of(before)
            old = _names(config)
            new = list(change(list(old)))
            if new == old and KEY in config:
                return old
            text = php_json.dumps(_with(config, kind, new))
            with write(self._db) as session:
                # Compared as bytes: the column's collation takes é for e.
                done = session.execute(
                    f"UPDATE {table} SET {column} = :text WHERE {kind}_id = :id"
                    f" AND CAST({column} AS BINARY) <=> CAST(:before AS BINARY)",
                    {"text": text, "id": row_id, "before": before},
                )
            if done.rowcount:
                return new
        raise ConfigChanged(f"The {kind} is being changed by somebody else; nothing was written.")

    def _text(self, kind: Kind, row_id: int) -> str | None:
        table, column = self._place(kind)
        with self._db.session() as session:
            found: str | None = session.scalar(
                f"SELECT {column} FROM {table} WHERE {kind}_id = :id", {"id": row_id}
            )
        return found

    def _place(self, kind: Kind) -> tuple[str, str]:
        tables = self._db.tables()
        return (tables.pipelines if kind == "pipeline" else tables.flows), f"{kind}_config"


def _with(config: Document, kind: Kind, names: Sequence[str]) -> Document:
    kept = {key: value for key, value in config.items() if kind != "flow" or key != LEGACY_KEY}
    return kept | {KEY: list(names)}


def _names(config: Document) -> list[str]:
    value = config.get(KEY)
    values = list(value.values()) if isinstance(value, dict) else value
    return [name for name in values if isinstance(name, str)] if isinstance(values, list) else []
