"""``datamachine migrate``: the writer of DDL, and the chain of data steps.

For each blog: tables that are absent, columns and keys that adopted tables lack, our indexes; then the data
steps in their order; then the schema's version in the fence row. Nothing is dropped, narrowed or re-typed,
and running it again changes nothing. A run that was interrupted goes on where it stopped. While PHP Data
Machine is active (mode ``companion``) only our own tables are touched: the others are its own.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from sidecar.db import role, schema, shape
from sidecar.db.database import Database
from sidecar.db.errors import Contention, DatabaseError
from sidecar.db.journal import Journal
from sidecar.db.session import Session
from sidecar.db.steps import Progress, Silent, Step, StepReport, Work
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
    #: ``table.column`` added to tables that were adopted.
    columns: list[str] = msgspec.field(default_factory=list)
    #: ``table.index`` added.
    indexes: list[str] = msgspec.field(default_factory=list)
    #: ``table.column`` that a table of Action Scheduler lacks; only its own library alters those.
    missing_columns: list[str] = msgspec.field(default_factory=list)
    #: Statements run, or (dry run) to be run.
    statements: list[str] = msgspec.field(default_factory=list)
    #: Data steps run, or (dry run) to be run.
    steps: list[StepReport] = msgspec.field(default_factory=list)
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was or would be altered."""
        return bool(self.statements or self.steps)


class NewerSchema(Conflict):
    """The database was migrated by a later version of this product."""

    code = "schema_newer"


class MigrationRunning(Conflict):
    """Another migration holds the lock."""

    code = "migration_running"


def migrate(
    database: Database,
    site: Site,
    *,
    dry_run: bool = False,
    blogs: Sequence[int] | None = None,
    steps: Sequence[Step] = (),
    progress: Progress | None = None,
    wait: int = LOCK_TIMEOUT,
) -> Report:
    """Bring tables and rows of a site up to this version; ``blogs`` limits a network to some of its sites.

    ``steps`` are the data steps, run in this order. ``wait`` is how many seconds another run is waited for.
    Raises :class:`NewerSchema`, :class:`MigrationRunning`, and the errors of the database.
    """
    report = Report(version=schema.version(), dry_run=dry_run)
    with database.session() as session, _lock(session, site, wait):
        every = blog_ids(session, database)
        chosen = [database.tables(blog) for blog in (blogs if blogs is not None else every)]
        for names in chosen:
            _check_version(session, names, report)
        companions = {names.blog_id for names in chosen if role.companion(session, names)}
        for names in chosen:
            _Tables(session, database, site, names, report).converge(names.blog_id in companions)
        network = bool(shape.read(session, [database.tables().blogs]))
        for step in steps:
            for names in chosen:
                if names.blog_id in companions or (step.shared and names.blog_id != MAIN_BLOG):
                    continue
                if step.network_guard and not network:
                    # A site that becomes a network later has it before it then.
                    continue
                journal = Journal(session, names, network=network)
                if journal.done(step):
                    continue
                work = Work(
                    database=database,
                    names=names,
                    progress=progress or Silent(),
                    network=network,
                    blogs=tuple(every),
                    state=None if dry_run else journal.state(step),
                    keep=_keeper(journal, step),
                )
                report.steps.append(_step(step, work, journal, dry_run=dry_run))
        for names in chosen:
            if report.before[names.blog_id] != report.version:
                _record(session, site, names, report)
    return report


def _keeper(journal: Journal, step: Step) -> Callable[[Any], None]:
    return lambda state: journal.keep(step, state)


def _step(step: Step, work: Work, journal: Journal, *, dry_run: bool) -> StepReport:
    if dry_run:
        counts = step.estimate(work)
    else:
        work.progress.start(step.title, sum(step.estimate(work).values()))
        counts = step.run(work)
        with work.database.transaction():
            journal.finish(step)
        work.progress.end()
    return StepReport(name=step.name, title=step.title, blog=work.names.blog_id, counts=counts)


