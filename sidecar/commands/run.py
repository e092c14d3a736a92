"""Running a command: its events, with every failure turned into an event in one place."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from sidecar.commands.events import Event, Failure, Line, Notice, Table
from sidecar.commands.formatter import check_fields
from sidecar.commands.invocation import Invocation
from sidecar.errors import Cancelled, SidecarError

log = logging.getLogger(__name__)

_BROKEN = re.compile("[\ud800-\udfff]")


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
        if isinstance(error, UnicodeEncodeError) and _is_broken(invocation):
            yield Failure("The command line holds text that is not UTF-8.")
            return
        log.exception("Command %s failed", invocation.command.name)
        yield Failure(
            f"{type(error).__name__} in {invocation.command.name}; the sidecar's log has the details."
        )


def _is_broken(invocation: Invocation) -> bool:
    """Whether bytes of the command line are no text: a terminal of another encoding. Files may hold them."""
    words = [*invocation.args, *(value for value in invocation.assoc.values() if isinstance(value, str))]
    return any(_BROKEN.search(word) for word in words)


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
