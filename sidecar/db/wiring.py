"""Joins the database with the rest of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.bridge import context, guard
from sidecar.db.database import Database

if TYPE_CHECKING:
    from sidecar.runtime import Runtime


def wire(runtime: Runtime) -> None:
    """Bound statements by the call they serve, and refuse frames while a session is open."""
    database = runtime.db
    database.budget = context.remaining
    database.checkpoint = context.check
    guard.register(database.assert_idle)
    runtime.provide(Database, database)
