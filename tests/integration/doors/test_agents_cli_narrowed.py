"""Where a site takes the operator's freedom away, ``--user`` names whose rights count at both doors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dev.instance import Instance
from dev.processes import wait_until
from sidecar.identity import AccessService
from sidecar.identity.token_service import TokensService
from tests.integration.doors.operators import DOORS, OPERATOR, Agents, run
from tests.integration.doors.stock import Stock
from tests.integration.doors.test_parity import both

REFUSED = "Error: Sorry, you are not allowed to do that.\n"


@pytest.fixture(scope="module")
def narrowed(site: Instance, stock: Stock) -> Iterator[None]:
    """The site's own word on it."""
    plugin = site.path / "wp-content" / "mu-plugins" / "narrow.php"
    plugin.parent.mkdir(exist_ok=True)
    plugin.write_text("<?php add_filter( 'datamachine_cli_bypass_permissions', '__return_false' );")
    # The host looks about once a second whether PHP has changed.
    wait_until(lambda: native(site) == 1, what="The host that has read the plugin")
    yield
    plugin.unlink()
    wait_until(lambda: native(site) == 0, what="The host that has not read the plugin")


def native(site: Instance) -> int:
    """How a command of the sidecar's own ends."""
    return site.datamachine("agents", "list", check=False).returncode


def refused(site: Instance, user: str, *words: str, message: str = REFUSED) -> None:
    """Both doors say no, with the same words."""
    said = both(site, ["agents", *words, f"--user={user}"])
    assert (said.stdout, said.stderr, said.returncode) == ("", message, 1), words


def test_nobody_named_is_nobody(site: Instance, narrowed: None) -> None:
    said = both(site, ["agents", "list"])
    assert (said.stdout, said.returncode) == ("", 1)
    assert said.stderr.startswith("Error: You are not allowed to run this command.")


def test_administrators_keep_every_right(site: Instance, agents: Agents, narrowed: None) -> None:
    agents.make("bot")
    assert both(site, ["agents", "show", "bot", "--user=admin"]).returncode == 0
    assert both(site, ["agents", "config", "bot", "--set=a=1", "--user=admin"]).returncode == 0
    assert both(site, ["agents", "cleanup-legacy-context-files", "--user=admin"]).returncode == 0


@pytest.mark.parametrize("door", DOORS)
def test_a_subscriber_makes_one_agent_and_no_more(
    site: Instance, agents: Agents, members: dict[str, int], narrowed: None, door: str
) -> None:
    # Whoever is named as its owner: only administrators give agents away.
    said = run(site, door, "agents", "create", "own", "--owner=admin", "--user=cli-sub")
    assert said.returncode == 0, said.stderr
    assert agents.named("own").owner_id == members["cli-sub"]
    limit = 'You already have an agent ("own"). Non-admin users are limited to 1 agent.'
    refused(site, "cli-sub", "create", "second", message=f"Error: {limit}\n")
    mine = run(site, door, "agents", "list", "--scope=mine", "--user=cli-sub").stdout
    assert mine.splitlines()[-1] == "Total: 1 agent(s)."


def test_a_subscriber_does_nothing_else(
    site: Instance, agents: Agents, members: dict[str, int], narrowed: None
) -> None:
    agents.make("own", members["cli-sub"])
    refused(site, "cli-sub", "list", message="Error: scope=all requires admin privileges.\n")
    other = "Error: Querying another user's agents requires admin privileges.\n"
    refused(site, "cli-sub", "list", "--scope=mine", "--user_id=1", message=other)
    for words in (
        ("show", "own"),
        ("rename", "own", "other"),
        ("delete", "own", "--yes"),
        ("access", "grant", "own", "cli-ed"),
        ("config", "own"),
        ("token", "create", "own"),
        ("token", "list", "own"),
        ("token", "revoke", "own", "1"),
        ("cleanup-legacy-context-files",),
    ):
        refused(site, "cli-sub", *words)
    assert agents.named("own").owner_id == members["cli-sub"]


def test_the_role_on_an_agent_decides_for_who_manages_agents(
    site: Instance, stock: Stock, agents: Agents, members: dict[str, int], narrowed: None
) -> None:
    agents.make("bot")
    keeper = "cli-keeper"
    # The matrix of permissions asks every command; here a few at real doors.
    for words in (("show", "bot"), ("show", stock.agent), ("delete", "bot", "--yes")):
        refused(site, keeper, *words)
    grants = agents.runtime.get(AccessService)
    for role, changes in (
        ("viewer", (("rename", "bot", "other"), ("access", "list", "bot"))),
        ("operator", (("config", "bot", "--set=a=1"), ("access", "grant", "bot", "cli-ed"))),
    ):
        grants.grant(OPERATOR, "bot", members[keeper], role)
        assert site.datamachine("agents", "show", "bot", f"--user={keeper}").returncode == 0
        for words in changes:
            refused(site, keeper, *words)
    grants.grant(OPERATOR, "bot", members[keeper], "admin")
    for door in DOORS:
        for words in (("config", "bot", "--set=a=1"), ("access", "grant", "bot", "cli-ed")):
            said = run(site, door, "agents", *words, f"--user={keeper}")
            assert said.returncode == 0, said.stderr
    assert agents.config("bot") == {"a": 1}
    # What concerns all agents is for administrators.
    for words in (("cleanup-legacy-context-files",), ("restore", "bot")):
        refused(site, keeper, *words)
    said = site.datamachine("agents", "delete", "bot", "--yes", f"--user={keeper}")
    assert said.stdout.endswith("deleted.\n")
    assert agents.service.find("bot") is None


def test_tokens_are_for_who_has_the_role_and_hold_no_more_than_he_does(
    site: Instance, agents: Agents, members: dict[str, int], narrowed: None
) -> None:
    agents.make("bot")
    keeper, service = "cli-keeper", agents.runtime.get(TokensService)
    grants = agents.runtime.get(AccessService)
    no_access = "Error: You do not have access to this agent\n"
    not_admin = "Error: You do not have admin access to this agent\n"
    refused(site, keeper, "token", "list", "bot", message=no_access)
    grants.grant(OPERATOR, "bot", members[keeper], "operator")
    assert both(site, ["agents", "token", "list", "bot", f"--user={keeper}"]).returncode == 0
    refused(site, keeper, "token", "create", "bot", message=not_admin)
    refused(site, keeper, "token", "revoke", "bot", "1", message=not_admin)
    assert service.list(OPERATOR, "bot") == []
    grants.grant(OPERATOR, "bot", members[keeper], "admin")
    for door in DOORS:
        wider = ["token", "create", "bot", '--capabilities=["manage_options"]', f"--user={keeper}"]
        said = run(site, door, "agents", *wider)
        assert (said.stdout, said.returncode) == ("", 1)
        said = run(site, door, "agents", "token", "create", "bot", f"--user={keeper}")
        assert said.returncode == 0, said.stderr
    for token in service.list(OPERATOR, "bot"):
        # What the keeper holds, not what the agent's owner does.
        assert token.ceiling.names is not None
        assert {"datamachine_manage_agents", "read"} <= set(token.ceiling.names)
        assert not {"manage_options", "edit_posts"} & set(token.ceiling.names)
    # The owner gives all there is.
    said = site.datamachine("agents", "token", "create", "bot", "--label=full", "--user=admin")
    assert "Capabilities:" not in said.stdout
