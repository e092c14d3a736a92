"""The product's commands: declared once, run behind ``wp datamachine ...`` and ``datamachine ...``."""

from __future__ import annotations

from sidecar.commands.events import Event, Exit, Failure, Line, Notice, Stderr, Success, Table, Text
from sidecar.commands.invocation import Invocation, Terminal
from sidecar.commands.synopsis import Assoc, Command, Flag, Group, Positional, leaf

__all__ = [
    "Assoc",
    "Command",
    "Event",
    "Exit",
    "Failure",
    "Flag",
    "Group",
    "Invocation",
    "Line",
    "Notice",
    "Positional",
    "Stderr",
    "Success",
    "Table",
    "Terminal",
    "Text",
    "leaf",
]
