"""Sessions at a command line that act as an agent: by its token, or by its name."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from dev.instance import Instance
from sidecar import hooks
from sidecar.automation import PipelinesService
from sidecar.automation.values import NewPipelineStep
from sidecar.identity.token_service import TokensService
from tests.integration.doors.operators import DOORS, OPERATOR, Agents, run
from tests.integration.doors.stock import Stock

REFUSED = "Error: Sorry, you are not allowed to do that.\n"
INVALID = "Error: DATAMACHINE_TOKEN: Invalid or expired agent token.\n"


def key(agents: Agents, slug: str, *capabilities: str, full: bool = False) -> str:
    """A token of an agent, limited to capabilities or full."""
    limit = None if full else list(capabilities)
    return agents.runtime.get(TokensService).create(OPERATOR, slug, capabilities=limit).raw


def both(site: Instance, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The native answer, after WP-CLI gave the same in the same environment."""
    theirs, ours = (run(site, door, *words, **env) for door in DOORS)
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)
    return ours


def listed(said: subprocess.CompletedProcess[str]) -> list[str]:
    """Slugs, read as the plugins of runtimes read them."""
    assert said.returncode == 0, said.stderr
    found = re.search(r"\[[\s\S]*\]", said.stdout)
    assert found is not None
    return [str(agent["agent_slug"]) for agent in json.loads(found[0])]


# A token


def test_a_limited_session_sees_itself(site: Instance, stock: Stock, agents: Agents) -> None:
    agents.make("ses-bot")
    agents.make("ses-other")
    raw = key(agents, "ses-bot", "datamachine_chat")
    assert listed(both(site, "agents", "list", "--format=json", DATAMACHINE_TOKEN=raw)) == ["ses-bot"]
    said = both(site, "agents", "list", "--scope=all", DATAMACHINE_TOKEN=raw)
    assert (said.stdout, said.returncode) == ("", 1)
    for words in (
        ("agents", "show", "ses-bot"),
        ("agents", "delete", "ses-other", "--yes"),
        ("jobs", "list"),
    ):
        refused = both(site, *words, DATAMACHINE_TOKEN=raw)
        assert (refused.stdout, refused.returncode) == ("", 1), words
    assert {"ses-bot", "ses-other"} <= agents.slugs()


def test_a_full_session_has_its_owners_rights(
    site: Instance, stock: Stock, agents: Agents, members: dict[str, int]
) -> None:
    agents.make("ses-bot")
    agents.make("ses-sub", members["cli-sub"])
    assert {"ses-bot", "ses-sub", stock.agent} <= set(
        listed(
            both(site, "agents", "list", "--format=json", DATAMACHINE_TOKEN=key(agents, "ses-bot", full=True))
        )
    )
    subs = key(agents, "ses-sub", full=True)
    assert listed(both(site, "agents", "list", "--format=json", DATAMACHINE_TOKEN=subs)) == ["ses-sub"]
    assert both(site, "agents", "show", "ses-sub", DATAMACHINE_TOKEN=subs).stderr == REFUSED


def test_lists_are_the_acting_agents(site: Instance, stock: Stock, agents: Agents) -> None:
    number = agents.make("ses-bot")
    with hooks.scope():
        made = agents.runtime.get(PipelinesService).create(
            OPERATOR, "Of ses-bot", [NewPipelineStep("fetch")], agent_id=number
        )
    raw = key(agents, "ses-bot", "datamachine_manage_flows")
    said = both(site, "pipelines", "list", "--format=json", DATAMACHINE_TOKEN=raw)
    assert [row["id"] for row in json.loads(said.stdout)] == [str(made.pipeline_id)]


@pytest.mark.parametrize("door", DOORS)
def test_memory_is_the_acting_agents(site: Instance, stock: Stock, agents: Agents, door: str) -> None:
    agents.make("ses-bot")
    raw = key(agents, "ses-bot", "datamachine_chat")
    said = run(site, door, "memory", "write", "Notes", f"from {door}", DATAMACHINE_TOKEN=raw)
    assert said.returncode == 0, said.stderr
    assert f"from {door}" in (agents.folder("ses-bot") / "MEMORY.md").read_text()
    read = run(site, door, "memory", "read", "Notes", DATAMACHINE_TOKEN=raw)
    assert read.stdout == f"from {door}\n"


@pytest.mark.parametrize("bad", ["datamachine_ses-bot_" + "0" * 64, "datamachine_", "x", "Bearer x"])
def test_a_bad_token_is_nobody_not_the_operator(site: Instance, stock: Stock, bad: str) -> None:
    said = both(site, "agents", "list", DATAMACHINE_TOKEN=bad)
    assert (said.stdout, said.stderr, said.returncode) == ("", INVALID, 1)


def test_what_ended_is_refused_at_once(site: Instance, stock: Stock, agents: Agents) -> None:
    agents.make("ses-bot")
    service = agents.runtime.get(TokensService)
    old = service.create(OPERATOR, "ses-bot", expires_at="2020-01-01 00:00:00")
    assert both(site, "agents", "list", DATAMACHINE_TOKEN=old.raw).stderr == INVALID
    good = service.create(OPERATOR, "ses-bot")
    assert both(site, "agents", "list", DATAMACHINE_TOKEN=good.raw).returncode == 0
    service.revoke(OPERATOR, "ses-bot", good.token.token_id)
    assert both(site, "agents", "list", DATAMACHINE_TOKEN=good.raw).stderr == INVALID


