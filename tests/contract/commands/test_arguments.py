"""The native command line judges arguments as WP-CLI does: same values, same texts, same exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dev import wordpress
from sidecar.commands import catalogue, native, parsing
from sidecar.commands.output import Printer
from tools import generate_commands

REGISTER = Path(__file__).with_name("wp_cli_commands.php")

LINES = [
    "agents list",
    "agents list --format=json",
    "agent list --scope=mine --include_role",
    "agents list --no-include_role",
    "agents list --include_role=1",
    "agents list --format=ids",
    "agents list --format",
    "agents list --no-format",
    "agents list --format=json,csv",
    "agents list --format=json,nope",
    "agents list --bogus",
    "agents list --scop=mine",
    "agents list --use_id=3",
    "agents list --bogus=1 --format=nope --other",
    "agents list extra",
    "agents list extra more",
    "agents list --user_id=",
    "agents show",
    "agents show admin",
    "agents show admin --format=json",
    "agents show --format=json admin",
    "agents show admin second",
    "agents create",
    "agents create x y --owner=1",
    "agents create x --owner=1 --name= --format=json",
    "agents create x --ower=1",
    "agents rename a",
    "agents rename a b --dry-run",
    "agents rename a b --dry-ru",
    "agent delete",
    "agents delete x --yes --delete-files",
    "agents delete x --no-yes",
    "agents delete x --force",
    "agents access list",
    "agents access bogus x",
    "agents access grant a b --role=boss",
    "agents access grant a b --role=admin,viewer",
    "agents access list a --format=ids",
    "agents config x --set",
    "agents config x --set= --unset=",
    "agents config x --set=a=b=c --unset=d",
    "agents config x --set=a=1 --set=b=2",
    "agents cleanup-legacy-context-files x",
    "agents cleanup-legacy-context-files --dry-run=1",
    "agent restore",
    "agents restore x --yes",
    "system health --types=system,x",
    "memory write",
    "memory write A b --mode=bogus",
    "memory write A b --mode=append",
    "memory write a b c d",
    "memory read",
    "jobs list --per_page=2",
    "jobs list --format=bogus",
    "job list --limit=2 --fields=id,status",
    "flows",
    "flows 3",
    "flow run 3 --no-drain --count=2",
    "flows run 3 --drai",
    "pipelines get 3 --format=json extra words",
    "pipelines create --dry-run --name=x",
    "plugins list --format=ids",
]


def wp(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            "php", str(wordpress.wp_cli()), "--allow-root", "--no-color",
            f"--require={REGISTER}", catalogue.ROOT, *words,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            **os.environ,
            "COMMANDS_FILE": str(folder / "commands.json"),
            "WP_CLI_CONFIG_PATH": "/dev/null",
        },
        check=False,
    )  # fmt: skip


def ours(words: list[str]) -> tuple[str, str, int]:
    """What the native door would hand to the command, printed as the PHP callback prints it."""
    command, rest = native.resolve(parsing.split(words).args)
    assert command is not None
    line = parsing.split(words, command)
    called = " ".join(line.args[: len(line.args) - len(rest)])
    checked = parsing.check(command, rest, line.assoc, native.PROGRAM, called)
    out, err = io.StringIO(), io.StringIO()
    code = Printer(out=out, err=err).run(checked.events)
    if not checked.refused:
        handed = [command.name, checked.args, dict(sorted(checked.assoc.items()))]
        out.write(json.dumps(handed, separators=(",", ":"), ensure_ascii=False))
    return out.getvalue(), err.getvalue(), code


def test_every_line_is_judged_alike(tmp_path: Path) -> None:
    (tmp_path / "commands.json").write_text(json.dumps(generate_commands.commands()))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda line: wp(line.split(" "), tmp_path), LINES))
    for line, theirs in zip(LINES, answers, strict=True):
        out, err, code = ours(line.split(" "))
        expected = theirs.stdout.replace("usage: wp datamachine", "usage: datamachine")
        assert (out, err, code) == (expected, theirs.stderr, theirs.returncode), line


@pytest.mark.parametrize(
    ("typed", "known", "offered"),
    [("lis", ["list", "show"], "list"), ("zzzz", ["list", "show"], ""), ("add", ["create", "abc"], "create")],
)
def test_near_words_are_offered(typed: str, known: list[str], offered: str) -> None:
    assert parsing.suggestion(typed, known) == offered
