"""``agents`` at both doors: the same bytes, the same codes, and what scripts read from them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev.instance import DATABASE, Instance
from sidecar import hooks
from sidecar.identity import Agent, AgentDetail, AgentsService, Principal
from sidecar.runtime import Runtime
from tests.integration.doors.stock import Stock
from tests.integration.doors.terminal import answer
from tests.integration.doors.test_parity import both

DOORS = ("wp", "datamachine")
OPERATOR = Principal.command_line()


def run(site: Instance, door: str, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """One command line at one door."""
    if door == "wp":
        return site.wp("datamachine", *words, check=False, **options)
    return site.datamachine(*words, check=False, **options)


@dataclass
class Agents:
    """Agents of the site, seen and made without a door."""

    runtime: Runtime

    @property
    def service(self) -> AgentsService:
        return self.runtime.get(AgentsService)

    def slugs(self) -> set[str]:
        return {found.agent.agent_slug for found in self.service.list(OPERATOR, scope="all")}

    def show(self, slug: str) -> AgentDetail:
        return self.service.show(OPERATOR, slug)

    def folder(self, slug: str) -> Path:
        return Path(self.show(slug).agent_dir)

    def config(self, slug: str) -> dict[str, Any]:
        return self.show(slug).agent.agent_config

    def make(self, slug: str, owner_id: int = 1, config: Mapping[str, Any] | None = None) -> int:
        """A new agent's id."""
        with hooks.scope():
            return self.service.create(OPERATOR, slug, owner_id=owner_id, config=config).agent.agent_id

    def drop(self, slug: str) -> None:
        with hooks.scope():
            self.service.delete(OPERATOR, slug, delete_files=True)

    def named(self, slug: str) -> Agent:
        return self.service.get(slug)


@pytest.fixture
def agents(site: Instance, stock: Stock, runtime: Runtime) -> Iterator[Agents]:
    """What a test made is gone after it: other tests count agents."""
    found = Agents(runtime)
    before = found.slugs()
    yield found
    for slug in found.slugs() - before:
        found.drop(slug)


@pytest.fixture(scope="module")
def people(site: Instance) -> dict[str, int]:
    """Users by login: an editor and two subscribers, one of whose logins is an address nobody has."""
    wanted = {"cli-ed": "editor", "cli-sub": "subscriber", "old@example.org": "subscriber"}
    code = (
        "$made = array(); foreach ( %s as $login => $role ) { $made[ $login ] = wp_insert_user( array("
        " 'user_login' => $login, 'user_pass' => wp_generate_password(), 'role' => $role,"
        " 'user_email' => str_replace( array( 'old@', '@' ), array( 'new@', '@' ), $login )"
        " . ( str_contains( $login, '@' ) ? '' : '@example.org' ) ) ); } echo json_encode( $made );"
    )
    pairs = ", ".join(f"'{login}' => '{role}'" for login, role in wanted.items())
    found: dict[str, int] = json.loads(site.wp("eval", code % f"array( {pairs} )").stdout)
    return found


# create


@pytest.mark.parametrize("door", DOORS)
def test_a_new_agent_is_told_of_line_by_line(site: Instance, agents: Agents, door: str) -> None:
    said = run(site, door, "agents", "create", "Röadie Two!", "--name=Roadie", "--owner=admin")
    found = agents.show("roadie-two")
    number = found.agent.agent_id
    assert (said.stderr, said.returncode) == ("", 0)
    assert said.stdout == (
        f'Success: Agent "roadie-two" created (ID: {number}).\n'
        f"Agent ID:  {number}\n"
        "Slug:      roadie-two\n"
        "Name:      Roadie\n"
        "Owner:     1\n"
        f"Directory: {found.agent_dir}\n"
    )
    assert found.agent.agent_name == "Roadie"
    assert [(each.grant.user_id, each.grant.role) for each in found.access] == [(1, "admin")]
    assert {"SOUL.md", "MEMORY.md"} <= {each.name for each in Path(found.agent_dir).iterdir()}


