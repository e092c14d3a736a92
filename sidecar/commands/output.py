"""Rendering events natively: standard output and error of this process, as WP-CLI's logger writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from sidecar.commands import formatter
from sidecar.commands.events import (
    Event,
    Exit,
    Failure,
    Line,
    Notice,
    Stderr,
    Success,
    Table,
    Text,
)
from sidecar.commands.visible import visible

_COLORS = {"Success": "\x1b[32;1m", "Warning": "\x1b[36;1m", "Error": "\x1b[31;1m"}


class Printer:
    """Prints events in order and keeps the exit code; ``quiet`` hides everything but data and errors."""

    def __init__(self, *, out: TextIO | None = None, err: TextIO | None = None, quiet: bool = False) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._quiet = quiet
        self.exit_code = 0

    def run(self, events: Iterable[Event]) -> int:
        """Print until the end or the first event that ends the command; the exit code."""
        for event in events:
            if self._print(event):
                break
        self._out.flush()
        self._err.flush()
        return self.exit_code

    def _print(self, event: Event) -> bool:
        match event:
            case Line(text):
                self._write(f"{text}\n", self._out)
            case Text(text):
                self._write(text, self._out)
            case Stderr(text):
                self._write(f"{text}\n", self._err)
            case Success(message):
                self._labelled("Success", message, self._out)
            case Notice(message):
                self._labelled("Warning", message, self._err)
            case Failure(message, code):
                if message:
                    self._labelled("Error", message, self._err)
                self.exit_code = code
                return True
            case Exit(code):
                self.exit_code = code
                return True
            case Table():
                self._table(event)
        return False

    def _labelled(self, label: str, message: str, stream: TextIO) -> None:
        if self._quiet and label != "Error":
            return
        # What was printed before must stay before: the two streams may be one terminal.
        (self._err if stream is self._out else self._out).flush()
        stream.write(f"{_COLORS[label]}{label}:\x1b[0m" if stream.isatty() else f"{label}:")
        self._write(f" {message}\n", stream)

    @staticmethod
    def _write(text: str, stream: TextIO) -> None:
        stream.write(visible(text) if stream.isatty() else text)

    def _table(self, event: Table) -> None:
        if event.format != "table" or not self._out.isatty():
            self._write(formatter.render(event.rows, event.fields, event.format), self._out)
            return
        # Half of the printing is done for scripts, which need not wait for what draws on terminals.
        from rich.console import Console
        from rich.table import Table as RichTable

        formatter.check_fields(event.rows, event.fields, "table")
        table = RichTable()
        for field in event.fields:
            table.add_column(visible(field), overflow="fold")
        for row in formatter.cells(event.rows, event.fields):
            table.add_row(*map(visible, row))
        Console(file=self._out, markup=False, highlight=False).print(table)
