"""Attempts to see, take over or become somebody else's agent, through every door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from sidecar.identity import AgentsService
from tests.integration.security.lab import Lab, ability
from tests.matrix import doors
from tests.matrix.data import Call

pytestmark = pytest.mark.usefixtures("unharmed")

# Scope confusion

ODD: tuple[Callable[[int], str], ...] = (
    lambda agent: f"agent_id={agent}",
    lambda agent: f"agent_id={agent}abc",
    lambda agent: f"agent_id=0{agent}",
    lambda agent: f"agent_id=%20{agent}",
    lambda agent: f"agent_id={agent}.0",
    lambda agent: f"agent_id={agent}%20OR%201=1",
    lambda agent: f"agent_id={agent}%00",
    lambda agent: f"agent_id=%2B{agent}",
    lambda agent: f"agent_id=-{agent}",
    lambda agent: f"agent_id[]={agent}",
    lambda agent: f"agent_id[a]={agent}",
    lambda agent: f"agent_id=1&agent_id={agent}",
    lambda agent: "agent_id=0",
    lambda agent: "agent_id=00",
    lambda agent: "agent_id=-1",
    lambda agent: "agent_id=999999",
    lambda agent: "agent_id=9223372036854775808",
    lambda agent: "agent_id=18446744073709551617",
    lambda agent: "agent_id=" + "9" * 400,
    lambda agent: "agent_id=abc",
    lambda agent: "agent_id=%F0%9F%A4%96",
    lambda agent: "agent_id=%D9%A1",  # an Arabic digit
    lambda agent: "agent_id=true",
    lambda agent: "agent_id=null",
    lambda agent: "agent_id=0x5",
    lambda agent: "agent_id=1e3",
)


@pytest.mark.parametrize("query", range(len(ODD)))
def test_no_spelling_of_an_agent_opens_a_list(lab: Lab, query: int) -> None:
    text = ODD[query](lab.theirs.agent_id)
    for door, answer in lab.rest("mallory", "GET", f"/jobs?{text}"):
        assert answer.result == "403 rest_forbidden", (door, text)
        assert lab.theirs.secret not in answer.text


def test_other_filters_do_not_widen_a_list(lab: Lab) -> None:
    their = lab.theirs
    for query in (
        f"user_id={lab.accounts['victim'].user_id}",
        f"flow_id={their.flow_id}",
        f"pipeline_id={their.pipeline_id}",
        f"flow_id={their.flow_id}&pipeline_id={their.pipeline_id}&user_id=0",
        f"parent_job_id={their.job_id}",
        "agent_id=",
        "agent=" + their.slug,
        "agent_slug=" + their.slug,
        "scope=all&per_page=100",
        "status=processing&orderby=agent_id",
        f"orderby={quote('(SELECT 1) UNION SELECT engine_data FROM wp_datamachine_jobs')}",
    ):
        for door, answer in lab.rest("mallory", "GET", f"/jobs?{query}"):
            assert answer.result == "200", (door, query)
            assert their.secret not in answer.text, (door, query)


def test_an_agent_asks_for_itself_and_not_for_its_owners_others(lab: Lab) -> None:
    second = lab.add_agent("second", "mallory")
    [_, (_, own)] = lab.rest("mallory", "GET", "/jobs?per_page=100")
    assert lab.mine.secret in own.text
    assert second.secret in own.text
    for query, mine, other in (("", True, False), (f"?agent_id={second.agent_id}", False, True)):
        answer = lab.own.ask("malagent", Call("", "rest", f"GET /jobs{query}", {}, "", "", {}))
        assert ((lab.mine.secret in answer.text), (second.secret in answer.text)) == (mine, other)
    refused = lab.own.ask(
        "malagent", Call("", "rest", f"GET /jobs?agent_id={lab.theirs.agent_id}", {}, "", "", {})
    )
    assert refused.result == "403 rest_forbidden"


def test_ids_in_bodies_are_one_agents_or_nobodys(lab: Lab, php: doors.AbilitiesPhp) -> None:
    their = lab.theirs.agent_id
    for odd in (str(their), f"{their}abc", [their], {"a": their}, float(their), True, None, -their, 2**70, 0):
        for name in ("get-agent", "update-agent", "delete-agent"):
            answer = ability(php, "mallory", name, agent_id=odd, agent_name="Mine now")
            assert answer.result not in ("200",), (name, odd)
            assert lab.theirs.secret not in answer.text


# Grants


@pytest.mark.parametrize("who", ["mallory", "reader", "operator", "nobody", "visitor"])
def test_nobody_raises_a_grant_who_is_no_admin(lab: Lab, php: doors.AbilitiesPhp, who: str) -> None:
    path = f"/agents/{lab.theirs.agent_id}/access"
    status = "401" if who == "visitor" else "403"
    myself = lab.accounts[who if who != "visitor" else "mallory"].user_id
    for user_id in (myself, str(myself), lab.accounts["victim"].user_id):
        for role in ("viewer", "operator", "admin"):
            for door, answer in lab.rest(who, "POST", path, {"user_id": user_id, "role": role}):
                assert answer.result == f"{status} rest_forbidden", (door, user_id, role)
    for name in ("victim", "deputy", "reader"):
        for door, answer in lab.rest(who, "DELETE", f"{path}/{lab.accounts[name].user_id}"):
            assert answer.result == f"{status} rest_forbidden", (door, name)
    for line in (("grant", lab.theirs.slug, who), ("revoke", lab.theirs.slug, "victim")):
        assert lab.command(who, "agents", "access", *line).result.startswith("1 ")


@pytest.mark.parametrize(
    "role",
    ["owner", "ADMIN", "admin ", " admin", "superadmin", "", "viewer,admin", ["admin"], {"r": "admin"}, 2],
)
def test_an_odd_role_is_no_role(lab: Lab, role: Any) -> None:
    given = {"user_id": lab.accounts["nobody"].user_id, "role": role}
    for door, answer in lab.rest("deputy", "POST", f"/agents/{lab.theirs.agent_id}/access", given):
        assert answer.result == "400 rest_invalid_param", (door, role)


def test_an_owner_stays_one_whatever_is_granted(lab: Lab) -> None:
    mine, owner = lab.mine, lab.accounts["mallory"].user_id
    lab.command("boss", "agents", "access", "grant", mine.slug, "deputy", "--role=admin")
    for door, answer in lab.rest("deputy", "DELETE", f"/agents/{mine.agent_id}/access/{owner}"):
        assert answer.result == "400 cannot_revoke_owner", door
    demoted = {"user_id": owner, "role": "viewer"}
    for door, answer in lab.rest("deputy", "POST", f"/agents/{mine.agent_id}/access", demoted):
        assert answer.result == "200", door
    # The row says viewer, the owner is one all the same, and takes it all back.
    deputy = lab.accounts["deputy"].user_id
    [(_, first), (_, second)] = lab.rest("mallory", "DELETE", f"/agents/{mine.agent_id}/access/{deputy}")
    assert (first.result, second.result) == ("200", "404 revoke_failed")
    for door, answer in lab.rest("deputy", "GET", f"/agents/{mine.agent_id}"):
        assert answer.result == "403 rest_forbidden", door


# Creation, names, configuration


def test_nobody_makes_an_agent_for_somebody_else(lab: Lab, php: doors.AbilitiesPhp) -> None:
    mallory, victim = lab.accounts["mallory"].user_id, lab.accounts["victim"].user_id
    names = {"owner_id": victim, "user_id": victim, "owner": "victim", "site_scope": 1}
    for (door, answer), slug in zip(
        lab.rest("mallory", "POST", "/agents", {"agent_slug": "gift", **names}), ("gift", "gift"), strict=True
    ):
        if answer.result == "200":
            assert json.loads(answer.text)["data"]["owner_id"] == mallory, door
        else:
            assert f'"{slug}\\" already exists' in answer.text
    made = ability(php, "mallory", "create-agent", agent_slug="gift-2", owner_id=victim)
    assert json.loads(made.text)["owner_id"] == mallory
    assert lab.command("mallory", "agents", "create", "gift-3", "--owner=victim").result == "0"
    service = lab.runtime.get(AgentsService)
    assert {service.get(slug).owner_id for slug in ("gift", "gift-2", "gift-3")} == {mallory}
    assert service.get("gift").site_scope is None


def test_a_slug_that_is_taken_stays_its_agents(lab: Lab, php: doors.AbilitiesPhp) -> None:
    slug = lab.theirs.slug
    for odd in (
        slug,
        slug.upper(),
        f" {slug} ",
        f"../{slug}",
        f"{slug}/",
        slug.replace("-", " "),
        f"<b>{slug}",
    ):
        for door, answer in lab.rest("mallory", "POST", "/agents", {"agent_slug": odd}):
            assert answer.result == "400 agent_create_failed", (door, odd)
        answer = ability(php, "mallory", "rename-agent", old_slug=lab.mine.slug, new_slug=odd)
        assert answer.result.startswith("200 false"), odd
    assert lab.agent_row(lab.mine.agent_id)["agent_slug"] == lab.mine.slug


@pytest.fixture
def declared(lab: Lab) -> Iterator[str]:
    """A slug that a plugin declares, and whose agent was removed."""
    slug = "declared-by-plugin"
    plugin = lab.instance.path / "wp-content" / "mu-plugins" / "declares.php"
    plugin.write_text(
        "<?php add_action( 'wp_agents_api_init', function () {"
        f" wp_register_agent( '{slug}', array( 'owner_resolver' => fn() => 1 ) ); }} );"
    )
    try:
        assert lab.instance.get("/").status == 200
        assert lab.command("boss", "agents", "delete", slug, "--yes", "--delete-files").result == "0"
        yield slug
    finally:
        plugin.unlink()
        lab.command("boss", "agents", "restore", slug)


def test_a_plugins_slug_is_not_for_the_taking(lab: Lab, php: doors.AbilitiesPhp, declared: str) -> None:
    for who in ("mallory", "nobody"):
        for odd in (declared, declared.upper(), declared.replace("-", " ")):
            for door, answer in lab.rest(who, "POST", "/agents", {"agent_slug": odd}):
                assert answer.result == "400 agent_create_failed", (door, who)
                assert "declared by a plugin" in answer.text
    renamed = ability(php, "mallory", "rename-agent", old_slug=lab.mine.slug, new_slug=declared)
    assert "declared by a plugin" in renamed.text
    assert lab.runtime.get(AgentsService).find(declared) is None
    assert lab.command("mallory", "agents", "restore", declared).result.startswith("1 ")


def test_other_peoples_agents_are_not_renamed_or_deleted(lab: Lab, php: doors.AbilitiesPhp) -> None:
    their = lab.theirs
    for who in ("mallory", "reader", "operator"):
        mine = lab.add_agent(f"of-{who}", who)
        for old in (their.slug, their.slug.upper(), str(their.agent_id)):
            answer = ability(php, who, "rename-agent", old_slug=old, new_slug="stolen")
            assert answer.result in ("403 rest_forbidden", f'200 false Agent with slug "{old}" not found.')
        # Two agents named at once: the one that counts is judged.
        answer = ability(php, who, "delete-agent", agent_id=mine.agent_id, agent_slug=their.slug)
        assert answer.result == "403 rest_forbidden"
        for door, deleted in lab.rest(
            who, "DELETE", f"/agents/{mine.agent_id}", {"agent_id": their.agent_id}
        ):
            assert deleted.result == "403 rest_forbidden", door
        for door, deleted in lab.rest(who, "DELETE", f"/agents/{mine.agent_id}?agent_id={their.agent_id}"):
            assert deleted.result == "403 rest_forbidden", door
        assert lab.agent_row(mine.agent_id)["agent_slug"] == mine.slug
        for line in (("rename", their.slug, "stolen"), ("delete", their.slug, "--yes", "--delete-files")):
            assert lab.command(who, "agents", *line).result.startswith("1 "), line


def test_a_configuration_is_no_way_to_other_columns(lab: Lab, php: doors.AbilitiesPhp) -> None:
    agent = lab.add_agent("configured", "mallory")
    kept = ("agent_id", "agent_slug", "owner_id", "site_scope")
    before = {name: lab.agent_row(agent.agent_id)[name] for name in kept}
    columns = {"owner_id": 1, "site_scope": 7, "agent_slug": "other", "agent_id": lab.theirs.agent_id}
    path = f"/agents/{agent.agent_id}"
    for door, answer in lab.rest(
        "mallory", "PATCH", path, {"agent_config": columns, "owner_id": 1, "site_scope": 7}
    ):
        assert answer.result == "200", door
    ability(php, "mallory", "update-agent", agent_id=agent.agent_id, agent_config=columns, owner_id=1)
    for line in ("owner_id=1", "agent_slug=other"):
        assert lab.command("mallory", "agents", "config", agent.slug, f"--set={line}").result == "0"
    refused = lab.command("mallory", "agents", "config", agent.slug, "--set=site_scope=1")
    assert refused.result == "1 Sorry, you are not allowed to do that."
    assert {name: lab.agent_row(agent.agent_id)[name] for name in kept} == before
