"""An example plugin: keeps the memory of agents in a SQLite file instead of in Markdown files.

Put it into the plugins folder that `datamachine doctor` names, say where the file is
(``MEMORY_IN_SQLITE=/var/lib/datamachine/memory.sqlite3``), and restart the sidecar. From then on PHP plugins,
abilities, commands and runtimes all read and write there.

The whole contract is six methods. Sections, permissions and what a new file starts with are not the store's
business: it is handed whole files and gives them back, byte for byte.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from typing import Any

from sidecar import blog
from sidecar.memory import ListEntry, ReadResult, Scope, WriteResult

FILE = "/var/lib/datamachine/memory.sqlite3"
TABLE = """
CREATE TABLE IF NOT EXISTS memory (
    site INTEGER, layer TEXT, user_id INTEGER, agent_id INTEGER, filename TEXT,
    content BLOB NOT NULL, hash TEXT NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (site, layer, user_id, agent_id, filename)
)
"""
WHERE = "site = :site AND layer = :layer AND user_id = :user_id AND agent_id = :agent_id"


def address(scope: Scope) -> dict[str, Any]:
    """What tells files apart. On a network an agent has a memory on each site; people have one."""
    site = 0 if scope.layer in {"user", "network"} else blog.current()
    return {"site": site, **scope.params()}


class SqliteStore:
    """Whole files by scope. Every process of the sidecar has its own: what they share is the file."""

    #: The ``if_match`` that means "only when there is no such file": this store compares.
    absent = ""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self, scope: Scope) -> ReadResult:
        with self._database() as database:
            row = database.execute(
                f"SELECT content, updated_at FROM memory WHERE {WHERE} AND filename = :filename",
                address(scope),
            ).fetchone()
        return ReadResult(False) if row is None else ReadResult.of(bytes(row[0]), row[1])

    def write(self, scope: Scope, content: bytes, if_match: str | None = None) -> WriteResult:
        with self._database() as database:
            # One writer at a time from here on: what is compared is what is replaced.
            database.execute("BEGIN IMMEDIATE")
            row = database.execute(
                f"SELECT hash FROM memory WHERE {WHERE} AND filename = :filename", address(scope)
            ).fetchone()
            if if_match is not None and if_match != ("" if row is None else row[0]):
                database.rollback()
                return WriteResult.failure("conflict")
            found = {"content": content, "hash": sha1(content).hexdigest(), "updated_at": int(time.time())}
            database.execute(
                "REPLACE INTO memory VALUES "
                "(:site, :layer, :user_id, :agent_id, :filename, :content, :hash, :updated_at)",
                {**address(scope), **found},
            )
            database.commit()
        return WriteResult.ok(str(found["hash"]), len(content))

    def exists(self, scope: Scope) -> bool:
        return self.read(scope).exists

    def delete(self, scope: Scope) -> WriteResult:
        with self._database() as database:
            database.execute(f"DELETE FROM memory WHERE {WHERE} AND filename = :filename", address(scope))
            database.commit()
        return WriteResult.ok("", 0)

    def list_layer(self, scope: Scope) -> list[ListEntry]:
        return [entry for entry in self._entries(scope) if "/" not in entry.filename]

    def list_subtree(self, scope: Scope, prefix: str) -> list[ListEntry]:
        return [entry for entry in self._entries(scope) if entry.filename.startswith(f"{prefix}/")]

    def _entries(self, scope: Scope) -> list[ListEntry]:
        with self._database() as database:
            rows = database.execute(
                f"SELECT filename, LENGTH(content), updated_at FROM memory WHERE {WHERE} ORDER BY filename",
                address(scope),
            ).fetchall()
        return [ListEntry(name, scope.layer, size, updated) for name, size, updated in rows]

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=5.0)
        try:
            database.execute(TABLE)
            yield database
        finally:
            database.close()


def register(plugin: Any) -> None:
    """Called while the plugin loads, in every process."""
    store = SqliteStore(os.environ.get("MEMORY_IN_SQLITE", FILE))
    plugin.register_memory_store("sqlite", store)
    # Another plugin may have answered already; `scope` says which file is asked for.
    plugin.add_filter("agents_api_memory_store", lambda value, scope: store if value is None else value)
