"""Calling WordPress from Python: the request that waits on us, or a clean PHP process for a unit of work."""

from __future__ import annotations

from sidecar.host.context import WordPressHost, bind, current
from sidecar.host.errors import (
    HostBusy,
    HostUnavailable,
    Maintenance,
    UnitEnded,
    UnknownOutcome,
)
from sidecar.host.lazy import LazyUnit, lazily, running
from sidecar.host.operations import Listeners
from sidecar.host.pool import HostPool
from sidecar.host.request import RequestHost
from sidecar.host.unit import UnitHost

__all__ = [
    "HostBusy",
    "HostPool",
    "HostUnavailable",
    "LazyUnit",
    "Listeners",
    "Maintenance",
    "RequestHost",
    "UnitEnded",
    "UnitHost",
    "UnknownOutcome",
    "WordPressHost",
    "bind",
    "current",
    "lazily",
    "running",
]
