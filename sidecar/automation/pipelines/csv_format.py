"""The file that pipelines travel in: one row a step, and one more a step of each flow.

The first nine columns are Data Machine's. A spreadsheet must not take a cell for a formula: where one would
begin like one, an apostrophe stands before it, and reading takes it away again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from sidecar.automation.values import Document
from sidecar.db import php_json
from sidecar.errors import InvalidInput, TooLarge

COLUMNS = (
    "pipeline_id",
    "pipeline_name",
    "step_position",
    "step_type",
    "step_config",
    "flow_id",
    "flow_name",
    "handler",
    "settings",
    "pipeline_slug",
    "flow_slug",
    "scheduling",
    "extra",
)
#: Those that hold JSON.
DOCUMENTS = ("step_config", "settings", "scheduling", "extra")
#: Without these a file is none of ours.
NEEDED = ("pipeline_name", "step_position", "step_type", "step_config")
#: Characters of a file, and rows.
MOST, MOST_ROWS = 16 * 1024 * 1024, 20_000

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


class Row(msgspec.Struct, frozen=True):
    """One line. ``step_position`` is -1 and ``flow_id`` empty where the line is about no step, or no flow."""

    pipeline_id: str
    pipeline_name: str
    step_position: int = -1
    step_type: str = ""
    step_config: Document = msgspec.field(default_factory=dict)
    flow_id: str = ""
    flow_name: str = ""
    handler: str = ""
    settings: Document = msgspec.field(default_factory=dict)
    pipeline_slug: str = ""
    flow_slug: str = ""
    scheduling: Document = msgspec.field(default_factory=dict)
    extra: Document = msgspec.field(default_factory=dict)
    #: Where it stood, for messages; the header is line 1.
    line: int = 0


def dump(rows: Iterable[Row]) -> str:
    """The whole text, with its header."""
    out = io.StringIO(newline="")
    # Python quotes what the end of a line holds: both kinds of line breaks.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([guarded(_cell(name, getattr(row, name))) for name in COLUMNS])
    return out.getvalue()


def parse(text: str) -> list[Row]:
    """The rows of a file; InvalidInput ``invalid_csv`` with the line that cannot be read, TooLarge."""
    if len(text) > MOST:
        raise TooLarge(f"The file is longer than {MOST} characters.", code="import_too_large")
    if not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
        raise InvalidInput("The file is not text in UTF-8.", code="invalid_csv")
    # Of the process, and Python's own is smaller than a long prompt may be.
    csv.field_size_limit(MOST)
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[Row] = []
    header: list[str] = []
    try:
        for cells in reader:
            if not any(cells):
                continue
            if not header:
                header = _header(cells)
                continue
            if len(rows) >= MOST_ROWS:
                raise TooLarge(f"The file has more than {MOST_ROWS} rows.", code="import_too_large")
            rows.append(_row(header, cells, reader.line_num))
    except csv.Error as error:
        raise _invalid(reader.line_num, str(error)) from None
    if not header:
        raise InvalidInput("The file is empty.", code="invalid_csv")
    return rows


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """What a guarded cell stands for."""
    return text[1:] if _GUARDED.match(text) else text


def _cell(name: str, value: Any) -> str:
    if name in DOCUMENTS:
        return php_json.dumps(value) if value else ""
    if name == "step_position":
        return "" if value < 0 else str(value)
    return str(value)


def _header(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise _invalid(1, f"the column {missing[0]} is missing")
    return names


def _row(header: Sequence[str], cells: Sequence[str], line: int) -> Row:
    given = {name: plain(cell) for name, cell in zip(header, cells, strict=False) if name in COLUMNS}
    values: dict[str, Any] = {"pipeline_id": "", **given, "line": line}
    if not values.get("pipeline_name", "").strip():
        raise _invalid(line, "pipeline_name is empty")
    for name in DOCUMENTS:
        values[name] = _document(name, given.get(name, ""), line)
    position = given.get("step_position", "").strip()
    if position and not (position.isascii() and position.isdigit() and len(position) < 6):
        raise _invalid(line, f"step_position {position} is no number")
    values["step_position"] = int(position) if position else -1
    return Row(**values)


def _document(name: str, text: str, line: int) -> Mapping[str, Any]:
    if not text.strip():
        return {}
    try:
        found = php_json.loads(text)
    except php_json.NotJson:
        raise _invalid(line, f"{name} is no JSON") from None
    if found == []:
        return {}
    if not isinstance(found, dict):
        raise _invalid(line, f"{name} is no JSON object")
    return found


def _invalid(line: int, why: str) -> InvalidInput:
    return InvalidInput(f"Line {line}: {why}.", code="invalid_csv", data={"line": line})
