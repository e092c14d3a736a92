"""Results come out as PyMySQL itself reads them, and its errors stay its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from pymysql.constants import CLIENT

from sidecar.db import driver
from sidecar.db.engine import connect_arguments
from sidecar.settings import DatabaseSettings

TYPES = (
    "tiny tinyint, small smallint unsigned, number bigint unsigned, amount decimal(20,4), ratio double, "
    "single float, bits bit(12), day date, moment datetime(3), stamp timestamp NULL, clock time, "
    "year_of year, fixed char(5), text_of varchar(300) CHARACTER SET utf8mb4, raw varbinary(300), "
    "blob_of longblob, long_text longtext CHARACTER SET utf8mb4, doc json, choice enum('a','é'), "
    "several set('x','y'), old varchar(20) CHARACTER SET latin1"
)
ROWS: tuple[tuple[Any, ...], ...] = (
    (-1, 65535, 2**64 - 1, "-12.3400", 0.1, 1.5, 5, "2026-11-23", "2026-11-23 01:02:03.456",
     "2026-11-23 01:02:03", "-10:20:30", 2026, "ab", "é😀" * 100, bytes(range(256)), b"\xff\xfe\x00" * 30000,
     "a" * 70000, '{"é": [1, null]}', "é", "x,y", "é"),
    (None,) * 21,
    (0, 0, 0, 0, 0, 0, 0, "0000-00-00", "0000-00-00 00:00:00", None, "00:00:00", 0, "", "", b"", b"", "",
     "[]", "a", "", ""),
    (1, 1, 1, 1, 1, 1, 1, None, None, None, None, None, "\xfe", "\xfe" * 250, b"\xfe", b"\xff" * 251,
     "b" * 250, '"' + "c" * 251 + '"', None, "x", "\xff"),
)  # fmt: skip
LENGTHS = (
    0,
    1,
    8,
    9,
    250,
    251,
    252,
    253,
    254,
    255,
    256,
    65535,
    65536,
    2**24 - 6,
    2**24 - 5,
    2**24 - 1,
    2**24,
)


@contextmanager
def connected(kind: Any, settings: DatabaseSettings, **more: Any) -> Iterator[Any]:
    connection = kind(**connect_arguments(settings), autocommit=True, **more)
    try:
        yield connection
    finally:
        connection.close()


def asked(connection: Any, sql: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        affected = cursor.execute(sql)
        return affected, cursor.description, cursor.fetchall(), cursor.lastrowid, cursor.rowcount


@pytest.fixture
def both(settings: DatabaseSettings) -> Iterator[tuple[Any, Any]]:
    with (
        connected(pymysql.connections.Connection, settings) as plain,
        connected(driver.Connection, settings) as ours,
    ):
        with plain.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS kinds")
            cursor.execute(f"CREATE TABLE kinds ({TYPES}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
            cursor.executemany(f"INSERT INTO kinds VALUES ({', '.join(['%s'] * 21)})", ROWS)
        yield plain, ours


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM kinds",
        "SELECT * FROM kinds WHERE 1 = 0",
        "SELECT k.number AS n, COUNT(*), NULL, 'x', 1.50, x'FF', NOW() IS NULL FROM kinds k GROUP BY 1",
        "SELECT 1",
        "SHOW VARIABLES LIKE 'sql_mode'",
        "UPDATE kinds SET fixed = 'same'",
        "SET @a = 1",
        "SELECT 1 / 0",
    ],
)
def test_a_result_is_pymysqls(both: tuple[Any, Any], sql: str) -> None:
    plain, ours = both
    asked(plain, sql)  # What it changes is changed before both are asked.
    for _ in range(2):
        assert asked(ours, sql) == asked(plain, sql)
    assert ours.server_status == plain.server_status


@pytest.mark.parametrize("length", LENGTHS)
def test_values_of_every_length_arrive_whole(settings: DatabaseSettings, length: int) -> None:
    with connected(driver.Connection, settings) as ours:
        with ours.cursor() as cursor:
            cursor.execute("SET GLOBAL max_allowed_packet = 64 * 1024 * 1024")
        with connected(driver.Connection, settings, max_allowed_packet=2**26) as wide:
            found = asked(wide, f"SELECT REPEAT('a', {length}), 'after', {length}")[2]
            assert found == (("a" * length, "after", length),)
            # The next result begins where it should.
            assert asked(wide, "SELECT 'next'")[2] == (("next",),)


def test_errors_are_pymysqls_and_leave_the_connection_usable(both: tuple[Any, Any]) -> None:
    for connection in both:
        with pytest.raises(pymysql.err.ProgrammingError) as missing:
            asked(connection, "SELECT * FROM nowhere")
        assert missing.value.args[0] == 1146
        # While the rows are on their way: the server has described the columns already.
        with pytest.raises(pymysql.err.OperationalError) as broken:
            asked(
                connection, "SET STATEMENT max_statement_time = 0.05 FOR SELECT number, SLEEP(1) FROM kinds"
            )
        assert broken.value.args[0] == 1969
        assert asked(connection, "SELECT 7")[2] == ((7,),)


def test_several_results_of_one_text_are_read_one_after_the_other(settings: DatabaseSettings) -> None:
    with (
        connected(driver.Connection, settings, client_flag=CLIENT.MULTI_STATEMENTS) as ours,
        ours.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 AS a; SELECT 2 AS b, 3 AS c")
        assert cursor.fetchall() == ((1,),)
        assert cursor.nextset()
        assert cursor.fetchall() == ((2, 3),)
        assert [column[0] for column in cursor.description] == ["b", "c"]


def test_a_connection_that_was_ended_says_so(both: tuple[Any, Any]) -> None:
    plain, ours = both
    asked(plain, f"KILL {ours.thread_id()}")
    with pytest.raises(pymysql.err.OperationalError) as lost:
        asked(ours, "SELECT 1")
    assert lost.value.args[0] in {2006, 2013, 1927}
    assert not ours.open


def test_results_of_one_kind_are_told_apart(both: tuple[Any, Any]) -> None:
    plain, ours = both
    several = [
        "SELECT 1 AS a, 'x' AS b",
        "SELECT 1.5 AS a, 'x' AS b",
        "SELECT 'x' AS a, 1 AS b",
        "SELECT number, fixed FROM kinds",
        "SELECT fixed, number FROM kinds",
        "SELECT raw AS fixed, number FROM kinds",
    ]
    for _ in range(3):
        for sql in several:
            assert asked(ours, sql) == asked(plain, sql)
    # Descriptions that are longer than what is read at once, before rows that are too.
    names = ", ".join(f"long_text AS n{number}" for number in range(300))
    for _ in range(3):
        assert asked(ours, f"SELECT {names} FROM kinds") == asked(plain, f"SELECT {names} FROM kinds")
    assert all(len({packets for packets, _ in each}) == len(each) for each in ours.results.values())


def test_columns_are_remembered_within_bounds(
    settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "REMEMBERED", 5)
    with connected(driver.Connection, settings) as ours:
        for number in range(23):
            assert asked(ours, f"SELECT {number} AS c{number}")[2] == ((number,),)
            assert len(ours.columns) <= 5
            assert len(ours.results[1]) <= driver.ALIKE
        before = dict(ours.columns)
        asked(ours, "SELECT 22 AS c22")
        assert ours.columns == before
