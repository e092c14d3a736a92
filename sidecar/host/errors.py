"""What can go wrong when Python asks WordPress."""

from __future__ import annotations

from sidecar.errors import Internal, Unavailable


class HostUnavailable(Unavailable):
    """No WordPress process can be had: it does not boot, the host is stopping, or a socket is gone."""

    code = "host_unavailable"


class HostBusy(Unavailable):
    """Every unit this machine may run at once is taken, and none became free in time."""

    code = "host_busy"


class Maintenance(Unavailable):
    """WordPress is in maintenance mode and did not leave it in time."""

    code = "wordpress_maintenance"


#: WordPress cannot be had right now, and nothing was asked of it.
AWAY = (HostUnavailable, HostBusy, Maintenance)


class UnitEnded(Internal):
    """The PHP process of this unit has ended: what is asked of it now is not done."""

    code = "host_unit_ended"


class UnknownOutcome(Internal):
    """The PHP process went away in the middle of an operation.

    It may have been done, partly or not at all: look before doing it again.
    """

    code = "unknown_outcome"


class ProcessDied(UnknownOutcome):
    """The PHP process died without a word in the middle of an operation: killed, or out of memory."""


class DeadUnit(UnitEnded):
    """The PHP process of this unit has died without a word: what is asked of it now is not done."""


#: A process died under its work, which was not the work's own doing as far as anybody can tell.
DIED = (ProcessDied, DeadUnit)


class Stale(Exception):
    """The zygote was loaded before plugins, theme, roles or addresses changed; nothing was executed."""
