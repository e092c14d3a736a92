"""Sessions and transactions on a real server."""
# ruff: noqa: PT012  (blocks that raise are what transactions are about)

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar.bridge import guard
from sidecar.db import (
    Contention,
    Database,
    DatabaseError,
    DatabaseUnavailable,
    Duplicate,
    InvalidValue,
    OpenSession,
    SchemaMissing,
    Session,
)
from sidecar.db.errors import StatementTimeout
from sidecar.errors import Cancelled, SidecarError
from sidecar.settings import DatabaseSettings


def _names(database: Database) -> list[Any]:
    with database.session() as session:
        return session.column("SELECT name FROM things ORDER BY id")


def test_the_session_is_wordpress_like_and_strict(database: Database) -> None:
    with database.session() as session:
        row = session.one(
            "SELECT @@sql_mode AS mode, @@collation_connection AS collation, @@autocommit AS autocommit,"
            " @@tx_isolation AS isolation"
        )
    assert row is not None
    assert "STRICT_TRANS_TABLES" in row["mode"]
    assert "NO_ZERO_DATE" not in row["mode"]
    assert row["collation"] == "utf8mb4_unicode_520_ci"
    assert row["autocommit"] == 1
    assert row["isolation"] == "READ-COMMITTED"


def test_rows_come_back_as_plain_values(database: Database) -> None:
    with database.session() as session:
        first = session.insert("things", {"name": "é😀%s:x", "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)})
        second = session.insert("things", {"name": "zero", "at": "0000-00-00 00:00:00"})
        assert (first, second) == (1, 2)
        assert session.all("SELECT * FROM things WHERE id IN :ids ORDER BY id", {"ids": [1, 2]}) == [
            {"id": 1, "name": "é😀%s:x", "number": 0, "at": "2026-01-02 03:04:05"},
            {"id": 2, "name": "zero", "number": 0, "at": "0000-00-00 00:00:00"},
        ]
        assert session.all("SELECT * FROM things WHERE id IN :ids", {"ids": []}) == []
        assert session.column("SELECT id FROM things WHERE id NOT IN :ids", {"ids": []}) == [1, 2]
        assert session.one("SELECT id FROM things WHERE name LIKE '%zer%'") == {"id": 2}
        assert session.scalar("SELECT name FROM things WHERE id = :id", {"id": 99}) is None


def test_matched_rows_are_counted_not_changed_ones(database: Database) -> None:
    with database.session() as session:
        session.insert("things", {"name": "a", "number": 1})
        assert session.update("things", {"number": 1}, {"name": "a"}) == 1
        assert session.update("things", {"number": 1}, {"name": "b"}) == 0
        assert session.update("things", {"number": 2}, {"name": ["a", "b"], "at": None}) == 1
        assert session.delete("things", {"name": "a"}) == 1
        assert session.many("INSERT INTO things (name) VALUES (:name)", [{"name": "x"}, {"name": "y"}]) == 2
        with pytest.raises(ValueError, match="without conditions"):
            session.delete("things", {})


def test_values_that_do_not_fit_are_refused_not_cut(database: Database) -> None:
    with database.session() as session:
        for values in ({"name": "x" * 11}, {"name": "n", "number": 2**40}, {"name": "n", "at": "2026-13-01"}):
            with pytest.raises(InvalidValue):
                session.insert("things", values)
    assert _names(database) == []


def test_a_duplicate_is_told_apart(database: Database) -> None:
    with database.session() as session:
        session.insert("things", {"name": "a"})
        with pytest.raises(Duplicate) as caught:
            session.insert("things", {"name": "A"})
        assert caught.value.data == {"key": "name"}
        assert session.insert_result("things", {"name": "a"}, ignore=True).rowcount == 0
        with pytest.raises(InvalidValue):
            session.insert("things", {"name": "y" * 20}, ignore=True)


def test_mistakes_have_their_own_kinds(database: Database) -> None:
    with database.session() as session:
        with pytest.raises(SchemaMissing):
            session.all("SELECT * FROM nothing")
        with pytest.raises(DatabaseError):
            session.all("SELEKT 1")
        assert session.scalar("SELECT 1") == 1


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    with database.transaction() as session:
        session.insert("things", {"name": "kept"})
    with pytest.raises(RuntimeError), database.transaction() as session:
        session.insert("things", {"name": "lost"})
        raise RuntimeError("stop")
    assert _names(database) == ["kept"]


def test_inner_blocks_join_the_outer_one(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as outer:
        with database.session() as joined, database.transaction() as inner:
            assert outer is joined is inner
            inner.insert("things", {"name": "inner"})
        raise RuntimeError("stop")
    assert _names(database) == []


def test_a_failed_part_cannot_be_committed(database: Database) -> None:
    with pytest.raises(DatabaseError, match="rolled back"), database.transaction() as outer:
        outer.insert("things", {"name": "first"})
        with pytest.raises(KeyError), database.transaction():
            raise KeyError("inner")
    assert _names(database) == []


def test_a_duplicate_inside_a_transaction_does_not_end_it(database: Database) -> None:
    with database.transaction() as session:
        session.insert("things", {"name": "a"})
        with pytest.raises(Duplicate):
            session.insert("things", {"name": "a"})
        session.insert("things", {"name": "b"})
    assert _names(database) == ["a", "b"]


def test_a_deadlock_is_tried_again_as_a_whole(database: Database) -> None:
    with database.session() as session:
        session.many("INSERT INTO things (name) VALUES (:name)", [{"name": "a"}, {"name": "b"}])
    both_hold_one = threading.Barrier(2)
    attempts: list[str] = []

    def work(session: Session, mine: str, other: str) -> None:
        attempts.append(mine)
        session.execute("UPDATE things SET number = number + 1 WHERE name = :name", {"name": mine})
        if attempts.count(mine) == 1:
            both_hold_one.wait(10)
        session.execute("UPDATE things SET number = number + 1 WHERE name = :name", {"name": other})

    threads = [
        threading.Thread(target=lambda a=a, b=b: database.run(lambda s: work(s, a, b)))
        for a, b in (("a", "b"), ("b", "a"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.session() as session:
        assert session.column("SELECT number FROM things ORDER BY id") == [2, 2]
    assert len(attempts) == 3, "one victim, tried once more"


def test_after_a_deadlock_nothing_of_the_transaction_can_be_committed(database: Database) -> None:
    with pytest.raises(Contention), database.transaction() as session:
        session.insert("things", {"name": "before"})
        with pytest.raises(Contention):
            session.execute("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213")
        session.insert("things", {"name": "after"})
    assert _names(database) == []


def test_waiting_for_a_lock_ends_with_the_calls_budget(
    database: Database, settings: DatabaseSettings
) -> None:
    other = Database(settings)
    with database.session() as session:
        session.insert("things", {"name": "a"})
    other.budget = lambda: 0.1
    with database.transaction() as holder:
        holder.update("things", {"number": 5}, {"name": "a"})
        thread_error: list[BaseException] = []

        def contend() -> None:
            try:
                with other.session() as waiting:
                    waiting.update("things", {"number": 6}, {"name": "a"})
            except SidecarError as error:
                thread_error.append(error)

        thread = threading.Thread(target=contend)
        thread.start()
        thread.join(20)
    assert [type(error) for error in thread_error] == [StatementTimeout]
    other.budget = lambda: None
    with other.session() as session:
        assert float(session.scalar("SELECT @@max_statement_time")) == 0, "the next user of the connection"
    other.close()


def test_a_cancelled_call_runs_no_more_statements(database: Database) -> None:
    def cancelled() -> None:
        raise Cancelled("gone")

    with pytest.raises(Cancelled), database.transaction() as session:
        session.insert("things", {"name": "a"})
        session._checkpoint = cancelled
        session.insert("things", {"name": "b"})
    assert _names(database) == []


def test_no_frame_leaves_while_a_session_is_open(database: Database) -> None:
    guard.register(database.assert_idle)
    try:
        guard.run()
        with database.session(), pytest.raises(OpenSession, match="session"):
            guard.run()
        with database.transaction(), pytest.raises(OpenSession, match="transaction"):
            guard.run()
        guard.run()
        with database.session():
            # Another thread's frames are its own business.
            errors: list[BaseException] = []
            thread = threading.Thread(target=lambda: _catch(guard.run, errors))
            thread.start()
            thread.join(10)
            assert errors == []
    finally:
        guard.unregister(database.assert_idle)


def _catch(work: Any, errors: list[BaseException]) -> None:
    try:
        work()
    except SidecarError as error:
        errors.append(error)


def test_a_forked_child_uses_connections_of_its_own(database: Database) -> None:
    with database.session() as session:
        session.insert("things", {"name": "parent"})
        mine = session.scalar("SELECT CONNECTION_ID()")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                with database.session() as other:
                    theirs = other.scalar("SELECT CONNECTION_ID()")
                    other.insert("things", {"name": "child"})
                os.write(writing, str(theirs).encode())
                database.close()
            finally:
                os._exit(0)
        os.close(writing)
        theirs = os.read(reading, 100)
        os.waitpid(child, 0)
        assert theirs
        assert int(theirs) != mine
        assert session.column("SELECT name FROM things ORDER BY id") == ["parent", "child"]


def test_the_pool_is_the_whole_budget(settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.db.engine.POOL_TIMEOUT", 0.05)
    database = Database(settings)
    entered = [threading.Event() for _ in range(settings.pool_size)]
    leave = threading.Event()

    def hold(event: threading.Event) -> None:
        with database.session():
            event.set()
            leave.wait(20)

    threads = [threading.Thread(target=hold, args=(event,)) for event in entered]
    for thread in threads:
        thread.start()
    for event in entered:
        assert event.wait(10)
    with pytest.raises(DatabaseUnavailable) as caught, database.session():
        pass
    assert caught.value.code == "database_pool_exhausted"
    leave.set()
    for thread in threads:
        thread.join(10)
    with database.session() as session:
        assert session.scalar("SELECT 1") == 1
    database.close()