@pytest.mark.parametrize("door", DOORS)
def test_json_follows_the_line_of_success(site: Instance, agents: Agents, door: str) -> None:
    said = run(
        site, door, "agent", "create", "bot", "--owner=1", '--config={"a.b":[1.5,"é/"]}', "--format=json"
    )
    first, _, rest = said.stdout.partition("\n")
    found = agents.show("bot")
    message = f'Agent "bot" created (ID: {found.agent.agent_id}).'
    assert first == f"Success: {message}"
    assert list(json.loads(rest).items()) == [
        ("success", True),
        ("agent_id", found.agent.agent_id),
        ("agent_slug", "bot"),
        ("agent_name", "bot"),
        ("owner_id", 1),
        ("agent_dir", found.agent_dir),
        ("message", message),
    ]
    assert rest.startswith('{\n    "success": true,\n')
    assert found.agent.agent_config == {"a.b": [1.5, "é/"]}


def test_the_owner_is_named_by_id_login_or_address(
    site: Instance, agents: Agents, people: dict[str, int]
) -> None:
    owners = {
        "by-id": (str(people["cli-ed"]), "cli-ed"),
        "by-login": ("CLI-ED", "cli-ed"),
        "by-mail": ("cli-ed@example.org", "cli-ed"),
        "by-odd-login": ("old@example.org", "old@example.org"),
    }
    for slug, (named, login) in owners.items():
        site.datamachine("agents", "create", slug, f"--owner={named}")
        assert agents.named(slug).owner_id == people[login]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x"], "Owner is required (--owner=<user_id|login|email>)."),
        (["x", "--owner=", "--user=admin"], "Owner is required (--owner=<user_id|login|email>)."),
        (["x", "--owner=9999"], "User ID 9999 not found."),
        (["x", "--owner=missing"], 'User with login "missing" not found.'),
        (["x", "--owner=no@body.org"], 'User with email "no@body.org" not found.'),
        (["x", "--owner=1", "--config={"], "Invalid JSON in --config."),
        (["x", "--owner=1", "--config=5"], "Invalid JSON in --config."),
        (["x", "--owner=1", '--config=["a"]'], "Invalid JSON in --config."),
        (["!!!", "--owner=1"], "Agent slug is required."),
        (["", "--owner=1"], "Agent slug is required."),
        ([" {agent} ", "--owner=1"], 'Agent with slug "{agent}" already exists (ID: {number}).'),
    ],
)
def test_what_is_wrong_with_a_new_agent(
    site: Instance, stock: Stock, agents: Agents, words: list[str], message: str
) -> None:
    before = agents.slugs()
    number = str(agents.named(stock.agent).agent_id)

    def filled(text: str) -> str:
        return text.replace("{agent}", stock.agent).replace("{number}", number)

    said = both(site, ["agents", "create", *map(filled, words)])
    assert (said.stdout, said.stderr, said.returncode) == ("", f"Error: {filled(message)}\n", 1)
    assert agents.slugs() == before


@pytest.mark.parametrize("words", [["a" * 201], ["long", f"--name={'é' * 201}"]])
def test_what_is_too_long_is_refused_not_cut(site: Instance, agents: Agents, words: list[str]) -> None:
    before = agents.slugs()
    said = both(site, ["agents", "create", *words, "--owner=1"])
    assert said.returncode == 1
    assert said.stdout == ""
    assert "200" in said.stderr
    assert agents.slugs() == before


# show, list


