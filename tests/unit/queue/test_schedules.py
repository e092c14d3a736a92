"""The ``schedule`` column, byte for byte as Action Scheduler 3.8.2 wrote it on a live site."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sidecar.queue import Async, Cron, Interval, Single, schedules

MOMENT = datetime.fromtimestamp(1800000000, UTC)
FIELDS = "".join(
    f'i:{at};O:{len(name)}:"{name}":0:{{}}'
    for at, name in enumerate(
        (
            "CronExpression_MinutesField",
            "CronExpression_HoursField",
            "CronExpression_DayOfMonthField",
            "CronExpression_MonthField",
            "CronExpression_DayOfWeekField",
        )
    )
)
EXPECTED = {
    "single": (
        Single(MOMENT),
        'O:30:"ActionScheduler_SimpleSchedule":2:{s:22:"\0*\0scheduled_timestamp";i:1800000000;'
        's:41:"\0ActionScheduler_SimpleSchedule\0timestamp";i:1800000000;}',
    ),
    "async": (Async(), 'O:28:"ActionScheduler_NullSchedule":0:{}'),
    "recurring": (
        Interval(MOMENT, 3600),
        'O:32:"ActionScheduler_IntervalSchedule":5:{s:22:"\0*\0scheduled_timestamp";i:1800000000;'
        's:18:"\0*\0first_timestamp";i:1800000000;s:13:"\0*\0recurrence";i:3600;'
        's:49:"\0ActionScheduler_IntervalSchedule\0start_timestamp";i:1800000000;'
        's:53:"\0ActionScheduler_IntervalSchedule\0interval_in_seconds";i:3600;}',
    ),
    "cron": (
        Cron(MOMENT, "*/15 * * * *"),
        'O:28:"ActionScheduler_CronSchedule":5:{s:22:"\0*\0scheduled_timestamp";i:1800000000;'
        's:18:"\0*\0first_timestamp";i:1800000000;s:13:"\0*\0recurrence";O:14:"CronExpression":2:{'
        's:25:"\0CronExpression\0cronParts";a:5:{i:0;s:4:"*/15";i:1;s:1:"*";i:2;s:1:"*";i:3;s:1:"*";i:4;s:1:"*";}'
        's:28:"\0CronExpression\0fieldFactory";O:27:"CronExpression_FieldFactory":1:{'
        's:35:"\0CronExpression_FieldFactory\0fields";a:5:{' + FIELDS + "}}}"
        's:45:"\0ActionScheduler_CronSchedule\0start_timestamp";i:1800000000;'
        's:34:"\0ActionScheduler_CronSchedule\0cron";r:4;}',
    ),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_bytes(kind: str) -> None:
    schedule, expected = EXPECTED[kind]
    assert schedule.serialized() == expected


def test_an_interval_is_counted_from_the_end_of_the_last_run() -> None:
    ran = datetime(2026, 11, 23, 0, 57, 48, 250000, tzinfo=UTC)
    assert Interval(MOMENT, 3600).next(ran) == datetime(2026, 11, 23, 1, 57, 48, tzinfo=UTC)


def test_cron_names_the_next_time() -> None:
    ran = datetime(2026, 11, 23, 0, 57, 48, tzinfo=UTC)
    assert Cron(MOMENT, "*/15 * * * *").next(ran) == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_what_runs_once_has_no_next() -> None:
    assert Single(MOMENT).next(MOMENT) is None
    assert Async().next(MOMENT) is None
    assert Async().first(MOMENT) == MOMENT


@pytest.mark.parametrize("schedule", [Interval(MOMENT, 3600), Cron(MOMENT, "*/15 8-18 * * 1")])
def test_recurring_schedules_are_read_back(schedule: Interval | Cron) -> None:
    read = schedules.parse(schedule.serialized())
    assert read is not None
    assert read.serialized() == schedule.serialized()
    later = datetime.fromtimestamp(1800003600, UTC)
    moved = schedules.parse(read.moved(later).serialized())
    assert moved is not None
    assert (moved.at, moved.start) == (later, MOMENT)


@pytest.mark.parametrize(
    "text", [Single(MOMENT).serialized(), Async().serialized(), "", None, 'O:3:"Foo":0:{}']
)
def test_what_does_not_recur(text: str | None) -> None:
    assert schedules.parse(text) is None
