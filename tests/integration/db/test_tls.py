"""TLS over TCP, none over a Unix socket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import paths
from dev.mariadb import MariaDB
from dev.processes import free_port
from sidecar.db import Database, DatabaseUnavailable
from sidecar.settings import DatabaseSettings, Ssl

CERTIFICATES = Path(__file__).with_name("tls")


@pytest.fixture(scope="module")
def encrypted(instances: Path) -> Iterator[tuple[MariaDB, int]]:
    folder = instances / "tls"
    folder.mkdir()
    key = Path(shutil.copy(CERTIFICATES / "server.key", folder))
    key.chmod(0o600)
    port = free_port()
    server = MariaDB(
        folder,
        paths.run_folder(folder),
        options=(
            "--skip-networking=0",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--ssl-cert={CERTIFICATES / 'server.pem'}",
            f"--ssl-key={key}",
        ),
    )
    server.start()
    server.sql(
        "CREATE DATABASE t; CREATE USER 'u'@'%' IDENTIFIED BY 'p' REQUIRE SSL; GRANT ALL ON t.* TO 'u'@'%'"
    )
    yield server, port
    server.stop()


def _cipher(settings: DatabaseSettings) -> str:
    database = Database(settings)
    try:
        with database.session() as session:
            row = session.one("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        assert row is not None
        return str(row["Value"])
    finally:
        database.close()


def _settings(port: int, ssl: Ssl | None) -> DatabaseSettings:
    return DatabaseSettings(user="u", password="p", name="t", host="127.0.0.1", port=port, ssl=ssl)


def test_the_servers_certificate_is_verified(encrypted: tuple[MariaDB, int]) -> None:
    _, port = encrypted
    assert _cipher(_settings(port, Ssl(ca=str(CERTIFICATES / "server.pem"))))
    with pytest.raises(DatabaseUnavailable):
        _cipher(_settings(port, Ssl(ca=str(CERTIFICATES / "other.pem"))))
    assert _cipher(_settings(port, Ssl(verify=False)))


def test_without_tls_a_server_that_wants_it_refuses(encrypted: tuple[MariaDB, int]) -> None:
    _, port = encrypted
    with pytest.raises(DatabaseUnavailable):
        _cipher(_settings(port, None))


def test_a_unix_socket_has_none(encrypted: tuple[MariaDB, int]) -> None:
    server, _ = encrypted
    assert _cipher(DatabaseSettings(user="root", name="t", socket=str(server.socket), ssl=Ssl())) == ""
