"""SQL text and parameters in the driver's spelling."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pymysql import converters
from pymysql.constants import FIELD_TYPE

from sidecar.db import statements


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a, :b_2", "SELECT %(a)s, %(b_2)s"),
        (
            "SELECT ':a', \":b\", `:c`, ':it''s :d', '\\':e'",
            "SELECT ':a', \":b\", `:c`, ':it''s :d', '\\':e'",
        ),
        ("SELECT '12:30:00', a%2, 'x%'", "SELECT '12:30:00', a%%2, 'x%%'"),
        ("SELECT x FROM t WHERE y=:y", "SELECT x FROM t WHERE y=%(y)s"),
        ("SELECT @x := 1, a::b", "SELECT @x := 1, a::b"),
    ],
)
def test_names_are_replaced_outside_quotes(sql: str, expected: str) -> None:
    assert statements.driver_sql(sql) == expected


def _literal(value: object) -> str:
    return str(converters.escape_item(value, "utf8mb4", statements.conversions()))


def test_lists_are_sets_of_an_in() -> None:
    assert _literal(statements.driver_params({"ids": [1, 2]})["ids"]) == "(1,2)"
    assert _literal(statements.driver_params({"ids": ("a'b",)})["ids"]) == "('a\\'b')"
    assert _literal(statements.driver_params({"ids": {7}})["ids"]) == "(7)"
    assert _literal(statements.driver_params({"ids": ("x", None)})["ids"]) == "('x',NULL)"


def test_an_empty_list_is_an_empty_set_not_an_error() -> None:
    assert _literal(statements.driver_params({"ids": []})["ids"]) == "(SELECT NULL FROM DUAL WHERE FALSE)"


def test_a_statement_is_bounded_by_what_is_left() -> None:
    assert statements.bounded("SELECT 1", None) == "SELECT 1"
    assert statements.bounded("UPDATE t SET a = 1", 0.25) == (
        "SET STATEMENT max_statement_time=0.188 FOR UPDATE t SET a = 1"
    )
    assert "max_statement_time=0.001 " in statements.bounded("SELECT 1", 0.0), "0 would be no limit at all"
    assert statements.bounded("CREATE TABLE t (a int)", 0.25) == "CREATE TABLE t (a int)"


def test_aware_times_are_written_as_utc() -> None:
    moment = datetime(2026, 11, 23, 4, 5, 6, tzinfo=timezone(timedelta(hours=2)))
    assert _literal(moment) == "'2026-11-23 02:05:06'"
    assert _literal(datetime(2026, 11, 23, 4, 5, 6, 70, tzinfo=UTC)) == "'2026-11-23 04:05:06.000070'"
    assert _literal(date(2026, 1, 2)) == "'2026-01-02'"


def test_times_are_read_as_the_server_prints_them() -> None:
    table = statements.conversions()
    for kind in (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATE, FIELD_TYPE.TIME):
        assert kind not in table
