"""How often flows may run: the filter ``datamachine_scheduler_intervals``, other names for its entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sidecar import hooks
from sidecar.automation.flows import cron
from sidecar.errors import InvalidInput

#: No schedule, one moment, a cron expression: the words that are no intervals.
MANUAL, ONE_TIME, CRON = "manual", "one_time", "cron"

#: The product's own entries; PHP reads them from ``wp-plugin/generated/automation.php``.
INTERVALS: dict[str, dict[str, Any]] = {
    "every_5_minutes": {"label": "Every 5 Minutes", "seconds": 300},
    "hourly": {"label": "Hourly", "seconds": 3_600},
    "every_2_hours": {"label": "Every 2 Hours", "seconds": 7_200},
    "every_4_hours": {"label": "Every 4 Hours", "seconds": 14_400},
    "qtrdaily": {"label": "Every 6 Hours", "seconds": 21_600},
    "twicedaily": {"label": "Twice Daily", "seconds": 43_200},
    "daily": {"label": "Daily", "seconds": 86_400},
    "every_3_days": {"label": "Every 3 Days", "seconds": 259_200},
    "weekly": {"label": "Weekly", "seconds": 604_800},
    "monthly": {"label": "Monthly", "seconds": 2_592_000},
}
#: Accepted where an interval is given.
ALIASES = {"every_6_hours": "qtrdaily", "every_12_hours": "twicedaily"}


class Interval(msgspec.Struct, frozen=True):
    """An entry of the registry; ``seconds`` is at least 1."""

    key: str
    label: str
    seconds: int


def resolve(name: str) -> str:
    """The canonical key of an alias; any other name is itself."""
    return ALIASES.get(name, name)


def known() -> dict[str, Interval]:
    """Every interval by key, in the order of the registry; entries without usable seconds are left out.

    May call WordPress: not inside a transaction.
    """
    found = hooks.apply_filters("datamachine_scheduler_intervals", [])
    entries = dict(found) if isinstance(found, Mapping) else {}
    if not INTERVALS.keys() & entries.keys():
        # No WordPress was asked, so nobody has put the product's own entries in.
        entries = {**INTERVALS, **entries}
    listed = (_interval(str(key), entry) for key, entry in entries.items())
    return {one.key: one for one in listed if one is not None}


def listing() -> list[dict[str, str]]:
    """``[{value, label}, ...]`` for a form: manual and one time first, then the registry."""
    choices = [
        {"value": MANUAL, "label": "Manual only"},
        {"value": ONE_TIME, "label": "One Time (scheduled)"},
    ]
    return choices + [{"value": one.key, "label": one.label} for one in known().values()]


def find(name: str) -> Interval:
    """The interval of that name or alias; InvalidInput ``invalid_interval`` names those there are."""
    entries = known()
    found = entries.get(resolve(name))
    if found is None:
        raise invalid(name, entries)
    return found


def invalid(name: str, entries: Mapping[str, Interval]) -> InvalidInput:
    """The refusal of an unknown interval."""
    options = ", ".join(sorted({*entries, *ALIASES}))
    return InvalidInput(f"Invalid interval '{name}'. Valid options: {options}", code="invalid_interval")


def check(name: str) -> None:
    """InvalidInput for what is no interval, no word of this module and no cron expression."""
    if name in (MANUAL, ONE_TIME, CRON):
        return
    if cron.looks_like(name):
        cron.resolve(name)
        return
    find(name)


def _interval(key: str, entry: Any) -> Interval | None:
    if not isinstance(entry, Mapping):
        return None
    try:
        seconds = int(entry.get("seconds") or 0)
    except (TypeError, ValueError):
        return None
    return Interval(key, str(entry.get("label") or key), seconds) if seconds > 0 else None
