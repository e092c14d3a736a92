"""When a doorbell rings, in the exact bytes Action Scheduler 3.8 and 3.9 store in the ``schedule`` column.

The library reads these with ``unserialize``: class names, property order and NUL bytes all count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from sidecar.queue import cron

#: The fields of PHP's cron expression, in the order its factory made them.
_CRON_FIELDS = ("Minutes", "Hours", "DayOfMonth", "Month", "DayOfWeek")


class Schedule(Protocol):
    """When an action is due, and what follows it."""

    def first(self, now: datetime) -> datetime:
        """When the row is due (``scheduled_date_gmt``)."""
        ...

    def next(self, after: datetime) -> datetime | None:
        """The next instance counted from ``after``, or None when there is none."""
        ...

    def serialized(self) -> str:
        """The ``schedule`` column."""
        ...


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _property(name: str, value: str, *, owner: str = "*") -> str:
    """One non-public property as PHP serializes it: ``\\0*\\0`` is protected, ``\\0Class\\0`` private."""
    key = f"\0{owner}\0{name}"
    return f's:{len(key)}:"{key}";{value}'


def _text(value: str) -> str:
    return f's:{len(value.encode())}:"{value}";'


def _object(name: str, *properties: str) -> str:
    return f'O:{len(name)}:"{name}":{len(properties)}:{{{"".join(properties)}}}'


@dataclass(frozen=True)
class Async:
    """As soon as a runner comes by."""

    def first(self, now: datetime) -> datetime:
        return now

    def next(self, after: datetime) -> None:
        return None

    def serialized(self) -> str:
        return _object("ActionScheduler_NullSchedule")


@dataclass(frozen=True)
class Single:
    """Once, at a moment."""

    at: datetime

    def first(self, now: datetime) -> datetime:
        return self.at

    def next(self, after: datetime) -> None:
        return None

    def serialized(self) -> str:
        name, at = "ActionScheduler_SimpleSchedule", f"i:{_seconds(self.at)};"
        return _object(name, _property("scheduled_timestamp", at), _property("timestamp", at, owner=name))


@dataclass(frozen=True)
class Interval:
    """Every so many seconds; the next instance is counted from the end of the last."""

    at: datetime
    every: int
    #: The very first instance; a follower keeps it.
    start: datetime | None = None

    def first(self, now: datetime) -> datetime:
        return self.at

    def next(self, after: datetime) -> datetime:
        return datetime.fromtimestamp(_seconds(after) + self.every, UTC)

    def moved(self, at: datetime) -> Interval:
        """The instance at another time; it remembers the first."""
        return replace(self, at=at, start=self.start or self.at)

    def serialized(self) -> str:
        name, at, every = "ActionScheduler_IntervalSchedule", f"i:{_seconds(self.at)};", f"i:{self.every};"
        return _object(
            name,
            _property("scheduled_timestamp", at),
            _property("first_timestamp", f"i:{_seconds(self.start or self.at)};"),
            _property("recurrence", every),
            _property("start_timestamp", at, owner=name),
            _property("interval_in_seconds", every, owner=name),
        )


@dataclass(frozen=True)
class Cron:
    """At the times of a five-field cron expression."""

    at: datetime
    expression: str
    start: datetime | None = None

    def first(self, now: datetime) -> datetime:
        return self.at

    def next(self, after: datetime) -> datetime:
        return cron.parse(self.expression).after(after)

    def moved(self, at: datetime) -> Cron:
        """The instance at another time; it remembers the first."""
        return replace(self, at=at, start=self.start or self.at)

    def serialized(self) -> str:
        name, at = "ActionScheduler_CronSchedule", f"i:{_seconds(self.at)};"
        return _object(
            name,
            _property("scheduled_timestamp", at),
            _property("first_timestamp", f"i:{_seconds(self.start or self.at)};"),
            _property("recurrence", self._expression()),
            _property("start_timestamp", at, owner=name),
            # A reference to the fourth value of the document, the expression: PHP stores one object once.
            _property("cron", "r:4;", owner=name),
        )

    def _expression(self) -> str:
        parts = self.expression.split()
        listed = "".join(f"i:{index};{_text(part)}" for index, part in enumerate(parts))
        fields = "".join(
            f"i:{index};{_object(f'CronExpression_{field}Field')}" for index, field in enumerate(_CRON_FIELDS)
        )
        factory = "CronExpression_FieldFactory"
        return _object(
            "CronExpression",
            _property("cronParts", f"a:{len(parts)}:{{{listed}}}", owner="CronExpression"),
            _property(
                "fieldFactory",
                _object(factory, _property("fields", f"a:{len(_CRON_FIELDS)}:{{{fields}}}", owner=factory)),
                owner="CronExpression",
            ),
        )


_SCHEDULED = re.compile(r'scheduled_timestamp";i:(\d+);')
_FIRST = re.compile(r'first_timestamp";i:(\d+);')
_EVERY = re.compile(r'(?:recurrence|interval_in_seconds)";i:(\d+);')
_PARTS = re.compile(r'cronParts";a:\d+:\{((?:i:\d;s:\d+:"[^"]*";)+)\}')
_PART = re.compile(r'"([^"]*)"')


def parse(text: str | None) -> Interval | Cron | None:
    """The recurring schedule of a row; None for what rings once, and for what we cannot read."""
    try:
        return _recurring(text or "")
    except (ValueError, OverflowError, OSError):
        # A moment beyond the calendar: PHP stores whatever number it is given, milliseconds for seconds too.
        return None


def _recurring(text: str) -> Interval | Cron | None:
    found = _SCHEDULED.search(text)
    if found is None:
        return None
    at = datetime.fromtimestamp(int(found.group(1)), UTC)
    first = _FIRST.search(text)
    start = datetime.fromtimestamp(int(first.group(1)), UTC) if first else None
    if "ActionScheduler_IntervalSchedule" in text and (every := _EVERY.search(text)):
        return Interval(at, int(every.group(1)), start)
    if "ActionScheduler_CronSchedule" in text and (parts := _PARTS.search(text)):
        expression = " ".join(_PART.findall(parts.group(1)))
        return Cron(at, cron.five(expression), start) if cron.is_valid(expression) else None
    return None
