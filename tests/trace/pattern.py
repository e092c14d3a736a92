"""Compare a recorded run with an expected one whose ids and times are variables."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KINDS = {
    "mysql": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "iso8601": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00",
    "unix": r"\d{10}",
    "text": r"(?:[^\"\\]|\\.)*",
    "context": r"[^\"]+",
    # The library's own class, or ours where the library is absent.
    "action": r"obj:(ActionScheduler_Action|DataMachine\\Bridge\\Queue\\Action)",
}
WORD = r"[A-Za-z0-9_.:/\\-]+?"
TOKEN = re.compile(r"<<(@?)(\w+)>>")
#: Look-ups that count once however often they follow each other.
REPEATED = ("datamachine_step_types", "datamachine_tools")
#: Hooks that later versions brought, and the version of the recordings did not have.
LATER = ("datamachine_job_created", "datamachine_engine_snapshot")


class Mismatch(AssertionError):
    """Where the recording leaves the expectation."""


@dataclass
class Names:
    """Ids by name, bound where they are first met."""

    bound: dict[str, str] = field(default_factory=dict)

    def bind(self, name: str, value: str, where: str) -> None:
        known = self.bound.setdefault(name, value)
        if known != value:
            raise Mismatch(f"{where}: {name} is {known}, found {value!r}")


def load(name: str) -> dict[str, Any]:
    """One expected flow: ``success`` or ``failure``."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return document


def match(expected: Any, actual: Any, names: Names, where: str) -> None:
    """Raise :class:`Mismatch` unless ``actual`` is what ``expected`` describes."""
    if isinstance(expected, dict) and "$" in expected:
        kind: type = str if expected.get("as") == "string" else int
        if not isinstance(actual, kind) or isinstance(actual, bool):
            raise Mismatch(f"{where}: expected {expected['$']} as {kind.__name__}, found {actual!r}")
        names.bind(expected["$"], str(actual), where)
    elif isinstance(expected, dict) and "$is" in expected:
        if expected["$is"] == "unix" and not isinstance(actual, int):
            raise Mismatch(f"{where}: expected seconds, found {actual!r}")
        if not (
            isinstance(actual, str | int) and re.fullmatch(KINDS[expected["$is"]], str(actual), re.S)
        ) and not (expected["$is"] == "text" and isinstance(actual, str)):
            raise Mismatch(f"{where}: expected {expected['$is']}, found {actual!r}")
    elif isinstance(expected, dict):
        _match_map(expected, actual, names, where)
    elif isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            raise Mismatch(f"{where}: expected {json.dumps(expected)}, found {json.dumps(actual)}")
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            match(one, other, names, f"{where}[{index}]")
    elif isinstance(expected, str):
        _match_text(expected, actual, names, where)
    elif type(expected) is not type(actual) or expected != actual:
        raise Mismatch(f"{where}: expected {expected!r}, found {actual!r}")


def _match_map(expected: dict[str, Any], actual: Any, names: Names, where: str) -> None:
    if not isinstance(actual, dict):
        raise Mismatch(f"{where}: expected {json.dumps(expected)}, found {actual!r}")
    filled = {TOKEN.sub(lambda m: names.bound.get(m[2], m[0]), key): value for key, value in expected.items()}
    if list(filled) != list(actual):
        raise Mismatch(f"{where}: expected the keys {list(filled)}, found {list(actual)}")
    for key, value in filled.items():
        match(value, actual[key], names, f"{where}.{key}")


def _match_text(expected: str, actual: Any, names: Names, where: str) -> None:
    if not isinstance(actual, str):
        raise Mismatch(f"{where}: expected {expected!r}, found {actual!r}")
    parts, groups, last = [], [], 0
    for token in TOKEN.finditer(expected):
        parts.append(re.escape(expected[last : token.start()]))
        last = token.end()
        if token[1]:
            parts.append(KINDS[token[2]])
        elif token[2] in names.bound:
            parts.append(re.escape(names.bound[token[2]]))
        else:
            groups.append(token[2])
            parts.append(f"({WORD})")
    found = re.fullmatch("".join(parts) + re.escape(expected[last:]), actual, re.S)
    if not found:
        known = TOKEN.sub(lambda m: names.bound.get(m[2], m[0]), expected)
        raise Mismatch(f"{where}:\n expected {known}\n found    {actual}")
    for name, value in zip(groups, found.groups(), strict=True):
        names.bind(name, value, where)


def collapse(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events without the repeated look-ups, and without hooks the recorded version did not have."""
    kept: list[dict[str, Any]] = []
    for event in events:
        if event["hook"] in LATER:
            continue
        if not (kept and event["hook"] in REPEATED and kept[-1]["hook"] == event["hook"]):
            kept.append(event)
    return kept


def match_events(
    expected: list[dict[str, Any]], actual: list[dict[str, Any]], names: Names, where: str
) -> None:
    """The same hooks, in the same order, with the same arguments."""
    expected, actual = collapse(expected), collapse(actual)
    for index, event in enumerate(expected):
        here = f"{where}, event {index + 1} ({event['hook']})"
        if index >= len(actual):
            raise Mismatch(f"{here}: did not happen")
        found = actual[index]
        if (found["hook"], found["kind"]) != (event["hook"], event["kind"]):
            raise Mismatch(f"{here}: found {found['kind']} {found['hook']} {json.dumps(found['args'])[:300]}")
        match(event["args"], found["args"], names, here)
    if len(actual) > len(expected):
        extra = actual[len(expected)]
        raise Mismatch(
            f"{where}: {extra['kind']} {extra['hook']} is not expected {json.dumps(extra['args'])[:300]}"
        )


def match_run(expected: dict[str, Any], recorded: dict[str, Any], names: Names) -> None:
    """A whole recording: stages (events, engine data, packets), then the rows that remain."""
    wanted, found = expected["stages"], recorded["stages"]
    for index, stage in enumerate(wanted):
        if index >= len(found):
            raise Mismatch(f"{stage['name']}: the stage did not happen")
        match_events(stage["events"], found[index]["events"], names, stage["name"])
        match(stage["engine_data"], found[index]["engine_data"], names, f"{stage['name']}, engine_data")
        match(stage["data_json"], found[index]["data_json"], names, f"{stage['name']}, data.json")
    if len(found) > len(wanted):
        raise Mismatch(f"{len(found) - len(wanted)} stages more than expected")
    for table, rows in expected["rows"].items():
        match(rows, recorded["rows"].get(table), names, table)
