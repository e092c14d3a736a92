"""Reads ``matrix.toml``: rules, the calls that follow each, and one expected result a cell.

Other ``.toml`` files beside it have more rules about the same columns.
"""

from __future__ import annotations

import itertools
import re
import shlex
import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("matrix.toml")
#: A cell of a combination that cannot exist; the file says why.
ABSENT = "-"
#: Words for calls that are done; the second one for the acting agent instead of the resource.
DONE = ("yes", "self")
DOORS = ("rest", "ability", "command")
_EFFECT = re.compile(r"(\w+)([-+~].*)")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Call:
    """One way to ask for what a rule is about: a request, an ability or a command."""

    rule: str
    door: str
    #: ``GET /jobs?agent_id={agent}``, ``get-agent``, ``agents show {slug}``.
    words: str
    #: The body of a request, the input of an ability.
    given: Mapping[str, Any]
    #: What it changes when it is allowed: ``datamachine_agents~1 files+2``; '' for reading.
    effect: str
    #: What an answer shows of the resource.
    shows: str
    #: Results by word of a cell, where they are not the door's own.
    results: Mapping[str, str]

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.words.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path of a request, with its query."""
        return self.words.partition(" ")[2]

    @property
    def name(self) -> str:
        """What to look for in the catalogue: a path with 1 for each placeholder, a name, the first words."""
        if self.door == "rest":
            return _PLACE.sub("1", self.path.partition("?")[0])
        return self.words

    def filled(self, values: Mapping[str, Any]) -> Call:
        """The call about one resource."""
        return Call(
            self.rule,
            self.door,
            _fill(self.words, values),
            {name: _fill(value, values) for name, value in self.given.items()},
            _fill(self.effect, values),
            _fill(self.shows, values),
            {word: _fill(text, values) for word, text in self.results.items()},
        )

    def line(self) -> list[str]:
        """The words of a command."""
        return shlex.split(self.words)

    def __str__(self) -> str:
        return f"{self.door} {self.words}" + (f" {dict(self.given)}" if self.given else "")


@dataclass(frozen=True)
class Rule:
    """Calls that share their cells: expected word by (column, resource).

    ``dealt``: behind all of them is one question of one service. Together they are tried with every cell, and
    each with one of every word.
    """

    name: str
    calls: tuple[Call, ...]
    cells: Mapping[tuple[str, str], str]
    dealt: bool = False

    def hand(self, call: Call, columns: Container[str]) -> dict[tuple[str, str], str]:
        """What one call is tried with at a door that these columns can come through."""
        there = {cell: word for cell, word in self.cells.items() if word != ABSENT and cell[0] in columns}
        if not self.dealt:
            return there
        players = [each for each in self.calls if each.door == call.door]
        turn = next(number for number, each in enumerate(players) if each is call)
        cells = list(there)
        mine = set(cells[turn :: len(players)])
        for word in set(there.values()):
            same = [cell for cell in cells if there[cell] == word]
            mine.add(same[turn % len(same)])
        return {cell: word for cell, word in there.items() if cell in mine}


@dataclass(frozen=True)
class Matrix:
    """The whole file."""

    accounts: Mapping[str, Mapping[str, Any]]
    columns: Mapping[str, Mapping[str, Any]]
    resources: tuple[str, ...]
    #: By kind of call: results by word.
    results: Mapping[str, Mapping[str, str]]
    #: By door: the columns that can come through it.
    doors: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    #: Calls that no agent's resource is behind, with the reason.
    without: Mapping[str, str]

    def calls(self, door: str) -> Iterator[Call]:
        """Every call of a kind."""
        for rule in self.rules:
            yield from (call for call in rule.calls if call.door == door)

    def expected(self, door: str, call: Call, word: str) -> str:
        """What a call comes back with at a door: ``403 rest_forbidden``.

        What a door says before the call is heard (``who``, ``cap``) is the door's own, as is PHP's.
        """
        own = call.results.get(f"{word}@{door}") or call.results.get(word)
        return own or self.results.get(door, {}).get(word) or self.results[call.door][word]


class BadMatrix(ValueError):
    """The file contradicts itself or leaves something open."""


def load(file: Path = FILE) -> Matrix:
    """Read and check the files; BadMatrix says what is wrong with them."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    columns, resources = data["columns"], tuple(data["resources"])
    reasons: dict[tuple[str, str], str] = {}
    for each in data["absent"]:
        for column in each["columns"]:
            for resource in each["resources"]:
                reasons[column, resource] = each["why"]
    described, without = list(data["rule"]), dict(data.get("without", {}))
    for other in sorted(set(file.parent.glob("*.toml")) - {file}):
        more = tomllib.loads(other.read_text(encoding="utf-8"))
        described += more.get("rule", ())
        without |= more.get("without", {})
    by_name = {rule["name"]: rule for rule in described}
    rules = []
    for rule in described:
        calls = tuple(_call(rule, each) for each in rule["calls"])
        pattern = by_name[rule["as"]] if "as" in rule else rule
        cells = _cells(pattern, tuple(columns), resources)
        _check(pattern, calls, cells, reasons, data["results"])
        rules.append(Rule(rule["name"], calls, cells, rule.get("dealt", False)))
    doors = {door: tuple(words.split()) for door, words in data["doors"].items()}
    for door, names in doors.items():
        if unknown := set(names) - set(columns):
            raise BadMatrix(f"Door {door} has unknown columns: {unknown}")
    return Matrix(data["accounts"], columns, resources, data["results"], doors, tuple(rules), without)