def test_an_empty_variable_is_none(site: Instance, stock: Stock) -> None:
    said = both(site, "agents", "list", "--format=json", DATAMACHINE_TOKEN="", DATAMACHINE_AGENT_SLUG="")
    assert stock.agent in listed(said)


def test_user_may_name_the_owner_and_nobody_else(
    site: Instance, stock: Stock, agents: Agents, members: dict[str, int]
) -> None:
    agents.make("ses-sub", members["cli-sub"])
    raw = key(agents, "ses-sub", full=True)
    said = both(site, "agents", "list", "--format=json", "--user=cli-sub", DATAMACHINE_TOKEN=raw)
    assert listed(said) == ["ses-sub"]
    said = both(site, "agents", "list", "--user=admin", DATAMACHINE_TOKEN=raw)
    assert (said.stdout, said.returncode) == ("", 1)
    assert "DATAMACHINE_TOKEN" in said.stderr


@pytest.mark.parametrize("door", DOORS)
def test_a_session_makes_no_wider_token_and_none_for_others(
    site: Instance, stock: Stock, agents: Agents, door: str
) -> None:
    agents.make("ses-bot")
    agents.make("ses-other")
    limit = ("datamachine_manage_agents", "datamachine_chat")
    raw = key(agents, "ses-bot", *limit)

    def create(slug: str, *words: str) -> subprocess.CompletedProcess[str]:
        return run(site, door, "agents", "token", "create", slug, *words, DATAMACHINE_TOKEN=raw)

    wider = create("ses-bot", '--capabilities=["datamachine_chat","manage_options"]')
    other = create("ses-other", '--capabilities=["datamachine_chat"]')
    for said in (wider, other):
        assert (said.stdout, said.returncode) == ("", 1)
    service = agents.runtime.get(TokensService)
    assert service.list(OPERATOR, "ses-other") == []
    own = create("ses-bot")
    assert f"Capabilities: {', '.join(limit)}\n" in own.stdout
    less = create("ses-bot", '--capabilities=["datamachine_chat"]', "--porcelain")
    assert less.returncode == 0
    limits = [token.capabilities for token in service.list(OPERATOR, "ses-bot")]
    assert sorted(limits, key=str) == sorted([list(limit), list(limit), ["datamachine_chat"]], key=str)


# A name


@pytest.mark.parametrize("door", DOORS)
def test_the_named_agent_is_what_agent_is_without_it(
    site: Instance, stock: Stock, agents: Agents, door: str
) -> None:
    number = agents.make("ses-bot")
    agents.make("ses-other")
    run(site, door, "memory", "write", "Notes", "mine", DATAMACHINE_AGENT_SLUG="ses-bot")
    assert "mine" in (agents.folder("ses-bot") / "MEMORY.md").read_text()
    assert run(site, door, "memory", "read", "Notes", DATAMACHINE_AGENT_SLUG=str(number)).stdout == "mine\n"
    other = run(
        site,
        door,
        "memory",
        "write",
        "Notes",
        "theirs",
        "--agent=ses-other",
        DATAMACHINE_AGENT_SLUG="ses-bot",
    )
    assert other.returncode == 0
    assert "theirs" in (agents.folder("ses-other") / "MEMORY.md").read_text()
    made = run(site, door, "pipelines", "create", "--name=P", DATAMACHINE_AGENT_SLUG="ses-bot")
    assert made.returncode == 0, made.stderr
    found = run(site, door, "pipelines", "list", "--agent=ses-bot", "--format=json")
    assert [row["name"] for row in json.loads(found.stdout)] == ["P"]


def test_an_agent_that_is_gone_is_ignored(site: Instance, stock: Stock) -> None:
    plain = both(site, "pipelines", "list", "--format=json")
    gone = both(site, "pipelines", "list", "--format=json", DATAMACHINE_AGENT_SLUG="ses-gone")
    assert (gone.stdout, gone.stderr, gone.returncode) == (plain.stdout, plain.stderr, 0)


def test_an_empty_option_names_no_agent(site: Instance, stock: Stock, agents: Agents) -> None:
    agents.make("ses-bot")
    plain = both(site, "pipelines", "list", "--format=json").stdout
    narrow = both(site, "pipelines", "list", "--format=json", DATAMACHINE_AGENT_SLUG="ses-bot").stdout
    assert narrow != plain
    wide = both(site, "pipelines", "list", "--format=json", "--agent=", DATAMACHINE_AGENT_SLUG="ses-bot")
    assert wide.stdout == plain


def test_a_name_gives_no_rights(
    site: Instance, stock: Stock, agents: Agents, members: dict[str, int]
) -> None:
    agents.make("ses-sub", members["cli-sub"])
    raw = key(agents, "ses-sub", full=True)
    said = both(site, "memory", "read", DATAMACHINE_TOKEN=raw, DATAMACHINE_AGENT_SLUG=stock.agent)
    assert (said.stdout, said.returncode) == ("", 1)
