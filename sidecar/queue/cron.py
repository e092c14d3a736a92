"""Cron expressions, read as Action Scheduler's library reads them: any runner names the same next time.

Five fields in UTC: minute, hour, day of the month, month, day of the week. That library differs from the
daemon of the same name in two ways. All fields must agree: ``0 9 13 * 5`` is Friday the 13th. And ``*/n``
names what n divides: days 2, 4, 6 and so on, months 3, 6, 9 and 12 for ``*/3``.

Of days there are also ``L`` (the month's last), ``15W`` (the working day nearest to the 15th), ``5L`` (the
last Friday) and ``5#2`` (the second Friday); ``?`` is ``*``. 0 and 7 are Sunday.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

#: Words that stand for expressions.
WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
#: Years to look ahead: a 29 February that is a Monday comes once in 28 years, or in 40 around 2100.
HORIZON = 40

_PART = re.compile(r"(?:[*?]|(?P<low>\d{1,2})(?:-(?P<high>\d{1,2}))?)(?:/(?P<step>\d{1,3}))?")
_NEAREST = re.compile(r"(\d{1,2})w")
_LAST_WEEKDAY = re.compile(r"([0-7])l")
_NTH_WEEKDAY = re.compile(r"([0-7])#([1-5])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class NotCron(ValueError):
    """A text that is no cron expression, or one that names no time."""


@dataclass(frozen=True)
class Times:
    """What an expression names. Days of the week are 0 (Sunday) to 6."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    #: The day fields, each a list of alternatives in lower case.
    days: tuple[str, ...]
    weekdays: tuple[str, ...]

    def after(self, moment: datetime) -> datetime:
        """The first time after an aware ``moment``, in UTC; NotCron when none comes."""
        start = moment.astimezone(UTC)
        for day in self._dates(start.date()):
            for hour in self.hours:
                for minute in self.minutes:
                    found = datetime.combine(day, time(hour, minute), UTC)
                    if found > start:
                        return found
        raise NotCron("The expression never comes true.")

    def _dates(self, day: date) -> Iterator[date]:
        end = day.year + HORIZON
        while day.year <= end:
            if day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if self._names(day):
                yield day
            day += timedelta(days=1)

    def _names(self, day: date) -> bool:
        return any(_is_day(part, day) for part in self.days) and any(
            _is_weekday(part, day) for part in self.weekdays
        )


def five(text: str) -> str:
    """The five fields of an expression: what an ``@`` word stands for, and no sixth that names any year."""
    fields = WORDS.get(text.strip().lower(), text).split()
    if len(fields) == 6 and fields[-1] in ("*", "?"):
        fields.pop()
    if len(fields) != 5:
        raise NotCron(f"{text!r} has not five fields.")
    return " ".join(fields)


@lru_cache(maxsize=256)
def parse(text: str) -> Times:
    """NotCron for what is no expression."""
    minutes, hours, days, months, weekdays = five(text).lower().split()
    found = Times(
        tuple(sorted(_all(minutes, 0, 59))),
        tuple(sorted(_all(hours, 0, 23))),
        frozenset(_all(_numbered(months, _MONTHS, 1), 1, 12)),
        tuple(days.split(",")),
        tuple(map(_around_sunday, _numbered(weekdays, _WEEKDAYS, 0).split(","))),
    )
    for part in found.days:
        _check_day(part)
    for part in found.weekdays:
        if not _LAST_WEEKDAY.fullmatch(part) and not _NTH_WEEKDAY.fullmatch(part):
            _weekday_values(part)
    return found


def is_valid(text: str) -> bool:
    """Whether a text is an expression; one that never comes true is, too."""
    try:
        parse(text)
    except NotCron:
        return False
    return True


def _is_day(part: str, day: date) -> bool:
    last = monthrange(day.year, day.month)[1]
    if part == "l":
        return day.day == last
    nearest = _NEAREST.fullmatch(part)
    if nearest is None:
        return day.day in _values(part, 1, 31, days=True)
    wished = int(nearest.group(1))
    return wished <= last and day.day == _working_day(day, wished, last)


def _working_day(month: date, wished: int, last: int) -> int:
    """The Monday to Friday nearest to a day, in the same month."""
    near = (wished, wished - 1, wished + 1, wished - 2, wished + 2)
    return next(each for each in near if 1 <= each <= last and month.replace(day=each).weekday() < 5)


def _is_weekday(part: str, day: date) -> bool:
    weekday = day.isoweekday() % 7
    if found := _LAST_WEEKDAY.fullmatch(part):
        last = monthrange(day.year, day.month)[1]
        return weekday == int(found.group(1)) % 7 and day.day > last - 7
    if found := _NTH_WEEKDAY.fullmatch(part):
        return weekday == int(found.group(1)) % 7 and (day.day - 1) // 7 + 1 == int(found.group(2))
    return weekday in _weekday_values(part)


def _weekday_values(part: str) -> frozenset[int]:
    # A part that names a 7 counts from Monday, 1 to 7; any other from Sunday, 0 to 6.
    low, high = (1, 7) if "7" in part else (0, 6)
    named = _values(part, low, high, days=True, lowest=0)
    return frozenset(value % 7 for value in named if value >= low)


def _check_day(part: str) -> None:
    nearest = _NEAREST.fullmatch(part)
    if nearest is not None and 1 <= int(nearest.group(1)) <= 31:
        return
    if part != "l":
        _values(part, 1, 31, days=True)


def _around_sunday(part: str) -> str:
    """A range from or to Sunday, by the number that makes it one."""
    low, dash, high = part.partition("-")
    if not dash:
        return part
    if low == "7":
        return f"0-{high}"
    return f"{low}-7" if high == "0" else part


def _numbered(field: str, names: tuple[str, ...], first: int) -> str:
    for number, name in enumerate(names, first):
        field = field.replace(name, str(number))
    return field


def _all(field: str, low: int, high: int) -> frozenset[int]:
    return frozenset().union(*(_values(part, low, high) for part in field.split(",")))


@lru_cache(maxsize=512)
def _values(
    part: str, low: int, high: int, *, days: bool = False, lowest: int | None = None
) -> frozenset[int]:
    """What one alternative of a field names; NotCron. ``?`` stands in ``days`` only."""
    found = _PART.fullmatch(part)
    if found is None or ("?" in part and not days):
        raise NotCron(f"{part!r} is no part of a cron expression.")
    step = int(found["step"] or 1)
    if step == 0:
        raise NotCron(f"{part!r} has a step of nothing.")
    if found["low"] is None or (found["low"] == "0" and found["high"] is None and found["step"]):
        return frozenset(value for value in range(low, high + 1) if value % step == 0)
    start = int(found["low"])
    end = int(found["high"]) if found["high"] else high if found["step"] else start
    if not (low if lowest is None else lowest) <= start <= end <= high:
        raise NotCron(f"{part!r} is outside its range.")
    return frozenset(range(start, end + 1, step))
