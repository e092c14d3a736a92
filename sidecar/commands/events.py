"""What a command says: output events, in order, rendered by WP-CLI or by :mod:`sidecar.commands.output`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

#: A row of a table: field name to value. Values are what PHP's formatter takes: scalars, None, lists, dicts.
Row = Mapping[str, Any]


class Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Base of everything a command can print."""

    def wire(self) -> dict[str, Any]:
        """The event as plain data, with its kind under ``event``."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data


class Line(Event, frozen=True, tag="line"):
    """A line on standard output; the newline is added."""

    text: str = ""


class Text(Event, frozen=True, tag="text"):
    """Text on standard output exactly as it is."""

    text: str


class Stderr(Event, frozen=True, tag="stderr"):
    """A line on standard error, without a label."""

    text: str


class Success(Event, frozen=True, tag="success"):
    """``Success: ...`` on standard output."""

    message: str


class Notice(Event, frozen=True, tag="warning"):
    """``Warning: ...`` on standard error; the exit code is not touched."""

    message: str


class Failure(Event, frozen=True, tag="error"):
    """``Error: ...`` on standard error; ends the command with ``exit_code``."""

    message: str
    exit_code: int = 1


class Exit(Event, frozen=True, tag="exit"):
    """Ends the command with this code and no text."""

    code: int


class Table(Event, frozen=True, tag="table"):
    """Rows, shown in ``format``: table, json, csv, yaml, count (never ids: those are lines)."""

    rows: Sequence[dict[str, Any]]
    fields: Sequence[str]
    format: str = "table"


__all__ = ["Event", "Exit", "Failure", "Line", "Notice", "Row", "Stderr", "Success", "Table", "Text"]
