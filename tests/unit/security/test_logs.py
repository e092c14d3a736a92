"""A stranger's text in a log does not pass for a line of its own."""

from __future__ import annotations

import io
import logging

from sidecar import logs

FORGED = "name\n2026-11-23 04:00:00 up[1] INFO all is well\r\x1b[2J\x9b2J"


def written(*, traceback: bool) -> list[str]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine("%(levelname)s %(message)s"))
    logger = logging.Logger("apart")
    logger.addHandler(handler)
    try:
        raise ValueError(FORGED)
    except ValueError:
        logger.exception("refused %s", FORGED, exc_info=traceback)
    return stream.getvalue().splitlines()


def test_a_message_is_one_line() -> None:
    (line,) = written(traceback=False)
    assert line == r"ERROR refused name\n2026-11-23 04:00:00 up[1] INFO all is well\r\x1b[2J\x9b2J"


def test_lines_of_a_traceback_are_marked() -> None:
    first, *rest = written(traceback=True)
    assert first.startswith("ERROR refused")
    assert rest
    assert all(line.startswith("  | ") for line in rest)
    assert not any(character in line for line in rest for character in "\x1b\x9b\r")
