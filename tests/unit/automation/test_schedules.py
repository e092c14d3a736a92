"""Schedules of flows as callers write them, as the column holds them, and what rings for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sidecar import hooks
from sidecar.automation.flows import cron, intervals, wanted
from sidecar.clock import iso
from sidecar.errors import InvalidInput
from sidecar.queue import schedules

NOW = datetime(2026, 11, 23, 0, 55, tzinfo=UTC)
WEBHOOK = {"webhook_enabled": True, "webhook_token": "t" * 64, "webhook_secrets": [{"id": "a", "value": "s"}]}
POLICY = {"max_attempts": 3, "backoff": 60}


def code(given: Any, stored: dict[str, Any] | None = None) -> str:
    with pytest.raises(InvalidInput) as refused:
        wanted.read(given, stored or {"interval": "manual"})
    return refused.value.code


@pytest.mark.parametrize(
    ("given", "interval", "seconds", "expression"),
    [
        ({"interval": "hourly"}, "hourly", 3_600, ""),
        ({"interval": "every_6_hours"}, "qtrdaily", 21_600, ""),
        ('{"interval": "daily"}', "daily", 86_400, ""),
        ("weekly", "weekly", 604_800, ""),
        ({"interval": "0 9 * * 1-5"}, "cron", 0, "0 9 * * 1-5"),
        ({"interval": "@daily"}, "cron", 0, "@daily"),
        ({"cron_expression": "*/5 * * * *"}, "cron", 0, "*/5 * * * *"),
        ({"interval": "manual", "timestamp": 5}, "manual", 0, ""),
        ([], "manual", 0, ""),
    ],
)
def test_a_schedule_is_read_in_each_form_it_comes_in(
    given: Any, interval: str, seconds: int, expression: str
) -> None:
    found = wanted.read(given, {"interval": "manual"})
    assert (found.interval, found.seconds, found.cron_expression) == (interval, seconds, expression)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"interval": "bogus"}, "invalid_interval"),
        ({"interval": 3}, "invalid_interval"),
        ({"interval": "one_time"}, "missing_timestamp"),
        ({"interval": "one_time", "timestamp": "soon"}, "missing_timestamp"),
        ({"interval": "one_time", "timestamp": True}, "missing_timestamp"),
        ({"interval": "one_time", "timestamp": 10**18}, "invalid_timestamp"),
        ({"interval": "cron"}, "missing_cron_expression"),
        ({"interval": "cron", "cron_expression": "61 * * * *"}, "invalid_cron_expression"),
        ({"interval": "* * * * * 2031"}, "invalid_cron_expression"),
        ({"interval": "hourly", "enabled": "no"}, "invalid_scheduling_config"),
        ({"interval": "hourly", "retry_policy": {"max_attempts": 0}}, "invalid_retry_policy"),
        ({"cycle_policy": "sometimes"}, "invalid_cycle_policy"),
        (["hourly"], "invalid_scheduling_config"),
        ("{broken", "invalid_scheduling_config"),
    ],
)
def test_what_is_no_schedule_is_refused_with_a_code(given: Any, refused: str) -> None:
    assert code(given) == refused


def test_an_unknown_interval_is_told_which_there_are() -> None:
    with pytest.raises(InvalidInput) as refused:
        intervals.find("bogus")
    assert refused.value.message == (
        "Invalid interval 'bogus'. Valid options: daily, every_12_hours, every_2_hours, every_3_days,"
        " every_4_hours, every_5_minutes, every_6_hours, hourly, monthly, qtrdaily, twicedaily, weekly"
    )


def test_plugins_add_intervals_and_change_them() -> None:
    hooks.add_filter(
        "datamachine_scheduler_intervals",
        lambda known: {
            **intervals.INTERVALS,
            "fortnightly": {"label": "Fortnightly", "seconds": 1_209_600},
            "hourly": {"label": "Each hour", "seconds": 3_601},
            "never": {"label": "Never", "seconds": 0},
            "odd": "text",
        },
    )
    known = intervals.known()
    assert known["fortnightly"].seconds == 1_209_600
    assert known["hourly"].label == "Each hour"
    assert not {"never", "odd"} & known.keys()
    assert [one["value"] for one in intervals.listing()[:3]] == ["manual", "one_time", "every_5_minutes"]


def test_an_interval_that_nobody_registers_any_more_is_kept_but_not_chosen() -> None:
    stored = {"interval": "gone", "interval_seconds": 77}
    assert code({"interval": "gone"}, stored) == "invalid_interval"
    kept = wanted.read({"retry_policy": POLICY}, stored)
    assert (kept.interval, kept.seconds) == ("gone", 77)
    assert wanted.stored(stored).seconds == 77


def test_the_column_keeps_what_does_not_say_when_the_flow_runs() -> None:
    before = {"interval": "hourly", "interval_seconds": 3600, "first_run": "x", "enabled": False, **WEBHOOK}
    found = wanted.read({"interval": "daily", "retry_policy": POLICY, "webhook_token": "mine"}, before)
    assert wanted.apply(found, before, NOW, enabled=True) == {
        "interval": "daily",
        "interval_seconds": 86_400,
        "first_run": "2026-11-23T00:55:00+00:00",
        **WEBHOOK,
        "retry_policy": POLICY,
    }
    cleared = wanted.read({"retry_policy": None}, {**before, "retry_policy": POLICY})
    after = wanted.apply(cleared, {**before, "retry_policy": POLICY}, None, enabled=False)
    assert "retry_policy" not in after
    assert (after["interval"], after["enabled"], after["webhook_token"]) == ("hourly", False, "t" * 64)


def test_the_column_of_each_kind() -> None:
    once = wanted.read({"interval": "one_time", "timestamp": "1895000000"}, {})
    assert wanted.apply(once, {}, once.at, enabled=True) == {
        "interval": "one_time",
        "timestamp": 1_895_000_000,
        "scheduled_time": "2030-01-18T20:53:20+00:00",
    }
    by_cron = wanted.read("0 9 * * 1-5", {})
    bell = by_cron.doorbell(3, NOW)
    assert wanted.apply(by_cron, {}, bell.at, enabled=True) == {
        "interval": "cron",
        "cron_expression": "0 9 * * 1-5",
        "first_run": "2026-11-23T09:00:00+00:00",
    }
    assert wanted.apply(wanted.read("manual", {}), {}, None, enabled=True) == {"interval": "manual"}


def test_first_runs_are_spread_the_same_way_each_time() -> None:
    # crc32("dm_stagger_5") is 1,104,485,057.
    assert wanted.stagger(5, 86_400) == 1_104_485_057 % 3_600
    assert wanted.stagger(5, 300) == 1_104_485_057 % 300
    bell = wanted.read("hourly", {}).doorbell(5, NOW)
    assert isinstance(bell, schedules.Interval)
    assert (bell.at, bell.every) == (NOW + timedelta(seconds=1_104_485_057 % 3_600), 3_600)


def test_the_row_of_a_cron_schedule_is_one_that_php_reads() -> None:
    bell = wanted.read("@hourly", {}).doorbell(1, NOW)
    assert isinstance(bell, schedules.Cron)
    assert (bell.expression, bell.at) == ("0 * * * *", datetime(2026, 11, 23, 1, tzinfo=UTC))
    assert schedules.parse(bell.serialized()) == bell


@pytest.mark.parametrize(
    ("config", "same"),
    [
        ({"interval": "hourly", "interval_seconds": 3600, "first_run": "x"}, True),
        ({"interval": "hourly", "interval_seconds": 60}, False),
        ({"interval": "daily", "interval_seconds": 86400}, False),
        ({}, False),
    ],
)
def test_the_same_schedule_is_known_again(config: dict[str, Any], same: bool) -> None:
    assert wanted.read("hourly", {}).same_as(config) is same


def test_other_schedules_known_again() -> None:
    assert wanted.read("every_12_hours", {}).same_as({"interval": "twicedaily", "interval_seconds": 43_200})
    assert wanted.read("@daily", {}).same_as({"interval": "cron", "cron_expression": "@daily"})
    assert not wanted.read("@daily", {}).same_as({"interval": "cron", "cron_expression": "0 0 * * *"})
    once = wanted.read({"interval": "one_time", "timestamp": 1_895_000_000}, {})
    assert once.same_as({"interval": "one_time", "timestamp": 1_895_000_000})
    assert not once.same_as({"interval": "one_time", "timestamp": 1_895_000_001})


@pytest.mark.parametrize("text", ["@nightly", "a b c d e", "* * * *", "0 0 30 2 x", "0 0 * * * * *"])
def test_what_is_no_cron_expression(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        cron.resolve(text)
    assert refused.value.code == "invalid_cron_expression"


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(InvalidInput, match="never comes"):
        cron.following("0 0 30 2 *", NOW)


def test_a_retry_policy_may_stand_beside_the_schedule() -> None:
    assert wanted.named({}) is None
    assert wanted.named({"scheduling_config": "hourly"}) == "hourly"
    assert wanted.named({"scheduling_config": "hourly", "retry_policy": POLICY}) == {
        "interval": "hourly",
        "retry_policy": POLICY,
    }
    assert wanted.named({"retry_policy": None}) == {"retry_policy": None}


def test_a_moment_as_the_column_writes_it() -> None:
    assert iso(NOW) == "2026-11-23T00:55:00+00:00"


@pytest.mark.parametrize("at", ["9" * 5000, 2**63, 10**30, 253_402_300_799, "253402300799"])
def test_a_moment_that_no_column_holds_is_refused(at: object) -> None:
    # The last day of 9999 is over already where clocks are ahead of UTC.
    with pytest.raises(InvalidInput) as refused:
        wanted.read({"interval": "one_time", "timestamp": at}, {})
    assert refused.value.code == "invalid_timestamp"
