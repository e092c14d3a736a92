"""Cron expressions of schedules: five fields in UTC, or one of the ``@`` words."""

from __future__ import annotations

import re
from datetime import datetime

from sidecar.errors import InvalidInput
from sidecar.queue import cron

#: Other words for expressions, as PHP's library reads them.
WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELD = re.compile(r"[0-9A-Za-z*/,\-?#]+")
FIELDS = 5


def looks_like(text: str) -> bool:
    """Whether a text given as interval is an expression: it begins with ``@`` or has 5 or 6 fields."""
    parts = text.split()
    return text.strip().startswith("@") or (
        len(parts) in (FIELDS, FIELDS + 1) and all(_FIELD.fullmatch(part) for part in parts)
    )


def resolve(text: str) -> str:
    """The five fields that an expression means; InvalidInput ``invalid_cron_expression``.

    A sixth field is a year, and only ``*`` is taken there.
    """
    expression = " ".join(text.split())
    fields = WORDS.get(expression.lower(), expression).split()
    if len(fields) == FIELDS + 1 and fields[-1] in ("*", "?"):
        fields.pop()
    found = " ".join(fields)
    if len(fields) != FIELDS or not all(map(_FIELD.fullmatch, fields)) or not cron.is_valid(found):
        raise InvalidInput(f"Invalid cron expression: {text}", code="invalid_cron_expression")
    return found


def following(text: str, moment: datetime) -> datetime:
    """The first time after ``moment``; InvalidInput for an expression that has none."""
    try:
        return cron.parse(resolve(text)).after(moment)
    except cron.NotCron:
        # "0 0 30 2 *" is well formed, and never comes.
        raise InvalidInput(
            f"Invalid cron expression: {text} never comes", code="invalid_cron_expression"
        ) from None
