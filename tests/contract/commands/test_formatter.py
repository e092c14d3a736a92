"""The native formatter against the real one: WP-CLI's own code prints the same rows, byte for byte."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dev import wordpress
from sidecar.commands import formatter

SCRIPT = Path(__file__).with_name("wp_cli_formatter.php")
Case = tuple[list[dict[str, Any]], list[str], str]

TEXTS = [
    "", " ", "plain", "two words", "é and 漢 and 😀", "12", "007", "1.5", "-3", "+1", "=1+1", "@x",
    "\ttab", "a\tb", "say \"hi\"", "it's", "both ' and \"", "back\\slash", "back\\\"quote", "a,b",
    "line\nbreak", "line\r\nbreak", "\n", "trailing ", " leading", "ends:", "key: value", "- item",
    "yes", "No", "ON", "off", "~", "null", "NULL", "true", "False", "y", "*star", "#hash", "<b>", "100%",
    "[x]", "{x}", "a&b", "!bang", "a!b", "double  space", "1e5", ".5", "5.", "0x1A",
    "2026-11-23 01:54:32", "-", "—", "|\nblock", "\"quoted\"\nsecond", "a/b", "x\n\n", "\u0000nul", "1 ",
    "'", "\"", "|", ">", "|-\nx", "a\n'", "Yes ",
]  # fmt: skip
OTHERS = [
    None,
    True,
    False,
    0,
    1,
    -7,
    2**53,
    1.0,
    0.1,
    1.5e300,
    [],
    {},
    [1, 2],
    {"a": 1},
    ["x", {"y": "z/é"}],
    [[]],
]
NAMES = ["id", "name", "status", "a:b", "#n", "with space", "key"]


def wp_cli(cases: list[Case], folder: Path) -> list[bytes]:
    """What WP-CLI prints for each case, with its output piped."""
    file = folder / "cases.json"
    file.write_text(json.dumps(cases))
    result = subprocess.run(
        ["php", str(wordpress.wp_cli()), "--allow-root", "--skip-wordpress", "eval-file", str(SCRIPT)],
        capture_output=True,
        env={**os.environ, "FORMATTER_CASES": str(file), "WP_CLI_CONFIG_PATH": "/dev/null"},
        cwd=folder,
        check=False,
    )
    assert result.returncode == 0, result.stderr.decode()
    printed = result.stdout.split(b"\x1e")
    assert printed.pop() == b""
    assert len(printed) == len(cases)
    return printed


def assert_equal(cases: list[Case], folder: Path) -> None:
    for case, expected in zip(cases, wp_cli(cases, folder), strict=True):
        assert formatter.render(*case).encode() == expected, case


@pytest.mark.parametrize("output", formatter.FORMATS)
def test_every_value_prints_as_wp_cli_prints_it(output: str, tmp_path: Path) -> None:
    values = [*TEXTS, *OTHERS]
    cases: list[Case] = [([{"id": 1, "value": value}], ["id", "value"], output) for value in values]
    cases += [([{"value": value, "id": 1}], ["value", "id"], output) for value in values]
    assert_equal(cases, tmp_path)


def test_shapes_print_as_wp_cli_prints_them(tmp_path: Path) -> None:
    cases: list[Case] = []
    for output in formatter.FORMATS:
        cases += [
            ([], ["id"], output),
            ([{"id": 1, "more": 2}], ["id"], output),
            ([{"id": 1, "n": "a"}, {"id": 2, "n": None}], ["n", "id"], output),
            ([{"a:b": 1, "#n": "x", "with space": "y z"}], ["a:b", "#n", "with space"], output),
        ]
    assert_equal(cases, tmp_path)


def test_random_rows_print_as_wp_cli_prints_them(tmp_path: Path) -> None:
    dice = random.Random(20261123)
    alphabet = "ab 1-:'\"\\#*&!%\t\n,;é/|>~{}[]<"

    def value(depth: int = 0) -> Any:
        kind = dice.randrange(10)
        if kind < 5:
            return "".join(dice.choice(alphabet) for _ in range(dice.randrange(8)))
        if kind < 7:
            return dice.choice([*TEXTS, *OTHERS])
        if depth < 2 and kind == 7:
            return [value(depth + 1) for _ in range(dice.randrange(3))]
        if depth < 2 and kind == 8:
            return {dice.choice(NAMES): value(depth + 1) for _ in range(dice.randrange(3))}
        return dice.randrange(-1000, 1000)

    cases: list[Case] = []
    for number in range(400):
        fields = dice.sample(NAMES, dice.randrange(1, 4))
        rows = [{name: value() for name in fields} for _ in range(dice.randrange(1, 4))]
        cases.append((rows, fields, formatter.FORMATS[number % len(formatter.FORMATS)]))
    assert_equal(cases, tmp_path)


def test_an_unknown_field_is_refused_with_wp_clis_words() -> None:
    with pytest.raises(formatter.InvalidField, match=r"^Invalid field: nope\.$"):
        formatter.render([{"id": 1}], ["nope"], "table")
    assert formatter.render([{"id": 1}], ["nope"], "yaml") == "---\n- \n  nope: null\n"
