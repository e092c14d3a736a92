"""``WP_CLI\\Formatter`` 2.12 for the native door: the same bytes for every data format, and for piped tables.

A table on a terminal has borders there and is drawn by rich here, with equal content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sidecar.commands import spyc
from sidecar.commands.phptext import csv_line, csv_text, to_string
from sidecar.db import php_json
from sidecar.errors import InvalidInput

FORMATS = ("table", "json", "csv", "yaml", "count")


class InvalidField(InvalidInput):
    """A field that the first row does not have."""

    code = "invalid_field"


def check_fields(rows: Sequence[Mapping[str, Any]], fields: Sequence[str], output: str) -> None:
    """Raise :class:`InvalidField` where WP-CLI would stop: yaml and count print null or ignore it."""
    if output not in ("table", "csv", "json") or not rows:
        return
    for field in fields:
        if field not in rows[0]:
            raise InvalidField(f"Invalid field: {field}.")


def render(rows: Sequence[Mapping[str, Any]], fields: Sequence[str], output: str) -> str:
    """The text WP-CLI prints with its output piped; no newline at the end of json and count.

    Raises :class:`InvalidField`, and InvalidInput for a format of another name.
    """
    check_fields(rows, fields, output)
    if output == "count":
        return str(len(rows))
    picked = [{field: row.get(field) for field in fields} for row in rows]
    if output == "json":
        return php_json.dumps(picked)
    if output == "yaml":
        return spyc.dump(picked)
    if output == "csv":
        return _csv(rows, fields)
    if output == "table":
        return "".join(f"{line}\n" for line in _tabular(cells(rows, fields), fields))
    raise InvalidInput(f"Invalid format: {output}")


def cells(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> list[list[str]]:
    """A table's cells as text: nested values are JSON, true is 1, false and null are empty."""
    return [[to_string(_flat(row.get(field))) for field in fields] for row in rows]


def _flat(value: Any) -> Any:
    return php_json.dumps(value) if isinstance(value, Mapping | list | tuple) else value


def _csv(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> str:
    # The headers are guarded first and the guarded names are looked up, so "-x" finds nothing: as in WP-CLI.
    headers = [csv_text(field) for field in fields]
    lines = [csv_line(fields)]
    lines += [csv_line(_flat(row.get(header)) for header in headers) for row in rows]
    return "".join(lines)


def _tabular(body: list[list[str]], fields: Sequence[str]) -> list[str]:
    lines = []
    for row in [list(fields), *body]:
        # WP-CLI joins a row's lines, trims line ends, and splits again.
        lines += "\n".join(_row(row)).rstrip("\n").split("\n")
    return lines


def _row(row: list[str]) -> list[str]:
    """A row and, below it, the further lines of its LAST cell; other cells keep only their first line."""
    split = [re.split(r"\r\n|\n", cell.replace("\t", "    ")) for cell in row]
    if not split:
        return [""]
    rows = ["\t".join(parts[0] for parts in split)]
    pad = "\t" * (len(split) - 1)
    return rows + [pad + line for line in split[-1][1:]]
