"""Every command of docs/how-to/connect-a-runtime.md, run as its reader runs it, and what comes of it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dev import paths, wordpress
from dev.instance import Instance

PAGE = paths.ROOT / "docs" / "how-to" / "connect-a-runtime.md"
#: The agent of the page, under a name that no other test has.
SLUG = "docs-roadie"
RAW = re.compile(rf"datamachine_{SLUG}_[0-9a-f]{{64}}")
#: Programs that only have to be started: they tell what they found.
RUNTIMES = ("opencode", "kimaki")

Said = subprocess.CompletedProcess[str]


def blocks(language: str) -> list[str]:
    """What stands in the page's fences of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@dataclass
class Reader:
    """Somebody with a home folder who follows the page, and whose programs keep a list of their arguments."""

    site: Instance
    home: Path
    said: list[Said] = field(default_factory=list)

    @property
    def project(self) -> Path:
        return self.home / "project"

    @property
    def arguments(self) -> str:
        """All that a list of processes could have shown."""
        return (self.home / "arguments").read_text()

    def file(self, name: str) -> Path:
        return self.home / ".config" / "datamachine" / name

    def mine(self, text: str) -> str:
        """A block for this site."""
        socket = str(self.site.run_dir / "dm" / "http.sock")
        text = text.replace("https://example.org", self.site.url)
        return text.replace("/run/datamachine/default/http.sock", socket).replace("roadie", SLUG)

    def run(self, script: str, **env: str) -> Said:
        environment = self.site.environment(HOME=str(self.home), **env)
        environment["PATH"] = f"{self.home / 'bin'}:{environment['PATH']}"
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            capture_output=True,
            text=True,
            env=environment,
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )

    def follow(self, block: str) -> Said:
        """Run one block of the page as it stands there, with this site's names."""
        script, env = self.mine(block), {}
        if "DATAMACHINE_TOKEN" in script:
            # It stands there as what a session of Claude Code runs.
            settings: dict[str, Any] = json.loads((self.project / ".claude/settings.local.json").read_text())
            env = settings["env"]
        if " revoke " in script:
            script = script.replace("17", self.token_id("curl"))
        return self.run(script, **env)

    def token_id(self, label: str) -> str:
        listed = self.site.datamachine("agents", "token", "list", SLUG, "--format=json").stdout
        return next(str(row["token_id"]) for row in json.loads(listed) if row["label"] == label)

    def install(self) -> None:
        wp = [
            *self.site.php(),
            str(wordpress.wp_cli()),
            f"--path={self.site.path}",
            "--allow-root",
            "--no-color",
        ]
        self.project.mkdir(parents=True)
        programs = {"wp": shlex.join(wp), "datamachine": str(paths.VENV / "bin" / "datamachine")}
        programs |= {"curl": "/usr/bin/curl"} | {name: f"env -- {name}=" for name in RUNTIMES}
        (self.home / "bin").mkdir()
        for name, command in programs.items():
            file = self.home / "bin" / name
            file.write_text(f'#!/bin/sh\necho {name} "$@" >> ~/arguments\nexec {command} "$@"\n')
            file.chmod(0o755)


