"""A coding tool's session begins: its commands, and its ways to read what they print."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev import paths, wordpress
from dev.instance import Instance
from sidecar import hooks
from sidecar.identity import AgentsService, Principal
from sidecar.runtime import Runtime

HOOK = Path(__file__).with_name("session_start.sh")
SLUG = "start-roadie"
AGENTS_MD = "AGENTS.md"


@dataclass(frozen=True)
class Shell:
    """A machine with the site's folder and a command that answers; ``calls`` keeps what was asked."""

    site: Instance
    #: The words before ``memory`` and ``agents``.
    program: tuple[str, ...]
    log: Path

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A line of bash in the site's folder; ``"$@"`` is the program."""
        return subprocess.run(
            ["bash", "-c", script, "bash", *(words or self.program)],
            cwd=self.site.path,
            env=self.site.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run('"$@"', *self.program, *words)

    def calls(self) -> list[str]:
        said = self.log.read_text().splitlines()
        self.log.write_text("")
        return said


@pytest.fixture(scope="module")
def site(instances: Path) -> Iterator[Instance]:
    """A site with the agents of these tests alone: a session asks for each agent there is."""
    instance = Instance(paths.numbered(instances))
    try:
        instance.install()
        instance.start_sidecar()
        yield instance
    finally:
        instance.destroy()


@pytest.fixture(scope="module")
def agent(runtime: Runtime) -> Iterator[int]:
    """A second agent, as a setup makes it."""
    service, operator = runtime.get(AgentsService), Principal.command_line()
    with hooks.scope():
        made = service.create(operator, SLUG, name="Roadie", owner_id=1).agent
    yield made.agent_id
    with hooks.scope():
        service.delete(operator, made.agent_id, delete_files=True)


@pytest.fixture(autouse=True)
def _agents_md(site: Instance) -> Iterator[None]:
    """The site's root as it was."""
    file = Path(site.path) / AGENTS_MD
    before = file.read_bytes() if file.exists() else None
    yield
    if before is not None:
        file.write_bytes(before)
    else:
        file.unlink(missing_ok=True)


@pytest.fixture(params=["wp", "datamachine"])
def shell(request: pytest.FixtureRequest, site: Instance, agent: int, tmp_path: Path) -> Shell:
    """``wp`` as an installation has it, and the sidecar's own command line in its place."""
    log = tmp_path / "calls"
    log.write_text("")
    if request.param == "wp":
        line = [*site.php(), str(wordpress.wp_cli())]
        words: tuple[str, ...] = (f"--path={site.path}", "--allow-root", "datamachine")
    else:
        line, words = [str(paths.VENV / "bin" / "datamachine")], ()
    program = tmp_path / request.param
    quoted = " ".join(f"'{word}'" for word in line)
    program.write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec {quoted} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Shell(site, (str(program), *words), log)


def test_an_opencode_plugin_learns_what_it_asks_for(shell: Shell) -> None:
    """Silent failures everywhere: what cannot be parsed would simply be missing."""
    assert shell.ask("memory", "compose").returncode == 0
    listed = shell.ask("agents", "list", "--format=json")
    greedy = re.search(r"\[[\s\S]*\]", listed.stdout)
    assert greedy is not None
    agents = json.loads(greedy[0])
    assert listed.stdout == f"{greedy[0]}Total: {len(agents)} agent(s).\n"
    assert listed.stderr == ""
    for agent in agents:
        assert agent.get("status", "") in ("", "active")
        said = shell.ask("memory", "paths", f"--agent={agent['agent_slug']}", "--format=json")
        told = json.loads(said.stdout)
        assert (said.stderr, said.returncode) == ("", 0)
        assert told["agent_slug"] == agent["agent_slug"]
        assert told["user_id"] == agent["owner_id"]
        assert told["relative_files"][0] == AGENTS_MD
        for name in told["relative_files"]:
            assert (Path(shell.site.path) / name).is_file()
    prompt = "".join(f"{{file:./{name}}}\n" for name in told["relative_files"])
    assert prompt.startswith("{file:./AGENTS.md}\n")


def test_paths_are_printed_byte_for_byte(shell: Shell) -> None:
    shell.ask("memory", "compose", AGENTS_MD)
    base = f"{shell.site.path}/wp-content/uploads/datamachine-files"
    layers = {
        "shared": f"{base}/shared",
        "agent": f"{base}/agents/{SLUG}",
        "user": f"{base}/users/1",
        "network": f"{base}/network",
    }
    places = {
        "NETWORK.md": "network",
        "AGENTS.md": "",
        "SITE.md": "shared",
        "RULES.md": "shared",
        "SOUL.md": "agent",
        "USER.md": "user",
        "MEMORY.md": "agent",
    }
    files = {}
    for name, layer in places.items():
        path = Path(layers[layer]) / name if layer else Path(shell.site.path) / name
        files[name] = {
            "layer": layer or "shared",
            "path": str(path),
            "relative": str(path.relative_to(shell.site.path)),
            "exists": path.is_file(),
            "convention_path": "" if layer else name,
        }
    relative = [each["relative"] for each in files.values() if each["exists"]]
    expected = {
        "agent_slug": SLUG,
        "user_id": 1,
        "layers": layers,
        "files": files,
        "relative_files": relative,
    }
    said = shell.ask("memory", "paths", f"--agent={SLUG}")
    assert said.stdout == json.dumps(expected, indent=4) + "\n"
    assert shell.ask("memory", "paths", f"--agent={SLUG}", "--relative").stdout == said.stdout
    assert {
        f"wp-content/uploads/datamachine-files/agents/{SLUG}/{name}" for name in ("SOUL.md", "MEMORY.md")
    } <= set(relative)
    table = shell.ask("memory", "paths", f"--agent={SLUG}", "--format=table").stdout.splitlines()
    rows = [
        f"{name}\t{each['layer']}\t{each['path']}\t{'yes' if each['exists'] else 'no'}"
        for name, each in files.items()
    ]
    assert table == ["file\tlayer\tpath\texists", *rows]
    short = shell.ask("memory", "paths", f"--agent={SLUG}", "--format=table", "--relative").stdout
    assert f"\nSOUL.md\tagent\t{files['SOUL.md']['relative']}\tyes\n" in short


def test_paths_of_an_agent_that_is_not_there_yet(shell: Shell, agent: int) -> None:
    """A setup asks before it makes the agent, and falls back to these places."""
    said = shell.ask("memory", "paths", "--agent=start-nobody", "--format=json")
    assert (said.stderr, said.returncode) == ("", 0)
    told = json.loads(said.stdout)
    assert (told["agent_slug"], told["user_id"]) == ("start-nobody", 1)
    assert told["files"]["SOUL.md"]["relative"] == (
        "wp-content/uploads/datamachine-files/agents/start-nobody/SOUL.md"
    )
    assert told["files"]["SOUL.md"]["exists"] is False
    assert not any("/agents/" in name for name in told["relative_files"])
    # Digits are an agent's id, and names are cleaned as WordPress cleans slugs.
    by_id = shell.ask("memory", "paths", f"--agent={agent}").stdout
    assert json.loads(by_id)["agent_slug"] == SLUG
    odd = json.loads(shell.ask("memory", "paths", "--agent=../../Start Nobody").stdout)
    assert odd["agent_slug"] == "start-nobody"
    assert odd["layers"]["agent"] == told["layers"]["agent"]


@pytest.mark.parametrize("shell", ["wp"], indirect=True)
def test_a_setup_script_cuts_the_json_out_with_sed(shell: Shell) -> None:
    cut = "sed -n '/^{/,/^}/p'"
    whole = shell.run(f'"$@" memory paths --format=json --agent={SLUG} 2>/dev/null')
    # Other plugins print around it.
    asked = f'"$@" memory paths --format=json --agent={SLUG}'
    noisy = shell.run(f'{{ echo "Deprecated: {{ x"; {asked}; echo "bye }}"; }} | {cut}')
    assert noisy.stdout == whole.stdout
    names = json.loads(noisy.stdout)["relative_files"]
    config = {"instructions": [f"./{name}" for name in names]}
    assert f"./wp-content/uploads/datamachine-files/agents/{SLUG}/SOUL.md" in config["instructions"]


@pytest.mark.parametrize("shell", ["wp"], indirect=True)
def test_a_setup_finds_or_makes_its_agent(shell: Shell, runtime: Runtime) -> None:
    script = '[ -n "$("$@" agents show start-made --format=json 2>/dev/null)" ] && echo there || echo missing'
    assert shell.run(script).stdout == "missing\n"
    missing = shell.ask("agents", "show", "start-made", "--format=json")
    assert (missing.stdout, missing.stderr, missing.returncode) == ("", "Error: Agent not found.\n", 1)
    made = shell.ask("agents", "create", "start-made", "--name=Made", "--owner=1")
    try:
        assert made.returncode == 0
        assert re.match(r'Success: Agent "start-made" created \(ID: \d+\)\.\n', made.stdout)
        assert shell.run(script).stdout == "there\n"
        names = json.loads(shell.ask("memory", "paths", "--agent=start-made").stdout)["relative_files"]
        folder = "wp-content/uploads/datamachine-files/agents/start-made"
        assert {f"{folder}/SOUL.md", f"{folder}/MEMORY.md"} <= set(names)
    finally:
        with hooks.scope():
            runtime.get(AgentsService).delete(Principal.command_line(), "start-made", delete_files=True)


def test_a_hook_names_the_files_and_changes_nothing_the_second_time(shell: Shell, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "CLAUDE.md").write_text("# Mine\n")
    assert shell.run(f'"{HOOK}" "{project}" "$@"').returncode == 0
    first = (project / "CLAUDE.md").read_bytes()
    calls = shell.calls()
    composed = (Path(shell.site.path) / AGENTS_MD).read_bytes()
    before = " ".join(shell.program[1:])
    said = [call.removeprefix(before).strip() for call in calls]
    assert said[:2] == ["memory compose", "agents list --format=json"]
    assert f"memory paths --agent={SLUG} --format=json" in said[2:]

    lines = first.decode().splitlines()
    assert lines[:3] == ["# Mine", "<!-- DM_AGENT_SYNC_START -->", f"@{AGENTS_MD}"]
    files = [line[1:] for line in lines if line.startswith("@")]
    assert len(files) == len(set(files))
    base = "wp-content/uploads/datamachine-files"
    assert files[1:3] == [f"{base}/shared/SITE.md", f"{base}/shared/RULES.md"]
    assert files.index(f"{base}/agents/{SLUG}/SOUL.md") < files.index(f"{base}/agents/{SLUG}/MEMORY.md")
    told = f"Discover DM paths: `{' '.join(shell.program)} memory paths`"
    assert lines[-3:] == ["", told, "<!-- DM_AGENT_SYNC_END -->"]
    assert all((Path(shell.site.path) / name).is_file() for name in files)

    assert shell.run(f'"{HOOK}" "{project}" "$@"').returncode == 0
    assert (project / "CLAUDE.md").read_bytes() == first
    assert (Path(shell.site.path) / AGENTS_MD).read_bytes() == composed
    assert shell.calls() == calls


def test_an_upgrade_sees_whether_agents_md_changed(shell: Shell) -> None:
    compare = (
        'cp AGENTS.md AGENTS.md.bak; "$@" memory compose AGENTS.md >/dev/null 2>&1 && '
        "cmp -s AGENTS.md AGENTS.md.bak && echo unchanged || echo changed; rm -f AGENTS.md.bak"
    )
    made = shell.ask("memory", "compose", AGENTS_MD)
    place = f"{shell.site.path}/{AGENTS_MD}"
    assert made.returncode == 0
    assert re.fullmatch(
        rf"Success: Regenerated AGENTS\.md at {re.escape(place)} \(\d+ sections\)\.\n", made.stdout
    )
    assert shell.run(compare).stdout == "unchanged\n"
    with open(place, "a", encoding="utf-8") as file:
        file.write("mine\n")
    assert shell.run(compare).stdout == "changed\n"
    assert "mine" not in Path(place).read_text()

    everything = shell.ask("memory", "compose")
    number = re.search(r"\(\d+ sections\)", made.stdout)
    assert number is not None
    lines = everything.stdout.splitlines()
    assert f"  [OK] {AGENTS_MD} — Regenerated {AGENTS_MD} at {place} {number[0]}." in lines
    assert lines[-1] == f"Success: Regenerated {len(lines) - 1} of {len(lines) - 1} composable file(s)."
    unknown = shell.ask("memory", "compose", "NOPE.md")
    assert (unknown.stdout, unknown.returncode) == ("", 1)
    assert unknown.stderr == 'Error: File "NOPE.md" is not registered in the MemoryFileRegistry.\n'
    quiet = shell.ask("memory", "compose", "--quiet")
    assert (quiet.stdout, quiet.stderr, quiet.returncode) == ("", "", 0)


@pytest.mark.parametrize("shell", ["wp"], indirect=True)
def test_sections_are_listed(shell: Shell) -> None:
    rows = json.loads(shell.ask("memory", "compose", AGENTS_MD, "--list", "--format=json").stdout)
    assert [(row["slug"], row["priority"]) for row in rows][:2] == [
        ("auto-generated-marker", 0),
        ("datamachine", 10),
    ]
    assert list(rows[0]) == ["file", "slug", "priority", "label"]
    everything = shell.ask("memory", "compose", "--list").stdout.splitlines()
    assert everything[0] == "file\tslug\tpriority\tlabel"
    assert any(line.startswith(f"{AGENTS_MD}\tdatamachine\t10\t") for line in everything)
    none = shell.ask("memory", "compose", "NOPE.md", "--list")
    assert (none.stdout, none.returncode) == ('No sections registered for "NOPE.md".\n', 0)
