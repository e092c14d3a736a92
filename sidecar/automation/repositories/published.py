"""Posts that publishing made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sidecar.db import Database


class PublishedPosts:
    """Reads ``posts`` and the post ids in our table of effects."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of_effect(self, effect: Mapping[str, Any]) -> int | None:
        """The post that WordPress inserted under an effect, noted with the post's own row."""
        tables = self._db.tables()
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT e.post_id FROM {tables.bridge_effects} e JOIN {tables.posts} p ON p.ID = e.post_id"
                " WHERE e.job_id = :job_id AND e.step = :step AND e.call_key = :call_key",
                {name: effect[name] for name in ("job_id", "step", "call_key")},
            )
        return None if found is None else int(found)
