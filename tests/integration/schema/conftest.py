"""Sites whose tables these tests drop and make again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import migrate
from sidecar.db import Database, migrations, wpconfig
from sidecar.db.journal import VERSION_OPTION
from sidecar.db.reflection import Reflection
from sidecar.settings import Site

#: What tells that Data Machine, or we, have done a step.
OPTIONS = [VERSION_OPTION, *(step.guard for step in migrate.KINDS if step.guard)]

#: Keys that no generation of Data Machine has; a migration adds them.
OUR_KEYS = ("agent_scope_source", "idx_completed_at", "parent_status")


def without_our_keys(ddl: str) -> str:
    """A CREATE TABLE statement as Data Machine would have it."""
    for key in OUR_KEYS:
        ddl = re.sub(rf",\n  KEY `{key}` [^\n]*?(?=,?\n)", "", ddl)
    return ddl


class Tables:
    """One WordPress, its database as the sidecar sees it, and both ways to make tables."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        config = wpconfig.read(instance.path)
        self.site = Site(
            wp_path=str(instance.path),
            run_dir="/nowhere",
            secret_file="/nowhere/secret",
            database=config.database,
        )
        self.database = Database(config.database)

    def migrate(self, **options: Any) -> migrations.Report:
        """``datamachine migrate``."""
        steps = migrate.steps(self.database, self.site)
        return migrations.migrate(self.database, self.site, **{"steps": steps, **options})

    def option(self, name: str, value: str) -> None:
        """Set an option's row."""
        with self.database.session() as session:
            session.execute(
                "INSERT INTO wp_options (option_name, option_value, autoload) VALUES (:name, :value, 'off') "
                "ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)",
                {"name": name, "value": value},
            )

    def names(self) -> list[str]:
        """Every table that is not WordPress's own."""
        with self.database.session() as session:
            found = session.column("SHOW TABLES")
        return [str(name) for name in found if "datamachine" in name or "actionscheduler" in name]

    def drop(self) -> None:
        """Back to a WordPress that has never seen the plugin, nor Data Machine."""
        self.deactivate()
        with self.database.session() as session:
            for name in self.names():
                session.execute(f"DROP TABLE {name}")
            options = [
                f"{self.database.tables(blog).options}"
                for blog in migrations.blog_ids(session, self.database)
            ]
            for table in options:
                session.execute(f"DELETE FROM {table} WHERE option_name IN :names", {"names": OPTIONS})
            if self.instance.multisite:
                session.execute("DELETE FROM wp_sitemeta WHERE meta_key IN :names", {"names": OPTIONS})
        self.database.reflection = Reflection()

    def ddl(self) -> dict[str, str]:
        """What SHOW CREATE TABLE prints, without the next id."""
        with self.database.session() as session:
            return {
                name: re.sub(
                    r" AUTO_INCREMENT=\d+",
                    "",
                    str(session.one(f"SHOW CREATE TABLE {name}")["Create Table"]),  # type: ignore[index]
                )
                for name in self.names()
            }

    def activate(self) -> None:
        network = ["--network"] if self.instance.multisite else []
        self.instance.wp("plugin", "activate", "datamachine-bridge", *network)

    def active(self) -> bool:
        """Whether WordPress would load the plugin."""
        with self.database.session() as session:
            found = session.column("SELECT option_value FROM wp_options WHERE option_name = 'active_plugins'")
            if self.instance.multisite:
                found += session.column(
                    "SELECT meta_value FROM wp_sitemeta WHERE meta_key = 'active_sitewide_plugins'"
                )
        return any("datamachine-bridge" in str(each) for each in found)

    def deactivate(self) -> None:
        if not self.active():
            return
        network = ["--network"] if self.instance.multisite else []
        self.instance.wp("plugin", "deactivate", "datamachine-bridge", *network, check=False)


def _tables(folder: Path, **options: bool) -> Iterator[Tables]:
    instance = Instance(folder, **options)
    try:
        instance.install_wordpress()
        tables = Tables(instance)
        yield tables
        tables.database.close()
    finally:
        instance.destroy()


@pytest.fixture(scope="module")
def single(instances: Path) -> Iterator[Tables]:
    yield from _tables(instances / "schema")


@pytest.fixture(scope="module")
def network(instances: Path) -> Iterator[Tables]:
    yield from _tables(instances / "network", multisite=True)


@pytest.fixture
def tables(single: Tables) -> Tables:
    """A single site without any of the tables."""
    single.drop()
    return single
