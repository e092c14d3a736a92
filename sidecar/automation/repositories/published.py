"""Posts that publishing made or might make twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sidecar.clock import SYSTEM, Clock, mysql
from sidecar.db import Database


class PublishedPosts:
    """Reads ``posts`` and the post ids in our table of effects."""

    def __init__(self, db: Database, clock: Clock = SYSTEM) -> None:
        self._db = db
        self._clock = clock

    def with_title(self, title: str, post_type: str, days: int) -> int | None:
        """The newest post of a type with exactly this title, at most ``days`` old, in any live status."""
        after = self._clock.now() - timedelta(days=max(1, min(days, 90)))
        with self._db.session() as session:
            found = session.scalar(
                f"SELECT ID FROM {self._db.tables().posts} WHERE post_type = :type AND post_title = :title"
                " AND post_status IN ('publish', 'draft', 'pending', 'future', 'private')"
                # A draft's post_date_gmt is zero; its post_modified_gmt never is.
                " AND post_modified_gmt >= :after ORDER BY ID DESC LIMIT 1",
                {"type": post_type, "title": title, "after": mysql(after)},
            )
        return None if found is None else int(found)

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