def test_lists_and_details_are_alike_at_both_doors(
    site: Instance, agents: Agents, people: dict[str, int]
) -> None:
    ed, sub = people["cli-ed"], people["cli-sub"]
    number = agents.make("bot", sub, {"description": "é/"})
    site.datamachine("agents", "access", "grant", "bot", "cli-ed", "--role=viewer")
    for words in (
        ["agents", "show", "bot"],
        ["agents", "show", str(number), "--format=json"],
        ["agents", "list", "--format=yaml", "--include_role", f"--user_id={ed}"],
        ["agents", "list", "--scope=mine", "--user=cli-sub"],
    ):
        assert both(site, words).returncode == 0
    mine = both(site, ["agents", "list", "--scope=mine", "--user=cli-ed", "--include_role"]).stdout
    assert mine.splitlines() == [
        "agent_id\tagent_slug\tagent_name\towner_id\towner_login\thas_files\tuser_role",
        f"{number}\tbot\tbot\t{sub}\tcli-sub\tYes\tviewer",
        "Total: 1 agent(s).",
    ]
    # As in Data Machine the user narrows nothing while the scope is all; only the roles are that user's.
    roles = site.datamachine("agents", "list", "--include_role", f"--user_id={ed}").stdout.splitlines()
    assert roles[1].endswith("\t-")
    assert roles[-2:] == [mine.splitlines()[1], f"Total: {len(agents.slugs())} agent(s)."]


def test_scripts_can_read_the_list(site: Instance, stock: Stock, agents: Agents) -> None:
    text = site.wp("datamachine", "agents", "list", "--format=json").stdout
    # The array, and without a newline between them the total, as the coding agents' scripts expect it.
    array, total = text[: text.rindex("]") + 1], text[text.rindex("]") + 1 :]
    assert total == f"Total: {len(agents.slugs())} agent(s).\n"
    found = re.search(r"\[[\s\S]*\]", text)
    assert found is not None
    assert found[0] == array
    rows = json.loads(array)
    assert array == json.dumps(rows, separators=(",", ":"))
    first = next(row for row in rows if row["agent_slug"] == stock.agent)
    assert list(first.items()) == [
        ("agent_id", agents.named(stock.agent).agent_id),
        ("agent_slug", stock.agent),
        ("agent_name", agents.named(stock.agent).agent_name),
        ("owner_id", 1),
        ("owner_login", "admin"),
        ("has_files", "Yes"),
    ]


def test_an_owner_who_is_gone_is_said_to_be(site: Instance, agents: Agents) -> None:
    user = site.wp("user", "create", "leaver", "leaver@example.org", "--porcelain").stdout.strip()
    agents.make("orphan", int(user))
    site.wp("user", "delete", user, "--yes")
    lines = both(site, ["agents", "show", "orphan"]).stdout.splitlines()
    assert f"Owner:       (deleted) (ID: {user})" in lines
    assert f"\t{user}\t(deleted)\tYes\n" in site.datamachine("agents", "list").stdout


@pytest.mark.parametrize(
    "line",
    [
        ["show", "nope"],
        ["show", "9999"],
        ["show", ""],
        ["config", "0"],
        ["delete", "nope", "--yes"],
        ["delete", "9" * 25],
    ],
)
def test_an_unknown_agent_is_an_error(site: Instance, stock: Stock, line: list[str]) -> None:
    said = both(site, ["agents", *line])
    assert (said.stdout, said.stderr, said.returncode) == ("", "Error: Agent not found.\n", 1)


# rename


@pytest.mark.parametrize("door", DOORS)
def test_renaming_moves_the_folder(site: Instance, agents: Agents, door: str) -> None:
    number = agents.make("before")
    old = agents.folder("before")
    (old / "NOTES.md").write_text("kept")
    new = old.with_name("after")
    lines = f"Agent slug:  before → after\nDirectory:   {old} → {new}\n"
    dry = run(site, door, "agents", "rename", "before", "after", "--dry-run")
    assert (dry.stdout, dry.stderr) == (f"{lines}Success: Dry run — no changes made.\n", "")
    assert agents.named("before").agent_id == number
    assert old.is_dir()
    said = run(site, door, "agents", "rename", "before", "After")
    done = 'Success: Agent renamed from "before" to "after". Directory moved.\n'
    assert (said.stdout, said.stderr) == (lines + done, "")
    assert agents.named("after").agent_id == number
    assert (new / "NOTES.md").read_text() == "kept"
    assert not old.exists()


