"""Whether what was learned of WordPress's plugins still holds."""

from __future__ import annotations

import os

from sidecar.db import Database
from sidecar.db.tables import MAIN_BLOG

#: PHP writes a fresh text here when plugins, theme, roles or users change.
EPOCH = "datamachine_bridge_access_epoch"


def epoch(db: Database) -> str:
    """The row :data:`EPOCH`: another text whenever rights, or what filters them, may have changed."""
    with db.session() as session:
        text = session.scalar(
            f"SELECT option_value FROM {db.tables(MAIN_BLOG).options} WHERE option_name = :name",
            {"name": EPOCH},
        )
    return "" if text is None else str(text)


def state(db: Database, wp_path: str) -> tuple[str, int]:
    """Compared by equality: the epoch that PHP writes, and when a must-use plugin last came or went."""
    try:
        changed = os.stat(os.path.join(wp_path, "wp-content", "mu-plugins")).st_mtime_ns
    except OSError:
        changed = 0
    return epoch(db), changed
