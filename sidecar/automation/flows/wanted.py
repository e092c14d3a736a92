"""Reading what a caller wants as a flow's schedule, and what a schedule says in its column.

Keys of ``scheduling_config`` that say when a flow runs are replaced together. Every other key (webhooks,
retries, whatever an extension keeps there) stays as it is; of those, :data:`SETTINGS` may be set here too.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sidecar.automation.flows import cron, intervals
from sidecar.automation.jobs import retry_policy
from sidecar.automation.steps.base import number
from sidecar.automation.values import Document
from sidecar.clock import iso
from sidecar.db import php_json
from sidecar.errors import InvalidInput
from sidecar.queue import schedules

#: Say when a flow runs.
TIMES = frozenset(
    {"interval", "interval_seconds", "first_run", "timestamp", "scheduled_time", "cron_expression", "enabled"}
)
#: May be set along with a schedule, and taken away with null.
SETTINGS = ("retry_policy", "cycle_policy")
#: What ``cycle_policy`` may say.
CYCLE_POLICIES = ("every_cycle",)
#: Flows of one interval do not all start at once: their first runs lie within this many seconds.
SPREAD = 3_600
#: Unix times of single runs are below it: the last day of 9999 has already ended where clocks are ahead.
LAST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


class Wanted(msgspec.Struct, frozen=True):
    """A schedule that can be kept: everything in it was checked."""

    #: ``manual``, ``one_time``, ``cron`` or the key of an interval.
    interval: str
    seconds: int = 0
    cron_expression: str = ""
    at: datetime | None = None
    #: None: as it was.
    enabled: bool | None = None
    settings: Mapping[str, Any] = msgspec.field(default_factory=dict)
    #: Nothing was said about times: those that are stored when it is applied stay.
    keeps: bool = False

    @property
    def rings(self) -> bool:
        """Whether it ever starts a flow by itself."""
        return self.interval != intervals.MANUAL

    def same_as(self, config: Mapping[str, Any]) -> bool:
        """Whether a stored schedule means the same."""
        if intervals.resolve(str(config.get("interval") or intervals.MANUAL)) != self.interval:
            return False
        if self.interval == intervals.CRON:
            return str(config.get("cron_expression", "")) == self.cron_expression
        if self.interval == intervals.ONE_TIME:
            return self.at is not None and config.get("timestamp") == int(self.at.timestamp())
        return self.interval == intervals.MANUAL or config.get("interval_seconds") == self.seconds

    def times(self, at: datetime | None) -> Document:
        """The keys of the column; ``at`` is the first run, None while nothing rings."""
        if self.interval == intervals.MANUAL:
            return {"interval": intervals.MANUAL}
        if self.interval == intervals.ONE_TIME and self.at is not None:
            return {
                "interval": intervals.ONE_TIME,
                "timestamp": int(self.at.timestamp()),
                "scheduled_time": iso(self.at),
            }
        found: Document = {"interval": self.interval}
        if self.interval == intervals.CRON:
            found["cron_expression"] = self.cron_expression
        else:
            found["interval_seconds"] = self.seconds
        return found if at is None else found | {"first_run": iso(at)}

    def doorbell(self, flow_id: int, now: datetime) -> schedules.Single | schedules.Interval | schedules.Cron:
        """The schedule of the row of Action Scheduler; not for manual ones."""
        if self.interval == intervals.ONE_TIME and self.at is not None:
            return schedules.Single(self.at)
        if self.interval == intervals.CRON:
            expression = cron.resolve(self.cron_expression)
            return schedules.Cron(cron.following(expression, now), expression, now)
        return schedules.Interval(now + timedelta(seconds=stagger(flow_id, self.seconds)), self.seconds)

    def after(self, now: datetime) -> schedules.Interval | schedules.Cron:
        """The run that follows one at this moment; of interval and cron schedules."""
        if self.interval == intervals.CRON:
            expression = cron.resolve(self.cron_expression)
            return schedules.Cron(cron.following(expression, now), expression, now)
        return schedules.Interval(now + timedelta(seconds=self.seconds), self.seconds)


def read(given: Any, stored: Mapping[str, Any]) -> Wanted:
    """What a caller sent (a map, or the JSON text of one) over what is stored.

    Without times only the settings change. InvalidInput: ``invalid_scheduling_config``, ``invalid_interval``,
    ``missing_timestamp``, ``missing_cron_expression``, ``invalid_cron_expression``. May ask WordPress for
    the intervals; a stored one that nobody registers any more counts by its seconds.
    """
    config = document(given)
    settings = {name: _setting(name, config[name]) for name in SETTINGS if name in config}
    enabled = config.get("enabled")
    if enabled is not None and not isinstance(enabled, bool):
        raise InvalidInput("enabled must be true or false.", code="invalid_scheduling_config")
    interval = _interval(config)
    known_only = interval is not None
    if interval is None:
        # Nothing is said about times: those that are stored are checked as if they were given.
        config, interval = dict(stored), str(stored.get("interval") or intervals.MANUAL)
    if cron.looks_like(interval):
        config, interval = {**config, "cron_expression": interval}, intervals.CRON
    about: dict[str, Any] = {"enabled": enabled, "settings": settings, "keeps": not known_only}
    if interval == intervals.MANUAL:
        return Wanted(intervals.MANUAL, **about)
    if interval == intervals.ONE_TIME:
        return Wanted(interval, at=_moment(config), **about)
    if interval == intervals.CRON:
        return Wanted(interval, cron_expression=_expression(config), **about)
    key, seconds = _registered(interval, config, known_only)
    return Wanted(key, seconds=seconds, **about)


def named(given: Mapping[str, Any]) -> Any:
    """The schedule of a caller's input: ``scheduling_config`` with a ``retry_policy`` that stands beside it.

    None when neither is named.
    """
    scheduling = given.get("scheduling_config")
    if "retry_policy" not in given:
        return scheduling
    return {**document({} if scheduling is None else scheduling), "retry_policy": given["retry_policy"]}


def stored(config: Mapping[str, Any]) -> Wanted:
    """What a column says, without asking WordPress; InvalidInput as in :func:`read`."""
    interval = intervals.resolve(str(config.get("interval") or intervals.MANUAL))
    if interval == intervals.MANUAL:
        return Wanted(interval)
    if interval == intervals.ONE_TIME:
        return Wanted(interval, at=_moment(config))
    if interval == intervals.CRON:
        return Wanted(interval, cron_expression=_expression(config))
    seconds = config.get("interval_seconds") or intervals.INTERVALS.get(interval, {}).get("seconds")
    if not isinstance(seconds, int) or seconds <= 0:
        raise intervals.invalid(interval, {})
    return Wanted(interval, seconds=seconds)


def kept(wanted: Wanted, config: Mapping[str, Any]) -> Wanted:
    """What was wanted, with the times that the column has now."""
    now = stored(config)
    return msgspec.structs.replace(
        wanted, interval=now.interval, seconds=now.seconds, cron_expression=now.cron_expression, at=now.at
    )


def with_settings(wanted: Wanted, config: Mapping[str, Any]) -> Document:
    """The column with only the settings changed."""
    found = {key: value for key, value in config.items() if key not in wanted.settings}
    return found | {key: value for key, value in wanted.settings.items() if value is not None}


def apply(wanted: Wanted, config: Mapping[str, Any], at: datetime | None, *, enabled: bool) -> Document:
    """The new column: the times of ``wanted``, everything else as it was but for the settings it names."""
    kept = {key: value for key, value in config.items() if key not in TIMES}
    for name, value in wanted.settings.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = value
    times = wanted.times(at)
    return {**times, **kept} if enabled else {**times, "enabled": False, **kept}


def of_copy(config: Mapping[str, Any]) -> Document:
    """Of a schedule what a copy of the flow has: interval or expression, its settings, and that it is paused.

    No moment of a single run, and no webhooks.
    """
    interval = str(config.get("interval") or intervals.MANUAL)
    kept: Document = {"interval": intervals.MANUAL if interval == intervals.ONE_TIME else interval}
    if interval == intervals.CRON:
        kept["cron_expression"] = config.get("cron_expression")
    if config.get("enabled") is False:
        kept["enabled"] = False
    return kept | {name: config[name] for name in SETTINGS if name in config}


def document(given: Any) -> Document:
    """A map, an empty list for none, or the JSON text of either."""
    if isinstance(given, str):
        text = given.strip()
        if not text.startswith(("{", "[")):
            # The bare word of an interval, as the command line takes it.
            return {"interval": text} if text else {}
        try:
            given = php_json.loads(text)
        except php_json.NotJson:
            given = None
    if isinstance(given, Mapping):
        return dict(given)
    if given == []:
        return {}
    raise InvalidInput("scheduling_config must be an object.", code="invalid_scheduling_config")


def stagger(flow_id: int, seconds: int) -> int:
    """Seconds until the first run, the same for a flow each time."""
    return zlib.crc32(f"dm_stagger_{flow_id}".encode()) % max(1, min(seconds, SPREAD))


def _interval(config: Mapping[str, Any]) -> str | None:
    found = config.get("interval")
    if isinstance(found, str) and found.strip():
        return found.strip()
    if found not in (None, ""):
        raise InvalidInput("interval must be a text.", code="invalid_interval")
    if config.get("cron_expression"):
        return intervals.CRON
    return intervals.ONE_TIME if config.get("timestamp") else None


def _moment(config: Mapping[str, Any]) -> datetime:
    given = config.get("timestamp")
    text = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    at = number(text)
    if at <= 0:
        raise InvalidInput("A timestamp is required for one-time scheduling.", code="missing_timestamp")
    return moment(at)


def moment(timestamp: int) -> datetime:
    """A Unix time that a DATETIME column holds in every time zone; InvalidInput ``invalid_timestamp``."""
    if not 0 < timestamp < LAST:
        raise InvalidInput(f"{timestamp} is no time that can be scheduled.", code="invalid_timestamp")
    return datetime.fromtimestamp(timestamp, UTC)


def _expression(config: Mapping[str, Any]) -> str:
    expression = config.get("cron_expression")
    if not isinstance(expression, str) or not expression.strip():
        raise InvalidInput(
            "A cron expression is required for cron scheduling.", code="missing_cron_expression"
        )
    cron.resolve(expression)
    return expression.strip()


def _registered(name: str, config: Mapping[str, Any], known_only: bool) -> tuple[str, int]:
    entries = intervals.known()
    key = intervals.resolve(name)
    found = entries.get(key)
    if found is not None:
        return key, found.seconds
    stored = config.get("interval_seconds")
    if not known_only and isinstance(stored, int) and stored > 0:
        return key, stored
    raise intervals.invalid(name, entries)


def _setting(name: str, value: Any) -> Any:
    if value in (None, "", "none", [], {}):
        return None
    if name == "cycle_policy":
        if value not in CYCLE_POLICIES:
            options = ", ".join(CYCLE_POLICIES)
            raise InvalidInput(f"Invalid cycle_policy. Valid options: {options}", code="invalid_cycle_policy")
        return value
    return retry_policy.parse(document(value))
