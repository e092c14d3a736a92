"""How values are shown at every door: dates as the site formats them, jobs with their names."""

from __future__ import annotations

from sidecar.wordpress import dates
from sidecar.wordpress.site_dates import SiteDates

__all__ = ["SiteDates", "dates"]
