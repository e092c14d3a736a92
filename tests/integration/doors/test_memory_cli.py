"""``memory ...`` at both command lines: the same bytes and codes, whatever is asked."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import hooks, settings
from sidecar.commands import native
from sidecar.identity import Agent, AgentsService
from sidecar.identity.token_service import TokensService
from sidecar.runtime import Runtime
from tests.integration.doors import terminal
from tests.integration.doors.operators import DOORS, OPERATOR, Agents, run
from tests.integration.doors.stock import Stock

SLUG = "memcli-bot"
TEXT = (
    "# Notes\n\nintro needle\n\n## First\none\n\n```\n## no section\n```\n\n## Second é\ntwo Needle\nthree\n"
)


def said_at(
    site: Instance, door: str, *words: str, stdin: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """The real WP-CLI, or the native command line inside this process: starting one costs a second."""
    if door == "wp":
        return run(site, door, *words, stdin=stdin, **env)
    out, err = io.StringIO(), io.StringIO()
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", typed)
        for name, value in env.items():
            patch.setenv(name, value)
        code = native.main(Choice(site), list(words))
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


class Choice:
    """The configured site, as the program's own options choose it."""

    def __init__(self, site: Instance) -> None:
        self._config = str(site.config)

    def selected(self) -> settings.Site:
        return settings.load(self._config).site(None)


