"""``datamachine_processed_items``: what a flow has already taken in, and what it has claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sidecar.automation.identifiers import item_forms, item_key
from sidecar.automation.jobs import status as statuses
from sidecar.automation.repositories.writing import write
from sidecar.clock import SYSTEM, Clock, mysql
from sidecar.db import Database, Duplicate, Session

CLAIM = timedelta(hours=1)


class Item(NamedTuple):
    """What is known of one item."""

    processed: bool
    #: The job that holds an unexpired claim, or 0.
    claimed_by: int


class ProcessedItemsRepository:
    """Claims and marks. A claim that the same job holds already counts as its own: a step may begin again."""

    def __init__(self, db: Database, clock: Clock = SYSTEM) -> None:
        self._db = db
        self._clock = clock

    @property
    def _table(self) -> str:
        return self._db.tables().processed_items

    def state(self, flow_step_id: str, source_type: str, identifiers: Sequence[str]) -> dict[str, Item]:
        """What is known of many items, in one query."""
        if not identifiers:
            return {}
        forms = item_forms(identifiers)
        with self._db.session() as session:
            rows = session.all(
                f"SELECT item_identifier, status, job_id, claim_expires_at IS NULL OR"
                " claim_expires_at > :now AS live"
                f" FROM {self._table} WHERE flow_step_id = :step AND source_type = :source"
                " AND item_identifier IN :items",
                {
                    "step": flow_step_id,
                    "source": source_type,
                    "items": list(forms),
                    "now": mysql(self._clock.now()),
                },
            )
        found: dict[str, Item] = {}
        for row in rows:
            text = str(row["item_identifier"])
            known, item = forms.get(text, text), _item(row)
            found[known] = item if known not in found or item.processed else found[known]
        return found

    def drop_expired_claims(self) -> int:
        """Remove every claim whose hour is over; once a fetch, not once an item."""
        with write(self._db) as session:
            return session.execute(
                f"DELETE FROM {self._table} WHERE status = 'claimed' AND claim_expires_at IS NOT NULL"
                " AND claim_expires_at <= :now",
                {"now": mysql(self._clock.now())},
            ).rowcount

    def claim(self, flow_step_id: str, source_type: str, identifier: str, job_id: int) -> bool:
        """Claim an item for a job; False when it is processed, or claimed by another job."""
        now = self._clock.now()
        place = _place(flow_step_id, source_type, identifier)
        try:
            with write(self._db) as session:
                session.insert(
                    self._table,
                    {
                        **place,
                        "job_id": job_id,
                        "status": "claimed",
                        "claim_expires_at": mysql(now + CLAIM),
                        "processed_timestamp": mysql(now),
                    },
                )
            return True
        except Duplicate:
            with write(self._db) as session:
                return (
                    session.update(
                        self._table,
                        {"claim_expires_at": mysql(now + CLAIM)},
                        {**place, "job_id": job_id, "status": "claimed"},
                    )
                    > 0
                )

    def extend(self, session: Session, job_ids: Sequence[Any], until: datetime) -> None:
        """Let the claims of jobs hold until then at least. Joins the session's transaction."""
        session.execute(
            f"UPDATE {self._table} SET claim_expires_at = :until WHERE job_id IN :jobs AND status = 'claimed'"
            " AND claim_expires_at < :until",
            {"until": mysql(until), "jobs": [int(job) for job in job_ids if job]},
        )

    def mark(self, flow_step_id: str, source_type: str, identifier: str, job_id: int) -> None:
        """Mark an item as processed by a job, claimed before or not."""
        now = mysql(self._clock.now())
        place = _place(flow_step_id, source_type, identifier)
        values = {
            "job_id": job_id,
            "status": "processed",
            "processed_timestamp": now,
            "claim_expires_at": None,
        }
        with write(self._db) as session:
            if session.update(self._table, values, place) == 0:
                session.insert(self._table, {**place, **values}, ignore=True)

    def mark_claimed(self, job_id: int) -> int:
        """Mark whatever a job still has claimed as processed by it; how much."""
        with write(self._db) as session:
            return session.execute(
                f"UPDATE {self._table} SET status = 'processed', processed_timestamp = :now,"
                " claim_expires_at = NULL WHERE job_id = :job AND status = 'claimed'",
                {"now": mysql(self._clock.now()), "job": job_id},
            ).rowcount

    def delete_of_pipeline(self, session: Session, pipeline_id: int) -> int:
        """Remove everything that flows of a pipeline claimed or processed, in the caller's transaction."""
        where, params = place(pipeline_id=pipeline_id)
        return session.execute(f"DELETE FROM {self._table} WHERE {where}", params).rowcount

    def delete_of_job(self, job_id: int) -> int:
        """Remove everything a job claimed or processed, but for what its unfinished children work on: the
        claims of a fan-out are its parent's.
        """
        names = self._db.tables()
        with write(self._db) as session:
            children = session.all(
                "SELECT JSON_UNQUOTE(JSON_EXTRACT(engine_data, '$.source_type')) AS source,"
                " JSON_UNQUOTE(JSON_EXTRACT(engine_data, '$.item_identifier')) AS item"
                f" FROM {names.jobs} WHERE parent_job_id = :job AND status IN :active"
                " AND JSON_VALID(engine_data)",
                {"job": job_id, "active": list(statuses.ACTIVE)},
            )
            kept = [f"{row['source']}:{item_key(str(row['item']))}" for row in children if row["item"]]
            return session.execute(
                f"DELETE FROM {self._table} WHERE job_id = :job"
                + (
                    " AND (status <> 'claimed' OR CONCAT(source_type, ':', item_identifier) NOT IN :kept)"
                    if kept
                    else ""
                ),
                {"job": job_id, **({"kept": kept} if kept else {})},
            ).rowcount

    def release(
        self, flow_step_id: str, source_type: str, identifier: str, *, held_by: Sequence[Any] | None = None
    ) -> int:
        """Give up the claim on one item, where one of the jobs ``held_by`` has it (None: whoever has it)."""
        place = {"step": flow_step_id, "source": source_type, "item": item_key(identifier)}
        holders = [int(job) for job in held_by or () if job]
        with write(self._db) as session:
            return session.execute(
                f"DELETE FROM {self._table} WHERE flow_step_id = :step AND source_type = :source"
                " AND item_identifier = :item AND status = 'claimed'"
                + (" AND job_id IN :holders" if held_by is not None else ""),
                {**place, **({"holders": holders} if held_by is not None else {})},
            ).rowcount


def place(*, pipeline_id: int | None = None, flow_id: int | None = None) -> tuple[str, dict[str, Any]]:
    """SQL for the rows of a pipeline's or flow's steps, and its parameters.

    A step of a flow is ``{pipeline}_{uuid}_{flow}``: with the pipeline an index finds them.
    """
    pattern = (
        f"{'%' if pipeline_id is None else f'{pipeline_id}|_%'}{'' if flow_id is None else f'|_{flow_id}'}"
    )
    return "flow_step_id LIKE :place ESCAPE '|'", {"place": pattern}


def _place(flow_step_id: str, source_type: str, identifier: str) -> dict[str, str]:
    return {
        "flow_step_id": flow_step_id,
        "source_type": source_type,
        "item_identifier": item_key(identifier),
    }


def _item(row: dict[str, Any]) -> Item:
    claimed = row["status"] == "claimed" and bool(row["live"])
    return Item(row["status"] == "processed", int(row["job_id"]) if claimed else 0)
