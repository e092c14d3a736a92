"""Dates as WordPress shows them: the site's formats and time zone, English names.

PHP's date letters, as ``wp_date`` takes them; month and day names are not translated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def _ordinal(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days_in_month(moment: datetime) -> int:
    following = (moment.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day


def _offset(moment: datetime) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _zone_name(moment: datetime) -> str:
    return str(getattr(moment.tzinfo, "key", "")) or _offset(moment)


_LETTERS: dict[str, Callable[[datetime], str]] = {
    "d": lambda t: f"{t.day:02d}",
    "D": lambda t: t.strftime("%a"),
    "j": lambda t: str(t.day),
    "l": lambda t: t.strftime("%A"),
    "N": lambda t: str(t.isoweekday()),
    "S": lambda t: _ordinal(t.day),
    "w": lambda t: str(t.isoweekday() % 7),
    "z": lambda t: str(t.timetuple().tm_yday - 1),
    "W": lambda t: f"{t.isocalendar().week:02d}",
    "F": lambda t: t.strftime("%B"),
    "m": lambda t: f"{t.month:02d}",
    "M": lambda t: t.strftime("%b"),
    "n": lambda t: str(t.month),
    "t": lambda t: str(_days_in_month(t)),
    "L": lambda t: str(int(_leap(t.year))),
    "o": lambda t: str(t.isocalendar().year),
    "Y": lambda t: f"{t.year:04d}",
    "y": lambda t: f"{t.year % 100:02d}",
    "a": lambda t: "am" if t.hour < 12 else "pm",
    "A": lambda t: "AM" if t.hour < 12 else "PM",
    "g": lambda t: str(t.hour % 12 or 12),
    "G": lambda t: str(t.hour),
    "h": lambda t: f"{t.hour % 12 or 12:02d}",
    "H": lambda t: f"{t.hour:02d}",
    "i": lambda t: f"{t.minute:02d}",
    "s": lambda t: f"{t.second:02d}",
    "u": lambda t: f"{t.microsecond:06d}",
    "v": lambda t: f"{t.microsecond // 1000:03d}",
    "e": _zone_name,
    "T": lambda t: t.tzname() or _offset(t),
    "I": lambda t: str(int(bool(t.dst()))),
    "O": lambda t: _offset(t).replace(":", ""),
    "P": _offset,
    "p": lambda t: "Z" if not t.utcoffset() else _offset(t),
    "U": lambda t: str(int(t.timestamp())),
    "c": lambda t: date("Y-m-d\\TH:i:sP", t),
    "r": lambda t: date("D, d M Y H:i:s O", t),
}


def date(pattern: str, moment: datetime) -> str:
    """``moment`` (aware) by PHP's letters; a backslash keeps the letter after it."""
    return "".join([part if isinstance(part, str) else part(moment) for part in _parts(pattern)])


@lru_cache(maxsize=64)
def _parts(pattern: str) -> tuple[str | Callable[[datetime], str], ...]:
    """A pattern's letters as what they stand for."""
    parts: list[str | Callable[[datetime], str]] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            parts.append(next(letters, ""))
        else:
            parts.append(_LETTERS.get(letter, letter))
    return tuple(parts)


def site_timezone(timezone_string: str, gmt_offset: str | float) -> tzinfo:
    """The zone of the options ``timezone_string`` and ``gmt_offset``, as ``wp_timezone`` chooses."""
    if timezone_string:
        try:
            return ZoneInfo(timezone_string)
        except (ZoneInfoNotFoundError, ValueError):
            pass
    try:
        return timezone(timedelta(hours=float(gmt_offset or 0)))
    except ValueError:
        return UTC


def from_mysql(text: str) -> datetime | None:
    """A DATETIME text in UTC as a moment; None for the zero date and what is no date."""
    try:
        if len(text) == 19 and text[4::3] == "-- ::":
            # As the server writes it; strptime takes ten times as long.
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
