"""``agents`` at both doors: the same bytes, the same codes, and what scripts read from them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.instance import Instance
from tests.integration.doors.operators import DOORS, Agents, run
from tests.integration.doors.stock import Stock
from tests.integration.doors.terminal import answer
from tests.integration.doors.test_parity import both

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
    site: Instance, agents: Agents, members: dict[str, int]
) -> None:
    owners = {
        "by-id": (str(members["cli-ed"]), "cli-ed"),
        "by-login": ("CLI-ED", "cli-ed"),
        "by-mail": ("cli-ed@example.org", "cli-ed"),
        "by-odd-login": ("old@example.org", "old@example.org"),
    }
    for slug, (named, login) in owners.items():
        site.datamachine("agents", "create", slug, f"--owner={named}")
        assert agents.named(slug).owner_id == members[login]


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
    site: Instance, agents: Agents, members: dict[str, int]
) -> None:
    ed, sub = members["cli-ed"], members["cli-sub"]
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
