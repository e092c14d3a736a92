"""The database: sessions, transactions, table names, and text exactly as PHP writes it."""

from __future__ import annotations

from sidecar.db.database import Database, OpenSession
from sidecar.db.errors import (
    Contention,
    DatabaseError,
    DatabaseUnavailable,
    Duplicate,
    InvalidValue,
    SchemaMissing,
    StatementTimeout,
)
from sidecar.db.servertime import ServerClock
from sidecar.db.session import Result, Row, Session
from sidecar.db.tables import Tables

__all__ = [
    "Contention",
    "Database",
    "DatabaseError",
    "DatabaseUnavailable",
    "Duplicate",
    "InvalidValue",
    "OpenSession",
    "Result",
    "Row",
    "SchemaMissing",
    "ServerClock",
    "Session",
    "StatementTimeout",
    "Tables",
]