def test_an_agent_without_a_folder_is_renamed_too(site: Instance, agents: Agents) -> None:
    agents.make("bare")
    shutil.rmtree(agents.folder("bare"))
    said = site.datamachine("agents", "rename", "bare", "barer").stdout.splitlines()
    assert said[-1] == 'Success: Agent renamed from "bare" to "barer". No directory to move.'
    assert agents.service.find("barer") is not None


def test_what_is_wrong_with_a_new_slug(site: Instance, stock: Stock, agents: Agents) -> None:
    agents.make("bot")
    folder = agents.folder("bot")
    taken = folder.with_name("taken")
    taken.mkdir(mode=0o777)
    wrong = {
        ("bot", "bot"): "Old and new slugs are identical.",
        ("bot", "!!!"): "New slug cannot be empty.",
        ("nope", "new"): 'Agent with slug "nope" not found.',
        ("bot", stock.agent): f'An agent with slug "{stock.agent}" already exists.',
        ("bot", "taken"): f'Target directory "{taken}" already exists.',
    }
    for (old, new), message in wrong.items():
        said = both(site, ["agents", "rename", old, new])
        assert (said.stdout, said.stderr, said.returncode) == ("", f"Error: {message}\n", 1)
    # A dry run says the same.
    assert (
        site.datamachine("agents", "rename", "bot", "taken", "--dry-run", check=False).stderr == said.stderr
    )
    taken.rmdir()
    assert folder.is_dir()
    assert agents.service.find("bot") is not None


# delete


def question(agents: Agents, slug: str, files: str) -> str:
    found = agents.show(slug)
    return (
        f'Delete agent "{slug}" (ID: {found.agent.agent_id})? Its grants and tokens are deleted, its '
        f"pipelines, flows and jobs stay but do not run any more. Files in {found.agent_dir} {files}. [y/n] "
    )


@pytest.mark.parametrize("door", DOORS)
def test_deletion_asks_on_the_terminal(site: Instance, agents: Agents, door: str) -> None:
    number = agents.make("bot")
    folder = agents.folder("bot")
    asked = question(agents, "bot", "stay")
    for typed in ("n", "yes"):
        assert answer(site, door, ["agents", "delete", "bot"], asked, f"{typed}\n") == (
            0,
            f"{asked}{typed}\n",
        )
        assert agents.named("bot").agent_id == number
    code, text = answer(site, door, ["agents", "delete", str(number)], asked, " Y\n")
    assert code == 0
    head, _, last = text.partition(" Y\n")
    assert head == asked
    # The label may be coloured: this is a terminal.
    assert "Success:" in last
    assert last.endswith(f' Agent "bot" (ID: {number}) deleted.\n')
    assert agents.service.find("bot") is None
    assert (folder / "SOUL.md").exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_script_answers_through_standard_input(site: Instance, agents: Agents, door: str) -> None:
    number = agents.make("bot")
    folder = agents.folder("bot")
    asked = question(agents, "bot", "are deleted too")
    words = ("agents", "delete", "bot", "--delete-files")
    # Nobody there, or somebody who says no: nothing happens, and that is no error, as in WP-CLI.
    for stdin in ("", "n\n", "\ny\n"):
        said = run(site, door, *words, stdin=stdin)
        assert (said.stdout, said.stderr, said.returncode) == (asked, "", 0)
        assert folder.is_dir()
    said = run(site, door, *words, stdin="y\n")
    removed = f'Success: Agent "bot" (ID: {number}) deleted. Files removed.\n'
    assert (said.stdout, said.stderr, said.returncode) == (asked + removed, "", 0)
    assert not folder.exists()
    assert agents.service.find("bot") is None


