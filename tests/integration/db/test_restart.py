"""The database goes away and comes back."""
# ruff: noqa: PT012  (it goes away inside the blocks)

from __future__ import annotations

import pytest

from dev.mariadb import MariaDB
from sidecar.db import Database, DatabaseUnavailable


def test_sessions_work_again_after_a_restart(server: MariaDB, database: Database) -> None:
    with database.session() as session:
        session.insert("things", {"name": "before"})
    server.restart()
    with database.session() as session:
        assert session.column("SELECT name FROM things") == ["before"]


def test_while_it_is_away_the_error_says_so(server: MariaDB, database: Database) -> None:
    server.stop()
    try:
        with pytest.raises(DatabaseUnavailable), database.session():
            pass
    finally:
        server.start()
    assert database.ping()


def test_a_session_cut_off_in_the_middle_fails_and_the_next_one_works(
    server: MariaDB, database: Database
) -> None:
    with pytest.raises(DatabaseUnavailable), database.transaction() as session:
        session.insert("things", {"name": "lost"})
        server.restart()
        session.insert("things", {"name": "after"})
    with database.session() as session:
        assert session.column("SELECT name FROM things") == []
        server.restart()
        with pytest.raises(DatabaseUnavailable):
            session.scalar("SELECT 1")
        with pytest.raises(DatabaseUnavailable):
            session.scalar("SELECT 1")
    assert database.ping()


def test_a_commit_whose_answer_is_lost_is_an_error(server: MariaDB, database: Database) -> None:
    with pytest.raises(DatabaseUnavailable), database.transaction() as session:
        session.insert("things", {"name": "unknown"})
        server.restart()
    assert database.ping()


def test_a_killed_connection_is_replaced(database: Database) -> None:
    with database.session() as session:
        mine = session.scalar("SELECT CONNECTION_ID()")
    killer = Database(database.settings)
    with killer.session() as session:
        session.execute(f"KILL {int(mine)}")
    killer.close()
    with database.session() as session:
        assert session.scalar("SELECT CONNECTION_ID()") != mine
