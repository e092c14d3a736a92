"""The log of every kind of process: one line a message, on standard error."""

from __future__ import annotations

import logging
import os
import sys

#: What would begin a line, or speak to a terminal; a visitor's text may hold it.
_CONTROLS = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))} | {
    10: "\\n",
    13: "\\r",
    9: "\t",
}


class OneLine(logging.Formatter):
    """Messages stay on their line; lines of a traceback are marked, so that none passes for a message."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).translate(_CONTROLS)

    def formatException(self, ei: object) -> str:
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"  | {line.translate(_CONTROLS)}" for line in text.splitlines())


def configure(kind: str) -> None:
    """Log to standard error; ``DATAMACHINE_LOG_LEVEL`` says from which level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(f"%(asctime)s {kind}[%(process)d] %(levelname)s %(message)s"))
    logging.basicConfig(level=os.environ.get("DATAMACHINE_LOG_LEVEL", "INFO").upper(), handlers=[handler])
