"""Whether this database still belongs to the site the sidecar was set up for, and what the operator decides.

The row itself is read in every claim (:mod:`sidecar.queue.fence`); here is its meaning for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sidecar.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.db import Database
    from sidecar.runtime import Runtime
    from sidecar.settings import Site


class SiteCopied(Unavailable):
    """The database was copied, or the site's address changed: nothing runs until somebody says which."""

    code = "site_copied"


class Identity(msgspec.Struct, frozen=True):
    """The fence row beside what is true now. ``home_url`` and ``database`` are what the row remembers."""

    site_uuid: str
    home_url: str
    database: str
    mode: str
    epoch: int
    actual_home_url: str
    actual_database: str

    @property
    def is_copy(self) -> bool:
        return (self.home_url, self.database) != (self.actual_home_url, self.actual_database)


def identity(db: Database) -> Identity | None:
    """The site's identity; None before the plugin was ever activated."""
    names = db.tables()
    with db.session() as session:
        row = session.one(
            "SELECT s.site_uuid, s.home_url, s.database_name, s.mode, s.epoch,"
            f" DATABASE() AS actual_database, o.option_value AS home FROM {names.bridge_sites} s"
            f" LEFT JOIN {names.options} o ON o.option_name = 'home' WHERE s.id = 1"
        )
    if row is None:
        return None
    return Identity(
        site_uuid=str(row["site_uuid"]),
        home_url=str(row["home_url"]).rstrip("/"),
        database=str(row["database_name"]),
        mode=str(row["mode"]),
        epoch=int(row["epoch"]),
        actual_home_url=str(row["home"] or "").rstrip("/"),
        actual_database=str(row["actual_database"]),
    )


def check(db: Database) -> Identity | None:
    """Raise :class:`SiteCopied` on a copy; else the identity."""
    found = identity(db)
    if found is not None and found.is_copy:
        raise SiteCopied(
            f"This database remembers {found.home_url} in {found.database}, "
            f"and is {found.actual_home_url} in {found.actual_database}. "
            "Say `datamachine site moved` when the site moved here, "
            "`datamachine site copy` when this is a copy of a site that lives on."
        )
    return found


def adopt(runtime: Runtime, how: Literal["moved", "copy"]) -> dict[str, Any]:
    """Accept address and database as they are: the same site moved, or a copy with its own identity."""
    with runtime.hosts.unit(context="cron") as unit:
        row: dict[str, Any] = unit.call("fence.adopt", {"as": how})
    return row


def main(site: Site, what: str) -> Iterator[str]:
    """``datamachine site show|moved|copy``: lines to print."""
    from sidecar import runtime as runtimes

    runtime = runtimes.build(site, "cli")
    try:
        if what in ("moved", "copy"):
            adopt(runtime, "moved" if what == "moved" else "copy")
        found = identity(runtime.db)
    finally:
        runtime.close()
    if found is None:
        yield "The plugin was never activated on this site."
        return
    yield f"site     {found.site_uuid}"
    yield f"address  {found.home_url}"
    yield f"database {found.database}"
    yield f"mode     {found.mode}, epoch {found.epoch}"
    if found.is_copy:
        yield (
            f"But this is {found.actual_home_url} in {found.actual_database}: bridge and workers are off. "
            "Say `datamachine site moved` or `datamachine site copy`."
        )