def installed_version(session: Session, names: Tables) -> int:
    """The recorded version of one blog, 0 when there is none."""
    if not _existing(session, [names.bridge_sites]):
        return 0
    return int(session.scalar(f"SELECT schema_version FROM {names.bridge_sites} WHERE id = 1") or 0)


def blog_ids(session: Session, database: Database) -> list[int]:
    """Blog 1 of a single site, every blog of a network that is not deleted."""
    names = database.tables()
    if not _existing(session, [names.blogs]):
        return [MAIN_BLOG]
    found = session.column(f"SELECT blog_id FROM {names.blogs} WHERE deleted = 0 ORDER BY blog_id")
    return [int(blog) for blog in found] or [MAIN_BLOG]


def _check_version(session: Session, names: Tables, report: Report) -> None:
    before = installed_version(session, names)
    if before > report.version:
        raise NewerSchema(
            f"The tables of blog {names.blog_id} have version {before}, this program knows {report.version}: "
            "update the sidecar."
        )
    report.before[names.blog_id] = before


class _Tables:
    """The tables of one blog."""

    def __init__(
        self, session: Session, database: Database, site: Site, names: Tables, report: Report
    ) -> None:
        self._session = session
        self._database = database
        self._names = names
        self._report = report
        self._collate = schema.charset_collate(site.database.charset, site.database.collation)

    def converge(self, companion: bool) -> None:
        """Create what is absent, add what is lacking; in companion mode to our own tables only."""
        report, names = self._report, self._names
        wanted = {names.name(table.name): table for table in schema.tables() if table.own or not companion}
        existing = shape.read(self._session, wanted)
        for name, table in wanted.items():
            if name in existing:
                if name not in report.present and name not in report.created:
                    report.present.append(name)
                    self._add(name, table, existing[name])
            elif name not in report.created:
                self._run(schema.fill(table.sql, names, self._collate), harmless={_TABLE_EXISTS})
                report.created.append(name)
        for index in schema.indexes():
            table_name = names.name(index.table)
            found = shape.read(self._session, [table_name]).get(table_name)
            if found is not None and index.name not in found.indexes:
                plain = schema.fill(index.sql, names, self._collate)
                self._online(f"{plain} ALGORITHM=INPLACE LOCK=NONE", plain)
                report.indexes.append(f"{table_name}.{index.name}")

    def _add(self, name: str, table: schema.TableFile, found: shape.Shape) -> None:
        lacking = shape.additions(table, found)
        if not table.name.startswith("datamachine_"):
            self._report.missing_columns.extend(f"{name}.{column}" for column in lacking.columns)
            return
        if not lacking:
            return
        self._online(lacking.statement(name, online=True), lacking.statement(name, online=False))
        self._database.reflection.forget(name)
        self._report.columns.extend(f"{name}.{column}" for column in lacking.columns)
        self._report.indexes.extend(f"{name}.{key.name}" for key in lacking.keys)

    def _run(self, sql: str, *, harmless: set[int]) -> None:
        self._report.statements.append(sql)
        if self._report.dry_run:
            return
        try:
            self._session.execute(sql)
        except DatabaseError as error:
            # The plugin's activation may have created the same thing a moment ago.
            if error.data.get("errno") not in harmless:
                raise

    def _online(self, online: str, plain: str) -> None:
        try:
            self._run(online, harmless={_KEY_EXISTS})
        except DatabaseError as error:
            if error.data.get("errno") not in _ONLINE_REFUSED:
                raise
            # Not every engine and server builds online; such a table is locked for writes meanwhile.
            self._report.statements.remove(online)
            self._run(plain, harmless={_KEY_EXISTS})


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
    return set(shape.read(session, names))


@contextmanager
def _lock(session: Session, site: Site, wait: int) -> Iterator[None]:
    """One migration a database and prefix at a time; the lock ends with the connection."""
    identity = hashlib.sha256(f"{site.database.name}.{site.database.prefix}".encode()).hexdigest()[:24]
    name = f"datamachine_migrate_{identity}"
    taken = session.scalar("SELECT GET_LOCK(:name, :seconds)", {"name": name, "seconds": wait})
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
