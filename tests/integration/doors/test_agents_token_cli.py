"""``agents token`` at both doors: what is printed, what it opens, and what scripts read from it."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dev.instance import Instance
from sidecar import clock
from sidecar.commands import runtime_lines
from sidecar.errors import Unauthorized
from sidecar.identity import Principal
from sidecar.identity.authentication import Tokens
from sidecar.identity.token_service import TokensService
from sidecar.identity.values import Token
from tests.integration.doors.operators import DOORS, OPERATOR, Agents, run
from tests.integration.doors.test_parity import both

RAW = re.compile(r"datamachine_[a-z0-9%_-]+_[0-9a-f]{64}")


def made(said: subprocess.CompletedProcess[str]) -> str:
    """The token a command printed."""
    assert (said.stderr, said.returncode) == ("", 0)
    found = set(RAW.findall(said.stdout))
    assert len(found) == 1
    return str(found.pop())


def acting(agents: Agents, raw: str) -> Principal:
    return agents.runtime.get(Tokens).authenticate(raw).principal


def tokens(agents: Agents, slug: str) -> list[Token]:
    return agents.runtime.get(TokensService).list(OPERATOR, slug)


# create


@pytest.mark.parametrize("door", DOORS)
def test_a_new_token_is_shown_once_with_all_there_is_to_know(
    site: Instance, agents: Agents, door: str
) -> None:
    number = agents.make("tok-bot")
    said = run(
        site,
        door,
        "agents",
        "token",
        "create",
        "tok-bot",
        "--label=my l\u00e4ptop",
        "--expires-in=200000",
        '--capabilities=["datamachine_chat","datamachine_use_tools"]',
    )
    raw = made(said)
    [token] = tokens(agents, "tok-bot")
    assert raw.startswith("datamachine_tok-bot_")
    assert said.stdout == (
        "Success: Token created!\n"
        "\n"
        "Save this token now \u2014 it cannot be retrieved again:\n"
        "\n"
        f"  {raw}\n"
        "\n"
        f"Token ID:    {token.token_id}\n"
        f"Agent:       tok-bot (ID: {number})\n"
        "Label:       my l\u00e4ptop\n"
        "Expires in:  2 days\n"
        "Capabilities: datamachine_chat, datamachine_use_tools\n"
        "\n"
        "For the runtime's environment:\n"
        "\n"
        f"  DATAMACHINE_URL={site.url}/wp-json/datamachine/v1\n"
        f"  DATAMACHINE_TOKEN={raw}\n"
    )
    principal = acting(agents, raw)
    assert (principal.agent_id, principal.ceiling) == (
        number,
        frozenset({"datamachine_chat", "datamachine_use_tools"}),
    )
    ends = clock.SYSTEM.now() + timedelta(seconds=200000)
    assert token.expires_at is not None
    assert clock.mysql(ends - timedelta(seconds=120)) <= token.expires_at <= clock.mysql(ends)


@pytest.mark.parametrize("door", DOORS)
def test_without_options_there_is_no_limit_and_no_end(site: Instance, agents: Agents, door: str) -> None:
    number = agents.make("tok-bot")
    said = run(site, door, "agent", "token", "create", str(number))
    raw = made(said)
    [token] = tokens(agents, "tok-bot")
    assert f"Token ID:    {token.token_id}\nAgent:       tok-bot (ID: {number})\n\nFor the" in said.stdout
    assert (token.label, token.capabilities, token.expires_at) == ("", None, None)
    assert acting(agents, raw).ceiling is None


def test_small_limits_are_told_too(site: Instance, agents: Agents) -> None:
    agents.make("tok-bot")
    said = site.datamachine("agents", "token", "create", "tok-bot", "--capabilities=[]", "--expires-in=3600")
    assert "\nExpires in:  3600 seconds\nCapabilities: (none)\n" in said.stdout
    assert acting(agents, made(said)).ceiling == frozenset()


@pytest.mark.parametrize("words", [["--expires-in=0"], ["--expires-in=-5"]])
def test_no_seconds_are_no_end(site: Instance, agents: Agents, words: list[str]) -> None:
    agents.make("tok-bot")
    site.datamachine("agents", "token", "create", "tok-bot", *words)
    assert [token.expires_at for token in tokens(agents, "tok-bot")] == [None]


@pytest.mark.parametrize("door", DOORS)
def test_porcelain_is_the_token_alone(site: Instance, agents: Agents, door: str) -> None:
    number = agents.make("tok-bot")
    said = run(site, door, "agents", "token", "create", "tok-bot", "--porcelain", "--label=x")
    assert said.stdout == made(said) + "\n"
    assert acting(agents, said.stdout.strip()).agent_id == number


@pytest.mark.parametrize("name", list(runtime_lines.RUNTIMES))
def test_configuration_of_a_runtime(site: Instance, agents: Agents, name: str) -> None:
    agents.make("tok-bot")
    door = DOORS[len(name) % 2]
    url = f"{site.url}/wp-json/datamachine/v1"
    alone = run(site, door, "agents", "token", "create", "tok-bot", f"--for={name}", "--porcelain")
    lines = runtime_lines.ready(name, "tok-bot", url, made(alone))
    assert alone.stdout == lines.content + "\n"
    whole = run(site, door, "agents", "token", "create", "tok-bot", f"--for={name}")
    lines = runtime_lines.ready(name, "tok-bot", url, made(whole))
    shown = ["", f"For {lines.place}:", "", *(f"  {line}" for line in lines.content.split("\n"))]
    shown += ["", *(f"  {line}" for line in lines.use)] if lines.use else []
    assert whole.stdout.endswith("\n".join(shown) + "\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bogus", "tok-bot"], "Unknown action: bogus. Use: create, revoke, list"),
        (["create", "nope"], 'Agent "nope" not found.'),
        (["list", "999999"], 'Agent "999999" not found.'),
        (["create", "tok-bot", "--capabilities={"], "Invalid JSON in --capabilities."),
        (["create", "tok-bot", "--capabilities="], "Invalid JSON in --capabilities."),
        (["create", "tok-bot", "--capabilities=null"], "Invalid JSON in --capabilities."),
        (["create", "tok-bot", '--capabilities="read"'], "Invalid JSON in --capabilities."),
        (["create", "tok-bot", "--capabilities=[1]"], "Invalid JSON in --capabilities."),
        (["create", "tok-bot", '--capabilities={"a":1}'], "Invalid JSON in --capabilities."),
        (["create", "tok-bot", "--expires-in=30d"], "Invalid number of seconds in --expires-in."),
        (["create", "tok-bot", "--expires-in="], "Invalid number of seconds in --expires-in."),
        (["create", "tok-bot", "--expires-in=1e3"], "Invalid number of seconds in --expires-in."),
        (
            ["revoke", "tok-bot"],
            "Token ID is required for revoke. Usage: datamachine agents token revoke <slug> <token_id>",
        ),
        (["revoke", "tok-bot", "999999"], "Token not found or does not belong to this agent"),
        (["revoke", "tok-bot", "x"], "Token not found or does not belong to this agent"),
    ],
)
def test_what_is_wrong(site: Instance, agents: Agents, words: list[str], message: str) -> None:
    agents.make("tok-bot")
    said = both(site, ["agents", "token", *words])
    assert (said.stdout, said.stderr, said.returncode) == ("", f"Error: {message}\n", 1)
    assert tokens(agents, "tok-bot") == []


def test_an_unknown_runtime_is_refused_before_there_is_a_token(site: Instance, agents: Agents) -> None:
    agents.make("tok-bot")
    said = both(site, ["agents", "token", "create", "tok-bot", "--for=emacs"])
    assert said.returncode == 1
    assert "Invalid value specified for 'for'" in said.stderr
    assert tokens(agents, "tok-bot") == []


# list, revoke


def test_lists_hold_no_secret_and_are_alike_at_both_doors(site: Instance, agents: Agents) -> None:
    agents.make("tok-bot")
    none = both(site, ["agents", "token", "list", "tok-bot"])
    assert (none.stdout, none.stderr) == ("", "Warning: No tokens found for this agent.\n")
    service = agents.runtime.get(TokensService)
    past = clock.mysql(clock.SYSTEM.now() - timedelta(days=1))
    first = service.create(OPERATOR, "tok-bot", label="ci \u00e9", capabilities=["datamachine_chat"])
    second = service.create(OPERATOR, "tok-bot", expires_at=past)
    acting(agents, first.raw)
    table = both(site, ["agents", "token", "list", "tok-bot"]).stdout
    rows = [line.split("\t") for line in table.splitlines()]
    [used] = [each.last_used_at for each in tokens(agents, "tok-bot") if each.label]
    assert rows[0] == ["token_id", "prefix", "label", "last_used", "expires", "status"]
    # Of one second the order is the database's.
    assert sorted(rows[1:], reverse=True) == [
        [str(second.token.token_id), "datamachine_...", "(none)", "never", past, "expired"],
        [str(first.token.token_id), "datamachine_...", "ci \u00e9", str(used), "never", "active"],
    ]
    shown = both(site, ["agents", "token", "list", "tok-bot", "--format=json"]).stdout
    assert shown.startswith("[\n    {\n        ")
    documents: list[dict[str, Any]] = json.loads(shown)
    assert next(each for each in documents if each["label"]) == {
        "token_id": str(first.token.token_id),
        "agent_id": str(first.token.agent_id),
        "token_prefix": "datamachine_",
        "label": "ci \u00e9",
        "capabilities": ["datamachine_chat"],
        "last_used_at": used,
        "expires_at": None,
        "created_at": first.token.created_at,
    }
    for minted in (first, second):
        assert minted.raw not in table + shown
        assert minted.raw.rpartition("_")[2][:8] not in table + shown


@pytest.mark.parametrize("door", DOORS)
def test_revoking_ends_a_token_and_no_other(site: Instance, agents: Agents, door: str) -> None:
    agents.make("tok-bot")
    agents.make("tok-other")
    service = agents.runtime.get(TokensService)
    first, second = (service.create(OPERATOR, "tok-bot") for _ in range(2))
    foreign = run(site, door, "agents", "token", "revoke", "tok-other", str(first.token.token_id))
    assert foreign.stderr == "Error: Token not found or does not belong to this agent\n"
    said = run(site, door, "agents", "token", "revoke", "tok-bot", str(first.token.token_id))
    assert (said.stdout, said.stderr, said.returncode) == ("Success: Token revoked successfully\n", "", 0)
    with pytest.raises(Unauthorized):
        acting(agents, first.raw)
    assert acting(agents, second.raw).agent_id == second.token.agent_id


def test_tokens_stay_out_of_every_log(site: Instance, agents: Agents) -> None:
    agents.make("tok-bot")
    raws = [made(run(site, door, "agents", "token", "create", "tok-bot", "--label=x")) for door in DOORS]
    for raw in raws:
        run(site, "datamachine", "agents", "list", DATAMACHINE_TOKEN=raw)
        secret = raw.rpartition("_")[2]
        for file in (each for each in Path(site.logs).rglob("*") if each.is_file()):
            assert secret not in file.read_text(errors="replace"), file