@pytest.mark.parametrize("door", DOORS)
def test_yes_asks_nothing_and_ids_are_never_given_again(site: Instance, agents: Agents, door: str) -> None:
    number = agents.make("bot")
    said = run(site, door, "agents", "delete", "bot", "--yes", stdin="n\n")
    assert said.stdout == f'Success: Agent "bot" (ID: {number}) deleted.\n'
    assert agents.make("bot") > number


# access


def test_grants_are_made_changed_listed_and_revoked(
    site: Instance, agents: Agents, people: dict[str, int]
) -> None:
    number = agents.make("bot")
    ed, sub = people["cli-ed"], people["cli-sub"]
    for door, named, more, role in (
        ("wp", "cli-ed", [], "operator"),
        ("datamachine", str(ed), ["--role=viewer"], "viewer"),
        ("wp", "cli-ed@example.org", ["--role=admin"], "admin"),
        ("datamachine", "cli-ed", [], "operator"),
    ):
        said = run(site, door, "agents", "access", "grant", "bot", named, *more)
        assert said.stdout == f'Success: Granted {role} access to cli-ed for agent "bot".\n', said.stderr
    site.wp("datamachine", "agents", "access", "grant", str(number), "cli-sub", "--role=viewer")
    for output in ("table", "csv", "yaml"):
        both(site, ["agents", "access", "list", "bot", f"--format={output}"])
    text = both(site, ["agent", "access", "list", "bot", "--format=json"]).stdout
    assert json.loads(text) == [
        {"user_id": "1", "login": "admin", "role": "admin"},
        {"user_id": str(ed), "login": "cli-ed", "role": "operator"},
        {"user_id": str(sub), "login": "cli-sub", "role": "viewer"},
    ]
    for door, named, user_id in (("wp", "cli-ed", ed), ("datamachine", str(sub), sub), ("wp", "admin", 1)):
        said = run(site, door, "agents", "access", "revoke", "bot", named)
        assert said.stdout == f'Success: Revoked access for user {user_id} on agent "bot".\n', said.stderr
    none = both(site, ["agents", "access", "revoke", "bot", "cli-ed"])
    assert (none.stdout, none.stderr) == ("", "Warning: No access grant found to revoke.\n")
    empty = both(site, ["agents", "access", "list", "bot", "--format=json"])
    assert (empty.stdout, empty.stderr) == ("", 'Warning: No access grants for agent "bot".\n')
    assert empty.returncode == none.returncode == 0


def test_a_grant_of_a_user_who_is_gone_can_be_taken_away(site: Instance, agents: Agents) -> None:
    agents.make("bot")
    user = site.wp("user", "create", "gone", "gone@example.org", "--porcelain").stdout.strip()
    site.datamachine("agents", "access", "grant", "bot", "gone")
    # Behind WordPress's back, as an import does.
    site.db.sql(f"DELETE FROM wp_users WHERE ID = {user}", database=DATABASE)
    assert f"{user}\t(deleted)\toperator\n" in both(site, ["agents", "access", "list", "bot"]).stdout
    said = site.datamachine("agents", "access", "revoke", "bot", user)
    assert said.stdout == f'Success: Revoked access for user {user} on agent "bot".\n'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("list nope", 'Agent "nope" not found.'),
        ("grant 9999 admin", 'Agent "9999" not found.'),
        ("bogus {agent}", "Unknown action: bogus. Use: grant, revoke, list"),
        (
            "grant {agent}",
            "User is required for grant. "
            "Usage: datamachine agents access grant <slug> <user> [--role=<role>]",
        ),
        (
            "revoke {agent}",
            "User is required for revoke. Usage: datamachine agents access revoke <slug> <user>",
        ),
        ("grant {agent} missing", 'User with login "missing" not found.'),
        (
            "grant {agent} admin --role=admin,viewer",
            "Invalid role: admin,viewer. Use: viewer, operator, admin",
        ),
        (
            "grant {agent} admin --role=boss",
            "Parameter errors:\n Invalid value specified for 'role' (What the user may do.)",
        ),
    ],
)
def test_what_is_wrong_with_access(site: Instance, stock: Stock, line: str, message: str) -> None:
    said = both(site, ["agents", "access", *line.format(agent=stock.agent).split(" ")])
    assert (said.stdout, said.stderr, said.returncode) == ("", f"Error: {message}\n", 1)


