"""How values are shown at every door: dates as the site formats them, jobs with their names."""

from __future__ import annotations

from sidecar.display.site import SiteDates

__all__ = ["SiteDates"]
