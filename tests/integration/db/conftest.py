"""A MariaDB of these tests' own, without WordPress."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import paths
from dev.mariadb import MariaDB
from sidecar.db import Database
from sidecar.settings import DatabaseSettings


@pytest.fixture(scope="session")
def server(instances: Path) -> Iterator[MariaDB]:
    folder = instances / "db"
    folder.mkdir(exist_ok=True)
    mariadb = MariaDB(folder, paths.run_folder(folder))
    mariadb.start()
    mariadb.sql("CREATE DATABASE t DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci")
    yield mariadb
    mariadb.stop()


@pytest.fixture
def settings(server: MariaDB) -> DatabaseSettings:
    return DatabaseSettings(user="root", name="t", socket=str(server.socket), pool_size=3)


@pytest.fixture
def database(settings: DatabaseSettings) -> Iterator[Database]:
    database = Database(settings)
    with database.session() as session:
        session.execute("DROP TABLE IF EXISTS things")
        session.execute(
            "CREATE TABLE things (id bigint unsigned NOT NULL AUTO_INCREMENT, name varchar(10) NOT NULL,"
            " number int NOT NULL DEFAULT 0, at datetime DEFAULT NULL,"
            " PRIMARY KEY (id), UNIQUE KEY name (name)) ENGINE=InnoDB"
        )
    yield database
    database.close()