# config


def test_configuration_is_changed_key_by_key(site: Instance, agents: Agents) -> None:
    agents.make("bot")
    assert both(site, ["agents", "config", "bot"]).stdout == "Agent config is empty.\n"
    done = 'Success: Config updated for agent "bot".\n'
    for number, (pair, echoed, stored) in enumerate(
        (
            ("a.b.c=x=y", "a.b.c → x=y", "x=y"),
            ("number=1.50", "number → 1.5", 1.5),
            ("flag=true", "flag → true", True),
            ("nothing=null", "nothing → null", None),
            ('list=["é/",{}]', 'list → ["é/",[]]', ["é/", []]),
            ('text="5"', "text → 5", "5"),
            ("empty=", "empty → ", ""),
            ("half={", "half → {", "{"),
        )
    ):
        said = run(site, DOORS[number % 2], "agents", "config", "bot", f"--set={pair}")
        assert (said.stdout, said.stderr) == (f"  {echoed}\n{done}", "")
        assert agents.config("bot")[pair.partition("=")[0]] == stored
    assert json.loads(both(site, ["agents", "config", "bot"]).stdout) == agents.config("bot")
    table = both(site, ["agents", "config", "bot", "--format=table"]).stdout.splitlines()
    assert table[:3] == ["key\tvalue", "a.b.c\tx=y", "number\t1.5"]
    assert 'list\t["é/",[]]' in table
    for door, key in zip(DOORS, ("flag", "half"), strict=True):
        assert (
            run(site, door, "agents", "config", "bot", f"--unset={key}").stdout == f"  Removed: {key}\n{done}"
        )
    missing = both(site, ["agents", "config", "bot", "--unset=a"])
    assert (missing.stdout, missing.stderr, missing.returncode) == ("", "Warning:   Key not found: a\n", 0)
    for pair in ("noeq", "=x", ""):
        bad = both(site, ["agents", "config", "bot", f"--set={pair}"])
        warning = f"Warning: Skipping invalid --set value: {pair} (expected key=value)\n"
        assert (bad.stdout, bad.stderr, bad.returncode) == ("", warning, 0)
    assert set(agents.config("bot")) == {"a.b.c", "number", "nothing", "list", "text", "empty"}


def test_several_changes_take_effect_natively_and_the_last_one_through_wp_cli(
    site: Instance, agents: Agents
) -> None:
    agents.make("bot", config={"old": 1, "older": 2})
    words = (
        "agents",
        "config",
        "bot",
        "--set=a=1",
        "--set=b=2",
        "--unset=old",
        "--unset=nope",
        "--unset=older",
    )
    said = run(site, "datamachine", *words)
    assert said.stdout.splitlines() == [
        "  a → 1",
        "  b → 2",
        "  Removed: old",
        "  Removed: older",
        'Success: Config updated for agent "bot".',
    ]
    assert said.stderr == "Warning:   Key not found: nope\n"
    assert agents.config("bot") == {"a": 1, "b": 2}
    said = run(site, "wp", "agents", "config", "bot", "--set=c=3", "--set=d=4")
    assert said.stdout.splitlines()[0] == "  d → 4"
    assert agents.config("bot") == {"a": 1, "b": 2, "d": 4}


