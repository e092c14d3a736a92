"""Looking through ``datamachine_processed_items``, and deleting from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sidecar.automation.identifiers import item_forms
from sidecar.automation.repositories import flows
from sidecar.automation.repositories.processed_items import place
from sidecar.automation.values import Flow
from sidecar.db import Database

#: Hears how much is done.
Told = Callable[[int], None]
#: Identifiers in one statement.
MANY = 1_000


class Criteria(msgspec.Struct, frozen=True):
    """Which items: all that is set has to be met. Times are UTC texts as the column has them, inclusive."""

    pipeline_id: int | None = None
    flow_id: int | None = None
    source_type: str | None = None
    after: str | None = None
    before: str | None = None

    def named(self) -> dict[str, Any]:
        """What is set."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}

    def condition(self) -> tuple[str, dict[str, Any]]:
        """SQL for a WHERE clause, and its parameters."""
        parts, params = ["1 = 1"], dict[str, Any]()
        if self.pipeline_id is not None or self.flow_id is not None:
            where, named = place(pipeline_id=self.pipeline_id, flow_id=self.flow_id)
            parts.append(where)
            params.update(named)
        for name, comparison in (
            ("source_type", "source_type = :source_type"),
            ("after", "processed_timestamp >= :after"),
            ("before", "processed_timestamp <= :before"),
        ):
            if getattr(self, name) is not None:
                parts.append(comparison)
                params[name] = getattr(self, name)
        return " AND ".join(parts), params


class Tally(msgspec.Struct, frozen=True):
    """How much a step has of one source; times are UTC texts."""

    flow_step_id: str
    source_type: str
    count: int
    first: str
    last: str


class ItemRows:
    """Asks nobody for permission: services do."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def _table(self) -> str:
        return self._db.tables().processed_items

    def any_of(self, flow_step_id: str) -> bool:
        """Whether a step has processed anything."""
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT 1 FROM {self._table} WHERE flow_step_id = :step AND status = 'processed' LIMIT 1",
                {"step": flow_step_id},
            )
        return found is not None

    def times(self, flow_step_id: str, source_type: str, identifiers: Sequence[str]) -> dict[str, int]:
        """When those of the items were processed that were, as Unix times."""
        found: dict[str, int] = {}
        forms = item_forms(identifiers)
        texts = list(forms)
        for at in range(0, len(texts), MANY):
            with self._db.session() as session:
                rows = session.all(
                    "SELECT item_identifier, TIMESTAMPDIFF(SECOND, '1970-01-01', processed_timestamp) AS at"
                    f" FROM {self._table} WHERE flow_step_id = :step AND source_type = :source"
                    " AND item_identifier IN :items AND status = 'processed'",
                    {
                        "step": flow_step_id,
                        "source": source_type,
                        "items": texts[at : at + MANY],
                    },
                )
            found |= {
                forms.get(str(row["item_identifier"]), str(row["item_identifier"])): int(row["at"])
                for row in rows
            }
        return found

    def tallies(self, criteria: Criteria) -> list[Tally]:
        """By step and source, most first."""
        where, params = criteria.condition()
        with self._db.session() as session:
            rows = session.all(
                "SELECT flow_step_id, source_type, COUNT(*) AS items, MIN(processed_timestamp) AS first,"
                f" MAX(processed_timestamp) AS last FROM {self._table}"
                f" WHERE status = 'processed' AND {where}"
                " GROUP BY flow_step_id, source_type ORDER BY items DESC, flow_step_id, source_type",
                params,
            )
        return [
            Tally(
                str(row["flow_step_id"]),
                str(row["source_type"]),
                int(row["items"]),
                str(row["first"]),
                str(row["last"]),
            )
            for row in rows
        ]

    def flows(self, flow_ids: Sequence[int]) -> list[Flow]:
        """Those flows that exist."""
        found: list[Flow] = []
        for at in range(0, len(flow_ids), MANY):
            with self._db.session() as session:
                rows = session.all(
                    f"SELECT {flows.COLUMNS} FROM {self._db.tables().flows} WHERE flow_id IN :ids",
                    {"ids": list(flow_ids[at : at + MANY])},
                )
            found += [flows.flow_of(row) for row in rows]
        return found

    def count(self, criteria: Criteria) -> int:
        where, params = criteria.condition()
        with self._db.session() as session:
            return int(session.scalar(f"SELECT COUNT(*) FROM {self._table} WHERE {where}", params))

    def delete(self, criteria: Criteria, chunk: int, told: Told | None = None) -> int:
        """Delete them, some at a time; how many. ``told`` hears how many are gone so far."""
        where, params = criteria.condition()

        def some() -> int:
            with self._db.transaction() as session:
                return session.execute(
                    f"DELETE FROM {self._table} WHERE {where} LIMIT :chunk", {**params, "chunk": chunk}
                ).rowcount

        return self._until_none(some, chunk, told)

    def count_orphans(self, criteria: Criteria) -> int:
        where, params = criteria.condition()
        with self._db.session() as session:
            return int(
                session.scalar(
                    f"SELECT COUNT(*) FROM {self._table} items WHERE {where} AND {self._orphaned()}", params
                )
            )

    def delete_orphans(self, criteria: Criteria, chunk: int, told: Told | None = None) -> int:
        """Delete those whose job is gone, as :meth:`delete` does."""
        where, params = criteria.condition()

        def some() -> int:
            with self._db.transaction() as session:
                ids = session.column(
                    f"SELECT id FROM {self._table} items WHERE {where} AND {self._orphaned()} LIMIT :chunk",
                    {**params, "chunk": chunk},
                )
                if not ids:
                    return 0
                return session.execute(f"DELETE FROM {self._table} WHERE id IN :ids", {"ids": ids}).rowcount

        return self._until_none(some, chunk, told)

    def _orphaned(self) -> str:
        return f"NOT EXISTS (SELECT 1 FROM {self._db.tables().jobs} jobs WHERE jobs.job_id = items.job_id)"

    def _until_none(self, some: Callable[[], int], chunk: int, told: Told | None) -> int:
        total = 0
        while True:
            count = self._db.retry(some)
            total += count
            if told is not None:
                told(total)
            if count < chunk:
                return total
