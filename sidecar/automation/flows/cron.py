"""Cron expressions of schedules: five fields in UTC, or one of the ``@`` words."""

from __future__ import annotations

import re
from datetime import datetime

from sidecar.errors import InvalidInput
from sidecar.queue import cron

_FIELD = re.compile(r"[0-9A-Za-z*/,\-?#]+")


def looks_like(text: str) -> bool:
    """Whether a text given as interval is an expression: it begins with ``@`` or has 5 or 6 fields."""
    parts = text.split()
    return text.strip().startswith("@") or (
        len(parts) in (5, 6) and all(_FIELD.fullmatch(part) for part in parts)
    )


def resolve(text: str) -> str:
    """The five fields that an expression means; InvalidInput ``invalid_cron_expression``.

    A sixth field is a year, and only ``*`` is taken there.
    """
    try:
        found = cron.five(text)
        cron.parse(found)
    except cron.NotCron:
        raise InvalidInput(f"Invalid cron expression: {text}", code="invalid_cron_expression") from None
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