def test_the_site_of_an_agent_is_a_column(site: Instance, agents: Agents) -> None:
    agents.make("bot")
    for value, echoed, stored in (("1", "1", 1), ("null", "NULL (network-wide)", None), ("1", "1", 1)):
        said = both(site, ["agents", "config", "bot", f"--set=site_scope={value}"])
        assert said.stdout.splitlines()[0] == f"  site_scope → {echoed}"
        assert agents.named("bot").site_scope == stored
    assert site.datamachine("agents", "config", "bot", "--set=site_scope=").returncode == 0
    assert agents.named("bot").site_scope is None
    for wrong in ("x", "-1"):
        said = both(site, ["agents", "config", "bot", f"--set=site_scope={wrong}"])
        message = f"Error: Invalid site_scope: {wrong}. Use a blog id or null.\n"
        assert (said.stdout, said.stderr, said.returncode) == ("", message, 1)
    assert both(site, ["agents", "config", "bot", "--set=site_scope=77"]).returncode == 1
    assert agents.named("bot").site_scope is None
    assert agents.config("bot") == {}


# restore


@pytest.fixture
def declared(site: Instance, agents: Agents) -> Iterator[str]:
    """An agent that a plugin declares."""
    plugin = site.path / "wp-content" / "mu-plugins" / "declared.php"
    plugin.parent.mkdir(exist_ok=True)
    plugin.write_text(
        "<?php add_action( 'wp_agents_api_init', static function () {"
        " wp_register_agent( 'declared', array( 'label' => 'Declared' ) ); } );"
    )
    site.wp("eval", "1;")
    yield "declared"
    plugin.unlink()
    for slug in agents.slugs() & {"declared", "other-name"}:
        agents.drop(slug)
    site.wp("option", "delete", "datamachine_removed_agents", check=False)


@pytest.mark.parametrize("door", DOORS)
def test_a_declared_agent_stays_away_until_it_is_restored(
    site: Instance, agents: Agents, declared: str, door: str
) -> None:
    first = agents.named(declared).agent_id
    said = run(site, door, "agents", "delete", declared, "--yes")
    assert said.stdout == f'Success: Agent "declared" (ID: {first}) deleted.\n', said.stderr
    site.wp("eval", "1;")
    assert agents.service.find(declared) is None
    back = run(site, door, "agents", "restore", declared)
    assert (back.stdout, back.stderr, back.returncode) == (
        'Success: Agent "declared" may be created again; the next request to the site does it.\n',
        "",
        0,
    )
    site.wp("eval", "1;")
    assert agents.named(declared).agent_id > first
    again = both(site, ["agents", "restore", declared])
    assert (again.stderr, again.returncode) == ('Error: No removed agent "declared".\n', 1)


def test_a_declared_agent_that_was_renamed_does_not_come_back(
    site: Instance, agents: Agents, declared: str
) -> None:
    site.wp("datamachine", "agents", "rename", declared, "other-name")
    site.wp("eval", "1;")
    assert agents.service.find(declared) is None
    assert agents.service.find("other-name") is not None


# cleanup-legacy-context-files


def test_old_folders_are_removed(site: Instance, stock: Stock, agents: Agents, tmp_path: Path) -> None:
    clean = both(site, ["agents", "cleanup-legacy-context-files"])
    assert clean.stdout == "Success: No legacy context files found — already clean.\n"
    folder = agents.folder(stock.agent)
    for door in DOORS:
        contexts = folder / "contexts"
        (contexts / "more").mkdir(parents=True)
        for each in (contexts, contexts / "more"):
            each.chmod(0o777)
            (each / "chat.md").write_text("x")
        (contexts / "link").symlink_to(tmp_path)
        (tmp_path / "kept.md").write_text("x")
        dry = run(site, door, "agents", "cleanup-legacy-context-files", "--dry-run")
        lines = [f"Would remove: {contexts} (3 file(s))", "Success: Dry run — no changes made."]
        assert dry.stdout.splitlines() == lines
        said = run(site, door, "agents", "cleanup-legacy-context-files")
        assert said.stdout.splitlines() == [
            f"Removed: {contexts} (3 file(s))",
            "Success: Removed 1 folder(s) with 3 file(s).",
        ]
        assert not contexts.exists()
        assert (folder / "SOUL.md").exists()
        assert (tmp_path / "kept.md").exists()