class Bot:
    """An agent with files of its own, asked about at either door."""

    def __init__(self, site: Instance, agent: Agent, folder: Path) -> None:
        self.site = site
        self.agent = agent
        self.folder = folder
        self._doors = cycle(DOORS)

    def at(self, door: str, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return said_at(self.site, door, "memory", *words, f"--agent={SLUG}", **options)

    def both(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """The native answer, after WP-CLI gave the same. For lines that may be said twice."""
        theirs, ours = (self.at(door, *words, **options) for door in DOORS)
        assert answer(ours) == answer(theirs), words
        return ours

    def ask(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """The answer of one door, the other one's next time."""
        return self.at(next(self._doors), *words, **options)


@pytest.fixture(scope="module")
def bot(site: Instance, stock: Stock, runtime: Runtime) -> Iterator[Bot]:
    service = runtime.get(AgentsService)
    with hooks.scope():
        made = service.create(OPERATOR, SLUG, owner_id=1)
    yield Bot(site, made.agent, Path(service.show(OPERATOR, SLUG).agent_dir))
    with hooks.scope():
        service.delete(OPERATOR, SLUG, delete_files=True)


@pytest.fixture
def notes(bot: Bot) -> Path:
    """A file of the agent, fresh."""
    file = bot.folder / "NOTES.md"
    file.write_text(TEXT)
    return file


def answer(said: subprocess.CompletedProcess[str]) -> tuple[str, str, int]:
    return said.stdout, said.stderr, said.returncode


def test_files_and_sections_are_printed_as_they_are(bot: Bot, notes: Path) -> None:
    assert answer(bot.both("read", "NOTES.md")) == (TEXT + "\n", "", 0)
    assert bot.ask("read", "NOTES.md", "Second é").stdout == "two Needle\nthree\n"
    assert bot.ask("read", "NOTES.md", "First").stdout == "one\n\n```\n## no section\n```\n"
    assert bot.ask("read").stdout == (bot.folder / "MEMORY.md").read_text() + "\n"
    assert bot.ask("read", "State").stdout.startswith("- Data Machine v")
    assert answer(bot.ask("read", "NOTES.md", "Nope")) == (
        "",
        'Error: Section "Nope" not found.\nAvailable sections: First, Second é\n',
        1,
    )
    assert answer(bot.ask("read", "NOPE.md")) == ("", "Error: File NOPE.md does not exist.\n", 1)
    for name in ("../NOTES.md", "../../shared/x.md", "..md/../x.md"):
        said = bot.ask("read", name)
        assert (said.stdout, said.returncode) == ("", 1), name


def test_sections_in_every_format(bot: Bot, notes: Path) -> None:
    line = ["sections", "--file=NOTES.md"]
    assert bot.both(*line).stdout == "section\nFirst\nSecond é\n"
    said = bot.ask(*line, "--format=json")
    # A list in JSON ends without a newline.
    assert said.stdout == json.dumps([{"section": "First"}, {"section": "Second é"}], separators=(",", ":"))
    assert bot.ask(*line, "--format=csv").stdout == 'section\nFirst\n"Second é"\n'
    assert "section: Second é" in bot.ask(*line, "--format=yaml").stdout
    notes.write_text("nothing\n")
    assert answer(bot.ask(*line)) == ("No sections found in NOTES.md.\n", "", 0)


@pytest.mark.parametrize("door", DOORS)
def test_sections_are_written_where_they_are_said(bot: Bot, notes: Path, tmp_path: Path, door: str) -> None:
    said = bot.at(door, "write", "NOTES.md", "First", "new")
    assert answer(said) == ('Success: Section "First" updated.\n', "", 0)
    assert notes.read_text() == TEXT.replace("one\n\n```\n## no section\n```\n", "new\n")
    said = bot.at(door, "write", "NOTES.md", "Third", "-", "--mode=append", stdin="piped \\ text\n")
    assert answer(said) == ('Success: Content appended to section "Third".\n', "", 0)
    assert notes.read_text().endswith("\n## Third\npiped \\ text\n")
    file = tmp_path / "content.txt"
    file.write_text("from a file\n")
    assert bot.at(door, "write", "NOTES.md", "Third", f"--from-file={file}").returncode == 0
    assert bot.at(door, "read", "NOTES.md", "Third").stdout == "from a file\n"
    assert answer(bot.at(door, "delete", "NOTES.md", "Third"))[1:] == ("", 0)
    assert "Third" not in notes.read_text()
    assert bot.at(door, "delete", "NOTES.md", "Third").returncode == 1
    assert bot.at(door, "write", "memcli note", door).returncode == 0
    assert f"\n## memcli note\n{door}\n" in (bot.folder / "MEMORY.md").read_text()
    assert bot.at(door, "delete", "memcli note").returncode == 0
    assert "memcli" not in (bot.folder / "MEMORY.md").read_text()


def test_what_cannot_be_written_is_an_error_and_changes_nothing(
    bot: Bot, notes: Path, tmp_path: Path
) -> None:
    file = tmp_path / "content.txt"
    file.write_text("x")
    before = sorted(bot.folder.rglob("*"))
    lines = [
        (["write", "First"], "Usage: datamachine memory write [<file>] <section> <content>"),
        (["write", "NOTES.md", "First"], "Usage: datamachine memory write [<file>] <section> <content>"),
        (["delete", "NOTES.md"], "Usage: datamachine memory delete [<file>] <section>"),
        (["write", "First", "--from-file=/no/such"], "--from-file path does not exist: /no/such"),
        (
            ["write", "First", "-", f"--from-file={file}"],
            "Cannot use both --from-file and stdin (`-`). Pick one.",
        ),
        (["write", "SITE.md", "S", "x"], "File SITE.md is read-only and cannot be edited by section."),
        (["write", "../../../x.md", "S", "x"], '"../../../x.md" is not a name for a memory file.'),
        (["write", "NOTES.md", "First", "x", "--mode=bogus"], None),
        (["write", "x.php", "S", "x"], None),
        (["write", ".htaccess", "S", "x"], None),
    ]
    for words, message in lines:
        said = bot.both(*words)
        assert (said.stdout, said.returncode) == ("", 1), words
        if message is not None:
            assert said.stderr == f"Error: {message}\n"
    assert notes.read_text() == TEXT
    assert sorted(bot.folder.rglob("*")) == before


def test_five_megabytes_pass_both_doors(bot: Bot) -> None:
    """By standard input, in chunks: a frame of the channel holds one."""
    large = ("é" * 40 + "\\\n") * 62_000
    assert len(large.encode()) > 5_000_000
    for writer, reader in (DOORS, DOORS[::-1]):
        said = run(
            bot.site,
            writer,
            "memory",
            "write",
            "LARGE.md",
            "Large",
            "-",
            f"--agent={SLUG}",
            stdin=large + "\n",
        )
        assert (said.stdout, said.returncode) == ('Success: Section "Large" updated.\n', 0)
        assert said.stderr.startswith("Warning: LARGE.md has 5 MB")
        read = run(bot.site, reader, "memory", "read", "LARGE.md", "Large", f"--agent={SLUG}")
        assert read.returncode == 0
        # Compared without printing five megabytes where they differ.
        assert (read.stdout == large) is True
        os.unlink(bot.folder / "LARGE.md")


def test_bytes_that_are_no_utf8_come_back_as_they_went(bot: Bot) -> None:
    """Whatever the language of the shell; in names, contents, results and errors."""

    def ask(door: str, *words: str | bytes, stdin: bytes = b"") -> tuple[bytes, bytes, int]:
        line = [*terminal.command(bot.site, door, ["memory"]), *words, f"--agent={SLUG}"]
        env = bot.site.environment() | {"LC_ALL": "", "LANG": "en_US.UTF-8", "PYTHONIOENCODING": ""}
        said = subprocess.run(line, input=stdin, capture_output=True, env=env, timeout=120, check=False)
        return said.stdout, said.stderr, said.returncode

    name, raw = b"Se\xe7", b"caf\xe9 \xff\r\nline\x01 \\n"
    for writer, reader in (DOORS, DOORS[::-1]):
        done = ask(writer, "write", "BYTES.md", name, "-", stdin=raw)
        assert done == (b'Success: Section "Se\xe7" updated.\n', b"", 0)
        assert (bot.folder / "BYTES.md").read_bytes() == b"# BYTES.md\n\n## Se\xe7\n" + raw + b"\n"
        assert ask(reader, "read", "BYTES.md", name) == (raw + b"\n", b"", 0)
        assert ask(reader, "sections", "--file=BYTES.md") == (b"section\nSe\xe7\n", b"", 0)
        assert ask(reader, "read", "BYTES.md", b"\xff") == (
            b"",
            b'Error: Section "\xff" not found.\nAvailable sections: Se\xe7\n',
            1,
        )
        os.unlink(bot.folder / "BYTES.md")


def test_text_is_found_in_any_case(bot: Bot, notes: Path) -> None:
    said = bot.both("search", "NEEDLE", "--file=NOTES.md")
    assert answer(said) == (
        "--- [(top-level)] line 3 ---\n# Notes\n\nintro needle\n\n## First\n\n"
        "--- [Second é] line 13 ---\n\n## Second é\ntwo Needle\nthree\n\n\n"
        "Success: 2 match(es) found in NOTES.md.\n",
        "",
        0,
    )
    assert "Success: 1 match(es)" in bot.ask("search", "one", "--file=NOTES.md", "--section=First").stdout
    assert answer(bot.ask("search", "zzz", "--file=NOTES.md")) == (
        'No matches for "zzz" in NOTES.md.\n',
        "",
        0,
    )


def test_days(bot: Bot) -> None:
    """Written at one door, read at the other."""
    assert answer(bot.both("daily", "list")) == ("No daily memory files found.\n", "", 0)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    for door, other in (DOORS, DOORS[::-1]):
        said = bot.at(door, "daily", "write", "2026-02-28", "one needle\ntwo")
        assert answer(said) == ("Success: Daily memory for 2026-02-28 saved.\n", "", 0)
        said = bot.at(door, "daily", "append", "2026-02-28", "-", stdin="three Needle\n")
        assert answer(said) == ("Success: Content appended to daily memory for 2026-02-28.\n", "", 0)
        text = "one needle\ntwo\nthree Needle\n"
        assert (bot.folder / "daily/2026/02/28.md").read_text() == text
        assert bot.at(other, "daily", "read", "2026-02-28").stdout == text + "\n"
    for door in DOORS:
        said = bot.at(door, "daily", "append", f"from {door}")
        assert said.stdout.startswith("Success: Content appended to daily memory for ")
    assert bot.ask("daily", "read", today).stdout.startswith(f"# Daily Memory: {today}\n\nfrom wp\n")
    bot.at("wp", "daily", "write", "2025-12-31", "old needle")

    listed = bot.ask("daily", "list").stdout
    rows = [today, "2026-02-28", "2025-12-31"]
    table = [f"{day}\t{day[:7].replace('-', '/')}" for day in rows]
    assert listed == "\n".join(["date\tmonth", *table, "Total: 3 daily memory file(s).", ""])
    as_json = json.loads(bot.ask("daily", "list", "--format=json").stdout)
    assert [row["date"] for row in as_json] == rows
    assert bot.ask("daily", "list", "--format=csv").stdout.splitlines()[1] == table[0].replace("\t", ",")

    found = bot.ask("daily", "search", "needle", "--from=2026-01-01", "--to=2026-02-28")
    assert answer(found) == (
        "--- [2026-02-28] line 1 ---\none needle\ntwo\nthree Needle\n\n"
        "--- [2026-02-28] line 3 ---\none needle\ntwo\nthree Needle\n\n\n"
        "Success: 2 match(es) found.\n",
        "",
        0,
    )
    assert bot.ask("daily", "search", "needle").stdout.endswith("Success: 3 match(es) found.\n")
    until = bot.ask("daily", "search", "needle", "--to=2025-12-31").stdout
    assert until.endswith("Success: 1 match(es) found.\n")
    none = bot.ask("daily", "search", "needle", "--from=2026-03-01")
    assert answer(none) == ('No matches for "needle" in daily memory.\n', "", 0)

    assert bot.at("wp", "daily", "delete", "2025-12-31").returncode == 0
    assert bot.at("datamachine", "daily", "delete", "2026-02-28").returncode == 0
    assert not (bot.folder / "daily/2026/02/28.md").exists()
    assert answer(bot.ask("daily", "read", "2026-02-28")) == (
        "",
        "Error: No daily memory for 2026-02-28.\n",
        1,
    )
    for words in (["read", "foo"], ["read", "2026-02-30"], ["delete", "../../x"], ["write", "nope", "x"]):
        said = bot.ask("daily", *words)
        assert answer(said) == ("", f"Error: Invalid date format: {words[1]}. Use YYYY-MM-DD.\n", 1)
    for words in (["delete"], ["search"], ["write"], ["bogus"]):
        assert bot.ask("daily", *words).returncode == 1


def test_old_files_are_told(bot: Bot, notes: Path, site: Instance) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    (bot.folder / "data.json").write_text("{}")
    notes.write_text("x" * 2560)
    os.utime(notes, (moment.timestamp(), moment.timestamp()))
    days = (datetime.now(UTC) - moment).days
    listed = bot.both("files", "list").stdout.splitlines()
    assert listed[0] == "file\tsize\tmodified\tage"
    assert f"NOTES.md\t3 KB\t2026-01-02 03:04:05\t{days}d" in listed
    assert [line.split("\t")[0] for line in listed[1:]] == ["MEMORY.md", "NOTES.md", "SOUL.md"]
    checked = bot.ask("files", "check")
    assert f"NOTES.md\t2026-01-02 03:04:05\t{days}d\tSTALE" in checked.stdout.splitlines()
    assert checked.stderr == "Warning: 1 file(s) not updated in 7+ days. Review for accuracy.\n"
    assert checked.returncode == 0
    fresh = bot.ask("files", "check", f"--days={days + 1}")
    assert fresh.stdout.endswith(f"Success: All 3 file(s) updated within the last {days + 1} days.\n")
    rows = json.loads(bot.ask("files", "check", "--format=json").stdout.partition("Success")[0])
    assert [row["status"] for row in rows] == ["OK", "STALE", "OK"]
    os.unlink(bot.folder / "data.json")


def test_a_users_rights_count_for_files_that_take_a_capability(bot: Bot, members: dict[str, int]) -> None:
    """The operator writes; naming a user who may not manage options, it is refused."""
    rules = bot.folder.parents[1] / "shared" / "RULES.md"
    before = rules.read_bytes() if rules.exists() else None
    said = bot.both("write", "RULES.md", "memcli", "x", "--user=cli-sub")
    assert answer(said) == ("", "Error: File RULES.md requires capability 'manage_options' to edit.\n", 1)
    assert (rules.read_bytes() if rules.exists() else None) == before
    for door in DOORS:
        assert bot.at(door, "write", "RULES.md", "memcli", door, "--user=admin").returncode == 0
        assert f"\n## memcli\n{door}\n" in rules.read_text()
    if before is None:
        rules.unlink()
    else:
        rules.write_bytes(before)


def test_what_a_prompt_begins_with(bot: Bot) -> None:
    parts = json.loads(bot.both("inject", "--format=json").stdout)
    names = [part["filename"] for part in parts]
    assert names.index("SOUL.md") < names.index("MEMORY.md")
    assert bot.ask("inject").stdout == "\n".join(part["content"] + "\n" for part in parts)
    rows = bot.ask("inject", "--format=table").stdout.splitlines()
    assert rows[0] == "file\tlayer\tsource\tpriority\tbytes"
    assert [row.split("\t")[0] for row in rows[1:]] == names
    system = json.loads(bot.ask("inject", "--mode=system", "--format=json").stdout)
    assert not {"SOUL.md", "MEMORY.md", "USER.md"} & {part["filename"] for part in system}


@pytest.mark.parametrize("door", DOORS)
def test_a_session_has_its_agents_memory_and_no_others(
    bot: Bot, agents: Agents, members: dict[str, int], runtime: Runtime, door: str
) -> None:
    """An agent's limited token in the environment; one that exists is not told from one that does not."""
    agents.make("memcli-theirs", members["cli-sub"])
    made = runtime.get(TokensService).create(OPERATOR, SLUG, capabilities=["datamachine_chat"])

    def ask(*words: str) -> tuple[str, str, int]:
        return answer(said_at(bot.site, door, "memory", *words, DATAMACHINE_TOKEN=made.raw))

    told, said, code = ask("paths")
    assert (json.loads(told)["agent_slug"], said, code) == (SLUG, "", 0)
    assert ask("daily", "write", "2026-05-05", f"at {door}")[2] == 0
    assert (bot.folder / "daily/2026/05/05.md").read_text().startswith(f"at {door}")
    assert "MEMORY.md" in ask("files", "list")[0]
    assert ask("inject")[2] == 0
    reading = ("", "Error: You do not have permission to read this memory.\n", 1)
    for name in ("memcli-theirs", "memcli-nobody", "999999"):
        assert ask("paths", f"--agent={name}") == reading
    for words in (["files", "list"], ["inject"], ["sections"], ["search", "a"], ["daily", "list"]):
        assert ask(*words, "--agent=memcli-theirs") == reading, words
    writing = ("", "Error: You do not have permission to write this memory.\n", 1)
    for words in (["delete", "State"], ["daily", "append", "x"], ["daily", "delete", "2026-05-05"]):
        assert ask(*words, "--agent=memcli-theirs") == writing, words
    narrow = runtime.get(TokensService).create(OPERATOR, SLUG, capabilities=["datamachine_view_logs"])
    for words in (["paths"], ["read"], ["daily", "list"], ["compose", "--list"], ["inject"]):
        said_narrow = said_at(bot.site, door, "memory", *words, DATAMACHINE_TOKEN=narrow.raw)
        assert answer(said_narrow) == reading, words


@pytest.mark.parametrize("noun", ["pipeline", "flow"])
def test_attached_files(site: Instance, stock: Stock, noun: str) -> None:
    number = stock.pipeline_id if noun == "pipeline" else stock.flow_id

    doors = cycle(DOORS if noun == "flow" else DOORS[::-1])

    def ask(*words: str) -> tuple[str, str, int]:
        return answer(said_at(site, next(doors), f"{noun}s", "memory-files", *words))

    name = noun.capitalize()
    assert ask(str(number)) == (f"{name} {number} has no memory files attached.\n", "", 0)
    assert ask(str(number), "--format=json") == ("[]\n", "", 0)
    added = f'Success: Added "a.md" to {noun} {number}. Files: a.md\n'
    assert ask(str(number), "--add=a.md") == (added, "", 0)
    assert (
        ask(str(number), "--add=b.md")[0] == f'Success: Added "b.md" to {noun} {number}. Files: a.md, b.md\n'
    )
    assert ask(str(number), "--add=a.md") == (
        "",
        f'Warning: "a.md" is already attached to {noun} {number}.\n',
        0,
    )
    assert ask(str(number)) == ("filename\na.md\nb.md\n", "", 0)
    assert ask(str(number), "--format=json") == ('[\n    "a.md",\n    "b.md"\n]\n', "", 0)
    removed = f'Success: Removed "a.md" from {noun} {number}.\nRemaining: b.md\n'
    assert ask(str(number), "--remove=a.md") == (removed, "", 0)
    removed = f'Success: Removed "b.md" from {noun} {number}.\nNo memory files attached.\n'
    assert ask(str(number), "--remove=b.md") == (removed, "", 0)
    assert ask(str(number), "--remove=b.md")[2] == 0
    assert ask("999999") == ("", f"Error: {name} 999999 not found\n", 1)
    assert ask()[2] == 1
