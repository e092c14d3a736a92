"""``datamachine migrate``: the writer of DDL.

Creates the tables that are absent, adds our indexes online, records the schema's version in the fence row.
Columns and indexes that others made are never altered or dropped. Running it again changes nothing. While PHP
Data Machine is active (mode ``companion``) only our own tables are made: the others are its own.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from sidecar.db import schema
from sidecar.db.database import Database
from sidecar.db.errors import Contention, DatabaseError
from sidecar.db.session import Session
from sidecar.db.tables import MAIN_BLOG, Tables
from sidecar.errors import Conflict

if TYPE_CHECKING:
    from sidecar.settings import Site

#: Seconds to wait for another run.
LOCK_TIMEOUT = 30
#: Seconds to wait for a table's metadata lock: all queries on the table queue behind us meanwhile.
METADATA_WAIT = 10
_TABLE_EXISTS = 1050
_KEY_EXISTS = 1061
_ONLINE_REFUSED = {1845, 1846, 1064}


class Report(msgspec.Struct, kw_only=True):
    """What a run did, or would do; table names are full."""

    version: int
    #: The version each blog had before (0: none).
    before: dict[int, int] = msgspec.field(default_factory=dict)
    created: list[str] = msgspec.field(default_factory=list)
    present: list[str] = msgspec.field(default_factory=list)
    indexes: list[str] = msgspec.field(default_factory=list)
    #: ``table.column`` that an existing table lacks: it is older than the versions we adopt.
    missing_columns: list[str] = msgspec.field(default_factory=list)
    #: Statements run, or (dry run) to be run.
    statements: list[str] = msgspec.field(default_factory=list)
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was or would be altered."""
        return bool(self.statements)


class NewerSchema(Conflict):
    """The database was migrated by a later version of this product."""

    code = "schema_newer"


class MigrationRunning(Conflict):
    """Another migration holds the lock."""

    code = "migration_running"


def migrate(
    database: Database, site: Site, *, dry_run: bool = False, blogs: Sequence[int] | None = None
) -> Report:
    """Bring the tables of a site up to this version; ``blogs`` limits a network to some of its sites.

    Raises :class:`NewerSchema`, :class:`MigrationRunning`, and the errors of the database.
    """
    report = Report(version=schema.version(), dry_run=dry_run)
    with database.session() as session, _lock(session, site):
        for blog in blogs if blogs is not None else blog_ids(session, database):
            _migrate_blog(session, site, database.tables(blog), report)
    return report


def installed_version(session: Session, names: Tables) -> int:
    """The recorded version of one blog, 0 when there is none."""
    if not _existing(session, [names.bridge_sites]):
        return 0
    return int(session.scalar(f"SELECT schema_version FROM {names.bridge_sites} WHERE id = 1") or 0)


def _mode(session: Session, names: Tables) -> str:
    return str(session.scalar(f"SELECT mode FROM {names.bridge_sites} WHERE id = 1") or "")


def blog_ids(session: Session, database: Database) -> list[int]:
    """Blog 1 of a single site, every blog of a network that is not deleted."""
    names = database.tables()
    if not _existing(session, [names.blogs]):
        return [MAIN_BLOG]
    found = session.column(f"SELECT blog_id FROM {names.blogs} WHERE deleted = 0 ORDER BY blog_id")
    return [int(blog) for blog in found] or [MAIN_BLOG]


def _migrate_blog(session: Session, site: Site, names: Tables, report: Report) -> None:
    before = installed_version(session, names)
    if before > report.version:
        raise NewerSchema(
            f"The tables of blog {names.blog_id} have version {before}, this program knows {report.version}: "
            "update the sidecar."
        )
    report.before[names.blog_id] = before
    collate = schema.charset_collate(site.database.charset, site.database.collation)
    companion = bool(before) and _mode(session, names) == "companion"
    wanted = {names.name(table.name): table for table in schema.tables() if table.own or not companion}
    existing = _existing(session, list(wanted))
    for name, table in wanted.items():
        if name in existing or name in report.created:
            if name not in report.present and name not in report.created:
                report.present.append(name)
            continue
        _run(session, report, schema.fill(table.sql, names, collate), harmless={_TABLE_EXISTS})
        report.created.append(name)
    _check_columns(session, report, {name: wanted[name].columns for name in existing})
    for index in schema.indexes():
        table_name = names.name(index.table)
        if _existing(session, [table_name]) and not _has_index(session, table_name, index.name):
            _add_index(session, report, schema.fill(index.sql, names, collate))
            report.indexes.append(f"{table_name}.{index.name}")
    if before != report.version:
        _record(session, site, names, report)


