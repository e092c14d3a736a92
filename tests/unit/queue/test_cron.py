"""Cron expressions name the times that Action Scheduler's library names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sidecar.queue import cron

#: A Monday.
NOW = datetime(2026, 11, 23, 10, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/15 * * * *", "2026-11-23 10:45"),
        ("30 10 * * *", "2026-11-24 10:30"),
        ("0 9 * * 1-5", "2026-11-24 09:00"),
        ("0 9 * * mon,WED", "2026-11-25 09:00"),
        ("10/20 11 * * *", "2026-11-23 11:10"),
        ("0 0 1 jan-mar *", "2027-01-01 00:00"),
        # Both day fields must agree: Friday the 13th.
        ("0 9 13 * 5", "2027-08-13 09:00"),
        # A step after a star divides: even days, months 3, 6, 9 and 12.
        ("0 0 */2 * *", "2026-11-24 00:00"),
        ("0 0 1 */3 *", "2026-12-01 00:00"),
        ("0 0 1 1/3 *", "2027-01-01 00:00"),
        ("0 0 * * 0/2", "2026-11-24 00:00"),
        # Sundays.
        ("0 0 * * 0", "2026-11-29 00:00"),
        ("0 0 * * 7", "2026-11-29 00:00"),
        ("0 0 * * 6-0", "2026-11-28 00:00"),
        ("0 0 29 * 7-1", "2026-11-29 00:00"),
        # The last day, the nearest working day, the last and the second Friday.
        ("0 0 L * ?", "2026-11-30 00:00"),
        ("0 0 1W * *", "2026-12-01 00:00"),
        ("0 0 29W 11 *", "2026-11-30 00:00"),
        ("0 0 1W 5 *", "2027-05-03 00:00"),
        ("0 0 31W 10 *", "2027-10-29 00:00"),
        ("0 0 * * 5L", "2026-11-27 00:00"),
        ("0 0 * * 5#2", "2026-12-11 00:00"),
        ("0 0 29 2 1", "2044-02-29 00:00"),
        # Words, and a year that is any.
        ("@daily", "2026-11-24 00:00"),
        ("@Weekly", "2026-11-29 00:00"),
        ("0 9 * * 1-5 *", "2026-11-24 09:00"),
    ],
)
def test_the_next_time(expression: str, expected: str) -> None:
    found = cron.parse(expression).after(NOW)
    assert found.strftime("%Y-%m-%d %H:%M") == expected
    assert found.tzinfo is UTC


def test_the_next_time_is_later_than_the_moment() -> None:
    at = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert cron.parse("0 * * * *").after(at) == datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "",
            "* * * *",
            "* * * * * 2027",
            "* * * * * * *",
            "@never",
            "a b c d e",
            "-1 * * * *",
            "1,,2 * * * *",
        ),
        *("60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *"),
        *("*/0 * * * *", "? * * * *", "* * * * fri-mon", "* * * foo *"),
        *("* * LW * *", "* * 32W * *", "* * * * L", "* * * * 1#6"),
    ],
)
def test_what_is_no_expression(expression: str) -> None:
    assert not cron.is_valid(expression)


def test_an_expression_that_never_comes() -> None:
    assert cron.is_valid("0 0 30 2 *")
    with pytest.raises(cron.NotCron):
        cron.parse("0 0 30 2 *").after(NOW)
