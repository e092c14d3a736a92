"""Running a command: its events, with every failure turned into an event in one place."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from sidecar.commands.events import Event, Failure, Line, Notice, Table
from sidecar.commands.formatter import check_fields
from sidecar.commands.invocation import Invocation
from sidecar.errors import Cancelled, SidecarError

log = logging.getLogger(__name__)


def run(invocation: Invocation) -> Iterator[Event]:
    """The events of one run; never raises but for cancellation (nobody is left to tell)."""
    try:
        for event in invocation.command.handler(invocation):
            if isinstance(event, Table):
                check_fields(event.rows, event.fields, event.format)
            yield event
    except Cancelled:
        raise
    except SidecarError as error:
        yield Failure(error.message, error.exit_code)
    except Exception as error:  # the operator gets one line, the log the traceback
        log.exception("Command %s failed", invocation.command.name)
        yield Failure(
            f"{type(error).__name__} in {invocation.command.name}; the sidecar's log has the details."
        )


def listing(
    rows: list[dict[str, object]], fields: list[str], output: str, identifier: str, none: str = ""
) -> Iterator[Event]:
    """A list in the format asked for; ``ids`` is one identifier a line.

    ``none`` is what people read where there is nothing; programs get an empty list.
    """
    if none and not rows and output == "table":
        yield Notice(none)
        return
    if output == "ids":
        for row in rows:
            yield Line(str(row[identifier]))
        return
    yield Table(rows, fields, output)
