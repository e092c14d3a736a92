"""``agents access`` and ``agents config`` at both doors."""

from __future__ import annotations

import json

import pytest

from dev.instance import DATABASE, Instance
from tests.integration.doors.operators import DOORS, Agents, run
from tests.integration.doors.stock import Stock
from tests.integration.doors.test_parity import both

# access


def test_grants_are_made_changed_listed_and_revoked(
    site: Instance, agents: Agents, members: dict[str, int]
) -> None:
    number = agents.make("bot")
    ed, sub = members["cli-ed"], members["cli-sub"]
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
    changes = (
        ("a.b.c=x=y", "a.b.c → x=y", "x=y"),
        ("number=1.50", "number → 1.5", 1.5),
        ("flag=true", "flag → true", True),
        ("nothing=null", "nothing → null", None),
        ('list=["é/",{}]', 'list → ["é/",[]]', ["é/", []]),
        ('text="5"', "text → 5", "5"),
        ("empty=", "empty → ", ""),
        ("half={", "half → {", "{"),
    )
    for pair, echoed, _ in changes[:4]:
        said = run(site, "wp", "agents", "config", "bot", f"--set={pair}")
        assert (said.stdout, said.stderr) == (f"  {echoed}\n{done}", "")
    said = site.datamachine("agents", "config", "bot", *(f"--set={pair}" for pair, _, _ in changes))
    assert said.stdout == "".join(f"  {echoed}\n" for _, echoed, _ in changes) + done
    assert agents.config("bot") == {pair.partition("=")[0]: stored for pair, _, stored in changes}
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
    for pair in ("noeq", ""):
        bad = both(site, ["agents", "config", "bot", f"--set={pair}"])
        warning = f"Warning: Skipping invalid --set value: {pair} (expected key=value)\n"
        assert (bad.stdout, bad.stderr, bad.returncode) == ("", warning, 0)
    assert run(site, "wp", "agents", "config", "bot", "--set==x").stderr.startswith("Warning: Skipping")
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