@pytest.fixture(scope="module")
def reader(site: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Has done all that the page says, but for the sections on CI, in its order."""
    found = Reader(site, tmp_path_factory.mktemp("reader"))
    found.install()
    site.wp("eval", "1;")
    try:
        found.said = [found.follow(block) for block in blocks("sh")]
        yield found
    finally:
        site.datamachine("agents", "delete", SLUG, "--yes", "--delete-files", check=False)


def data(said: Said) -> dict[str, Any]:
    """What a route of ours answered."""
    answer: dict[str, Any] = json.loads(said.stdout)
    assert answer["success"] is True, said.stdout
    found: dict[str, Any] = answer["data"]
    return found


def is_me(label: str) -> Callable[[Reader, Said], None]:
    def check(reader: Reader, said: Said) -> None:
        me = data(said)
        assert (me["agent_slug"], me["site_url"]) == (SLUG, reader.site.url)
        assert me["token"]["label"] == label
        assert me["may"]
        assert (Path(me["memory"]["directory"]) / "MEMORY.md").is_file()

    return check


def made_agent(reader: Reader, said: Said) -> None:
    assert said.stdout.startswith(f'Success: Agent "{SLUG}" created')


def made_token(reader: Reader, said: Said) -> None:
    [lines, _] = blocks("ini")
    [raw] = set(RAW.findall(said.stdout))
    shown = textwrap.indent(reader.mine(lines), "  ").replace(f"datamachine_{SLUG}_...", str(raw))
    assert shown in said.stdout
    assert "Expires in:  90 days\n" in said.stdout


def made_reader(reader: Reader, said: Said) -> None:
    [raw] = set(RAW.findall(said.stdout))
    headers = {"Authorization": f"Bearer {raw}"}
    assert reader.site.get("/wp-json/wp/v2/users/me", headers=headers).json()["slug"] == "admin"
    posted = reader.site.request("POST", "/wp-json/wp/v2/posts?title=x", headers=headers)
    assert posted.status == 403, posted.text


def private(name: str) -> Callable[[Reader, Said], None]:
    """A file that only its user may read holds the token, and nothing was printed."""

    def check(reader: Reader, said: Said) -> None:
        file = reader.home / name.replace("roadie", SLUG)
        assert (said.stdout, said.stderr) == ("", "")
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(RAW.findall(file.read_text())) == 1

    return check


def listed_jobs(reader: Reader, said: Said) -> None:
    assert isinstance(json.loads(said.stdout)["data"], list)


def is_owner(reader: Reader, said: Said) -> None:
    assert json.loads(said.stdout)["slug"] == "admin"


def started(reader: Reader, said: Said) -> None:
    """Whatever a runtime starts has the token."""
    variables = dict(line.split("=", 1) for line in said.stdout.splitlines() if "=" in line)
    [raw] = RAW.findall(reader.file(f"{SLUG}.env").read_text())
    assert variables["DATAMACHINE_TOKEN"] == raw
    assert variables["DATAMACHINE_URL"] == f"{reader.site.url}/wp-json/datamachine/v1"


def showed_settings(reader: Reader, said: Said) -> None:
    [raw] = set(RAW.findall(said.stdout))
    shown = said.stdout.partition("For .claude/settings.local.json")[2]
    settings = json.loads(shown[shown.index("{") :])
    assert settings["env"]["DATAMACHINE_TOKEN"] == raw


def made_ci(reader: Reader, said: Said) -> None:
    assert RAW.fullmatch(said.stdout.strip())


def wrote(reader: Reader, said: Said) -> None:
    shown = json.loads(reader.site.datamachine("agents", "show", SLUG, "--format=json").stdout)
    assert "Met the band." in (Path(shown["agent_dir"]) / "MEMORY.md").read_text()


def read(reader: Reader, said: Said) -> None:
    assert said.stdout == "Met the band.\n"


def listed_tokens(reader: Reader, said: Said) -> None:
    labels = {line.split("\t")[2] for line in said.stdout.splitlines()[1:]}
    assert labels == {"my laptop", "reader", "curl", "kimaki", "claude-code", "ci"}


def revoked(reader: Reader, said: Said) -> None:
    assert said.stdout == "Success: Token revoked successfully\n"
    answer = json.loads(reader.run(reader.mine(blocks("sh")[4])).stdout)
    assert answer["code"] == "datamachine_invalid_token"


#: One for each block of commands, in the page's order: what it begins with, and what must be true after all.
CHECKS: list[tuple[str, Callable[[Reader, Said], None]]] = [
    ("wp datamachine agents create", made_agent),
    ('wp datamachine agents token create roadie --label="my laptop"', made_token),
    ("wp datamachine agents token create roadie --label=reader", made_reader),
    (
        "mkdir -p ~/.config/datamachine\n(umask 077; wp datamachine",
        private(".config/datamachine/roadie.curl"),
    ),
    ("curl --silent --config ~/.config/datamachine/roadie.curl https", is_me("curl")),
    ('curl --silent --config ~/.config/datamachine/roadie.curl "https', listed_jobs),
    ("curl --silent --config ~/.config/datamachine/roadie.curl https://example.org/wp-json/wp/v2", is_owner),
    ("curl --silent --config ~/.config/datamachine/roadie.curl \\\n  --unix-socket", is_me("curl")),
    ("sed -i", is_me("curl")),
    ("mkdir -p ~/.config/datamachine\n(umask 077; wp datamachine", private(".config/datamachine/roadie.env")),
    ("(set -a; . ~/.config/datamachine/roadie.env; exec opencode)", started),
    ("(set -a; . ~/.config/datamachine/roadie.env; exec kimaki)", started),
    ("mkdir -p .claude", private("project/.claude/settings.local.json")),
    ("wp datamachine agents token create roadie --label=claude-code --for=claude-code\n", showed_settings),
    ("printf", is_me("claude-code")),
    ("wp datamachine agents token create roadie --label=ci", made_ci),
    ("(set -a; . ~/.config/datamachine/roadie.env; exec wp datamachine memory write", wrote),
    ("(set -a; . ~/.config/datamachine/roadie.env; exec datamachine memory read", read),
    ("DATAMACHINE_AGENT_SLUG=roadie datamachine memory read", read),
    ("wp datamachine agents token list", listed_tokens),
    ("wp datamachine agents token revoke", revoked),
]


def test_every_block_of_commands_is_checked() -> None:
    found = blocks("sh")
    assert [text for text, (start, _) in zip(found, CHECKS, strict=True) if not text.startswith(start)] == []
    text = PAGE.read_text()
    known = sum(len(blocks(language)) for language in ("sh", "ini", "yaml"))
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * known


@pytest.mark.parametrize("number", range(len(CHECKS)))
def test_a_block_does_what_the_page_says(reader: Reader, number: int) -> None:
    said = reader.said[number]
    assert said.returncode == 0, (said.args, said.stdout, said.stderr)
    CHECKS[number][1](reader, said)


def test_a_unit_of_systemd_finds_the_file_of_the_page(reader: Reader) -> None:
    [_, unit] = blocks("ini")
    named = re.fullmatch(r"\[Service\]\nEnvironmentFile=%h/(.*)\n", reader.mine(unit))
    assert named is not None
    lines = (reader.home / named[1]).read_text().splitlines()
    # Its syntax: a name, an equals sign, and a value that needs no quotes.
    assert all(re.fullmatch(r"[A-Z_]+=[\w:/.%-]+", line) for line in lines)
    assert [line.partition("=")[0] for line in lines] == ["DATAMACHINE_URL", "DATAMACHINE_TOKEN"]


def test_a_step_of_ci(reader: Reader) -> None:
    [step] = blocks("yaml")
    script = textwrap.dedent(step.partition("run: |\n")[2])
    url = re.search(r"DATAMACHINE_URL: (\S+)\n", reader.mine(step))
    assert url is not None
    assert "DATAMACHINE_TOKEN: ${{ secrets.DATAMACHINE_TOKEN }}\n" in step
    token = reader.said[15].stdout.strip()
    said = reader.run(script, DATAMACHINE_URL=url[1], DATAMACHINE_TOKEN=token)
    assert said.returncode == 0, said.stderr
    listed_jobs(reader, said)
    for bad in (token[:-1] + ("0" if token[-1] != "0" else "1"), ""):
        assert reader.run(script, DATAMACHINE_URL=url[1], DATAMACHINE_TOKEN=bad).returncode != 0


def test_no_process_ever_had_a_token_among_its_arguments(reader: Reader) -> None:
    for name in ("wp", "datamachine", "curl", *RUNTIMES):
        assert f"{name} " in reader.arguments or f"{name}\n" in reader.arguments
    assert RAW.findall(reader.arguments) == []


def test_the_page_names_no_environment_of_its_own() -> None:
    """Names that stand in the page and nowhere in the product would be a promise nobody keeps."""
    names = set(re.findall(r"DATAMACHINE_[A-Z_]+", PAGE.read_text()))
    assert names == {"DATAMACHINE_URL", "DATAMACHINE_TOKEN", "DATAMACHINE_AGENT_SLUG"}