def _call(rule: Mapping[str, Any], each: Mapping[str, Any]) -> Call:
    name = rule["name"]
    door = next((door for door in DOORS if door in each), None)
    if door is None:
        raise BadMatrix(f"{name}: a call is one of {', '.join(DOORS)}: {dict(each)}")
    if extra := set(each) - {door, "given", "effect", "shows", "results"}:
        raise BadMatrix(f"{name}: {each[door]} has {extra}")
    return Call(
        name,
        door,
        each[door],
        each.get("given", {}),
        each.get("effect", ""),
        each.get("shows", "{secret}"),
        _results(rule.get("results", {}).get(door, {})) | _results(each.get("results", {})),
    )


def _results(given: Mapping[str, str]) -> dict[str, str]:
    return {word: text for words, text in given.items() for word in words.split()}


def _cells(
    rule: Mapping[str, Any], columns: tuple[str, ...], resources: tuple[str, ...]
) -> dict[tuple[str, str], str]:
    lines = [line.replace("|", " ").split() for line in rule["cells"].strip().splitlines()]
    header, rows = lines[0], lines[1:]
    if tuple(header) != columns:
        raise BadMatrix(f"{rule['name']}: the columns are {header}, not {list(columns)}")
    if [row[0] for row in rows] != list(resources):
        raise BadMatrix(f"{rule['name']}: the rows are {[row[0] for row in rows]}, not {list(resources)}")
    cells = {}
    for resource, *words in rows:
        if len(words) != len(columns):
            raise BadMatrix(f"{rule['name']}, {resource}: {len(words)} cells for {len(columns)} columns")
        cells.update({(column, resource): word for column, word in zip(columns, words, strict=True)})
    return cells


def _check(
    rule: Mapping[str, Any],
    calls: tuple[Call, ...],
    cells: Mapping[tuple[str, str], str],
    reasons: Mapping[tuple[str, str], str],
    results: Mapping[str, Mapping[str, str]],
) -> None:
    here = {
        (column, resource)
        for each in rule.get("absent", ())
        for column in each.get("columns", [column for column, _ in cells])
        for resource in each["resources"]
    }
    for cell, word in cells.items():
        if word == ABSENT:
            if cell not in reasons and cell not in here:
                raise BadMatrix(f"{rule['name']}: nothing says why {cell} does not exist")
            continue
        if cell in here:
            raise BadMatrix(f"{rule['name']}: {cell} is said not to exist")
        for call in calls:
            if word not in call.results and word not in results[call.door]:
                raise BadMatrix(f"{call}: nothing says what {word!r} is")


def _fill(value: Any, values: Mapping[str, Any]) -> Any:
    """Placeholders replaced; a text that is one placeholder becomes the value itself."""
    if isinstance(value, dict):
        return {name: _fill(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, values) for each in value]
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    if whole is not None:
        return values[whole[1]]
    return _PLACE.sub(lambda found: str(values[found[1]]), value)


def effects(text: str) -> list[dict[str, str]]:
    """``files-1 a~1|b+1`` as every way it can come out: signs with counts by table or place."""
    ways = itertools.product(*(each.split("|") for each in text.split()))
    return [{found[1]: found[2] for each in way if (found := _EFFECT.fullmatch(each))} for way in ways]
