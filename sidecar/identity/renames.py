"""Renames under way: what was begun is written down before the first file moves."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sidecar import clock as clock_module
from sidecar.db import Database, Row, SchemaMissing


class Rename(msgspec.Struct, frozen=True):
    """One row of ``{base_prefix}datamachine_bridge_renames``."""

    rename_id: int
    agent_id: int
    old_slug: str
    new_slug: str


class RenamesRepository:
    """The rows; reads find none where ``datamachine migrate`` has not made the table yet."""

    def __init__(self, db: Database, clock: clock_module.Clock = clock_module.SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().bridge_renames

    def begin(self, agent_id: int, old_slug: str, new_slug: str) -> int:
        """Write down what is about to happen; its id. Duplicate when one of that agent is under way."""
        with self._db.session() as session:
            return session.insert(
                self._table,
                {
                    "agent_id": agent_id,
                    "old_slug": old_slug,
                    "new_slug": new_slug,
                    "created_at": clock_module.mysql(self._clock.now()),
                },
            )

    def end(self, rename_id: int) -> bool:
        """It is done, or undone; False when somebody else said so before. Joins an open transaction."""
        with self._db.session() as session:
            return session.delete(self._table, {"rename_id": rename_id}) > 0

    def all(self) -> list[Rename]:
        """Every rename that has begun and not ended."""
        return self._select("1 = 1", {})

    def get(self, rename_id: int) -> Rename | None:
        """One of them."""
        return next(iter(self._select("rename_id = :id", {"id": rename_id})), None)

    def of_slug(self, slug: str) -> list[Rename]:
        """Those that give or take a slug."""
        return self._select("old_slug = :slug OR new_slug = :slug", {"slug": slug})

    def _select(self, condition: str, params: Mapping[str, object]) -> list[Rename]:
        try:
            with self._db.session() as session:
                rows = session.all(
                    f"SELECT rename_id, agent_id, old_slug, new_slug FROM {self._table} "
                    f"WHERE {condition} ORDER BY rename_id",
                    params,
                )
        except SchemaMissing:
            return []
        return [_rename(row) for row in rows]


def _rename(row: Row) -> Rename:
    return Rename(
        rename_id=int(row["rename_id"]),
        agent_id=int(row["agent_id"]),
        old_slug=str(row["old_slug"]),
        new_slug=str(row["new_slug"]),
    )
