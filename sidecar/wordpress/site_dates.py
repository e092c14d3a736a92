"""A site's own way of writing dates."""

from __future__ import annotations

import time
from datetime import datetime, tzinfo
from weakref import WeakKeyDictionary

from sidecar.db import Database
from sidecar.wordpress import dates
from sidecar.wordpress.options import Options

_OPTIONS = ("date_format", "time_format", "timezone_string", "gmt_offset")
#: Seconds for which formats are kept, as long as the site's epoch is the same; and how many.
TRUSTED = 30.0
KEPT = 64


class SiteDates:
    """Formats and time zone of one blog, read once from its options."""

    def __init__(self, pattern: str, zone: tzinfo) -> None:
        self.pattern = pattern
        self.zone = zone

    @classmethod
    def of(cls, db: Database, blog_id: int = 1, epoch: str | None = None) -> SiteDates:
        """As the options ``date_format``, ``time_format``, ``timezone_string`` and ``gmt_offset`` say.

        ``epoch`` is the row ``datamachine_bridge_access_epoch``, for those who have just read it: PHP changes
        it with these options, so that they need not be read each time.
        """
        if epoch is None:
            return cls._read(db, blog_id)
        kept = _kept.setdefault(db, {})
        found = kept.get((blog_id, epoch))
        if found is None or found[0] < time.monotonic():
            if len(kept) >= KEPT:
                kept.clear()
            found = kept[blog_id, epoch] = time.monotonic() + TRUSTED, cls._read(db, blog_id)
        return found[1]

    @classmethod
    def _read(cls, db: Database, blog_id: int) -> SiteDates:
        options = Options(db).get_many(_OPTIONS, blog_id=blog_id)
        pattern = f"{options.get('date_format') or 'F j, Y'} {options.get('time_format') or 'g:i a'}"
        zone = dates.site_timezone(
            str(options.get("timezone_string", "")), str(options.get("gmt_offset", "0"))
        )
        return cls(pattern, zone)

    def show(self, text: str | datetime | None, default: str = "Never") -> str:
        """A moment (UTC; a DATETIME text or aware) in the site's words; ``default`` for none."""
        moment = dates.from_mysql(text) if isinstance(text, str) else text
        return default if moment is None else dates.date(self.pattern, moment.astimezone(self.zone))


_kept: WeakKeyDictionary[Database, dict[tuple[int, str], tuple[float, SiteDates]]] = WeakKeyDictionary()