def _run(session: Session, report: Report, sql: str, *, harmless: set[int]) -> None:
    report.statements.append(sql)
    if report.dry_run:
        return
    try:
        session.execute(sql)
    except DatabaseError as error:
        # The plugin's activation may have created the same thing a moment ago.
        if error.data.get("errno") not in harmless:
            raise


def _add_index(session: Session, report: Report, sql: str) -> None:
    online = f"{sql} ALGORITHM=INPLACE LOCK=NONE"
    try:
        _run(session, report, online, harmless={_KEY_EXISTS})
    except DatabaseError as error:
        if error.data.get("errno") not in _ONLINE_REFUSED:
            raise
        # Not every engine and server builds online; such a table is locked for writes meanwhile.
        report.statements.remove(online)
        _run(session, report, sql, harmless={_KEY_EXISTS})


def _record(session: Session, site: Site, names: Tables, report: Report) -> None:
    report.statements.append(f"-- fence row of {names.bridge_sites}: schema_version {report.version}")
    if report.dry_run:
        return
    home = session.scalar(
        f"SELECT option_value FROM {names.options} WHERE option_name = 'home' ORDER BY option_id LIMIT 1"
    )
    now = datetime.now(UTC)
    session.insert(
        names.bridge_sites,
        {
            "id": 1,
            "site_uuid": str(uuid.uuid4()),
            "home_url": home or site.home_url,
            "database_name": site.database.name,
            "mode": "inactive",
            "epoch": 0,
            "updated_at": now,
        },
        ignore=True,
    )
    session.update(names.bridge_sites, {"schema_version": report.version, "updated_at": now}, {"id": 1})


def _existing(session: Session, names: Sequence[str]) -> set[str]:
    found = session.column(
        "SELECT TABLE_NAME FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN :names",
        {"names": list(names)},
    )
    return {str(name) for name in found}


def _has_index(session: Session, table: str, index: str) -> bool:
    return bool(
        session.scalar(
            "SELECT COUNT(*) FROM information_schema.STATISTICS "
            "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table AND INDEX_NAME = :index",
            {"table": table, "index": index},
        )
    )


def _check_columns(session: Session, report: Report, wanted: dict[str, tuple[str, ...]]) -> None:
    rows = session.all(
        "SELECT TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN :names",
        {"names": list(wanted)},
    )
    found = {(str(row["t"]), str(row["c"])) for row in rows}
    for table, columns in wanted.items():
        report.missing_columns.extend(
            f"{table}.{column}" for column in columns if (table, column) not in found
        )


@contextmanager
def _lock(session: Session, site: Site) -> Iterator[None]:
    """One migration a database and prefix at a time; the lock ends with the connection."""
    identity = hashlib.sha256(f"{site.database.name}.{site.database.prefix}".encode()).hexdigest()[:24]
    name = f"datamachine_migrate_{identity}"
    taken = session.scalar("SELECT GET_LOCK(:name, :seconds)", {"name": name, "seconds": LOCK_TIMEOUT})
    if not taken:
        raise MigrationRunning("Another migration of this database is running.")
    try:
        session.execute("SET @datamachine_wait = @@SESSION.lock_wait_timeout")
        session.execute("SET SESSION lock_wait_timeout = :seconds", {"seconds": METADATA_WAIT})
        yield
    except Contention as error:
        raise Contention(
            "A table is in use by a long query or transaction; run `datamachine migrate` again later.",
            data=error.data,
        ) from error
    finally:
        session.execute("SET SESSION lock_wait_timeout = @datamachine_wait")
        session.execute("SELECT RELEASE_LOCK(:name)", {"name": name})
