"""Days of daily memory, and the files they are kept in."""

from __future__ import annotations

import re
from datetime import date

from sidecar.errors import InvalidInput

#: The folder of an agent's layer that holds them.
FOLDER = "daily"
_DATE = re.compile(r"\A(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_FILE = re.compile(r"\Adaily/(\d{4})/(\d{2})/(\d{2})\.md\Z", re.ASCII)


class InvalidDate(InvalidInput):
    """The text is no day of the calendar."""

    code = "invalid_memory_date"


def parse(text: str) -> str:
    """A day as ``YYYY-MM-DD``, checked against the calendar; InvalidDate.

    >>> parse("2026-04-17")
    '2026-04-17'
    """
    if not _exists(_DATE.match(text)):
        raise InvalidDate(f"Invalid date format: {text}. Use YYYY-MM-DD.")
    return text


def filename(day: str) -> str:
    """The file of a parsed day.

    >>> filename("2026-04-17")
    'daily/2026/04/17.md'
    """
    return f"{FOLDER}/{day.replace('-', '/')}.md"


def of_filename(name: str) -> str | None:
    """The day a file is of; None for other files.

    >>> of_filename("daily/2026/04/17.md")
    '2026-04-17'
    """
    found = _FILE.match(name)
    return "-".join(found.groups()) if found is not None and _exists(found) else None


def _exists(found: re.Match[str] | None) -> bool:
    if found is None:
        return False
    try:
        date(*map(int, found.groups()))
    except ValueError:
        return False
    return True
