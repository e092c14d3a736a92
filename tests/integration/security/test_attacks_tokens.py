"""Attempts to do more with a token than it is for: widening it, making others, guessing and smuggling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.security.lab import REFUSED, Lab, ability
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

MANAGE = "datamachine_manage_agents"
FLOWS = "datamachine_manage_flows"
CHAT = "datamachine_chat"


def stored(lab: Lab, token_id: int) -> dict[str, Any]:
    [row] = lab.rows("SELECT * FROM {datamachine_agent_tokens} WHERE token_id = :id", id=token_id)
    return row


def made(answer: doors.Answer) -> int:
    assert answer.result == "200", answer
    return int(json.loads(answer.text)["token_id"])


# Widening


def test_a_limited_token_mints_nothing_wider(lab: Lab, php: doors.AbilitiesPhp) -> None:
    mine = lab.mine.agent_id
    who = lab.key([MANAGE, CHAT])
    before = lab.rows("SELECT COUNT(*) AS n FROM {datamachine_agent_tokens}")
    for wide in ([FLOWS], [MANAGE, CHAT, FLOWS], ["manage_options"], [MANAGE.upper()], [f"{MANAGE} "]):
        for door, answer in lab.rest(who, "POST", f"/agents/{mine}/tokens", {"capabilities": wide}):
            assert answer.result == "403 create_token_failed", (door, wide)
        refused = ability(php, who, "create-agent-token", agent_id=mine, capabilities=wide)
        assert refused.result.startswith("200 false This token cannot be given what"), wide
        line = ("agents", "token", "create", lab.mine.slug, f"--capabilities={json.dumps(wide)}")
        assert lab.command(who, *line).result.startswith("1 "), wide
    assert lab.rows("SELECT COUNT(*) AS n FROM {datamachine_agent_tokens}") == before


def test_a_limited_token_asked_for_no_limit_mints_its_own(lab: Lab, php: doors.AbilitiesPhp) -> None:
    who = lab.key([MANAGE, CHAT])
    given: dict[str, Any]
    for given in ({}, {"capabilities": None}):
        answers = [
            answer for _, answer in lab.rest(who, "POST", f"/agents/{lab.mine.agent_id}/tokens", given)
        ]
        answers.append(ability(php, who, "create-agent-token", agent_id=lab.mine.agent_id, **given))
        for answer in answers:
            assert json.loads(stored(lab, made(answer))["capabilities"]) == [MANAGE, CHAT]


def test_what_a_minted_token_may_do_is_what_is_stored(lab: Lab) -> None:
    """Not only the column: the new token itself is tried."""
    who = lab.key([MANAGE])
    for _, answer in lab.rest(who, "POST", f"/agents/{lab.mine.agent_id}/tokens"):
        told = json.loads(answer.text)
        headers = {"Authorization": f"Bearer {told['raw_token']}"}
        rest = "/wp-json/datamachine/v1"
        allowed = lab.instance.request("GET", f"{rest}/agents/{lab.mine.agent_id}/tokens", headers=headers)
        refused = lab.instance.request("GET", f"{rest}/jobs", headers=headers)
        assert (allowed.status, refused.status) == (200, 403)


def test_a_token_limited_to_abilities_hands_its_filters_on(lab: Lab) -> None:
    scope = {
        "scope": "narrow",
        "label": "Narrow",
        "ability_categories": [],
        "ability_allow": ["datamachine/list-agents"],
        "ability_deny": ["datamachine/delete-agent"],
        "capabilities": [MANAGE, CHAT],
    }
    who = lab.key(scope=scope)
    [_, (_, answer)] = lab.rest(
        who, "POST", f"/agents/{lab.mine.agent_id}/tokens", {"capabilities": [MANAGE]}
    )
    assert json.loads(stored(lab, made(answer))["capabilities"]) == scope | {"capabilities": [MANAGE]}
    run = "/wp-json/wp-abilities/v1/abilities/datamachine/{}/run"
    assert lab.answer(who, "POST", run.format("list-agents"), {"input": {}}).status == 200
    for name in ("create-agent-token", "delete-agent", "update-agent"):
        said = lab.answer(who, "POST", run.format(name), {"input": {"agent_id": lab.mine.agent_id}})
        assert (said.status, said.json()["code"]) == (403, "datamachine_ability_scope_denied"), name


def test_a_token_hands_on_its_end(lab: Lab) -> None:
    who = lab.key(expires_at="2031-01-01 00:00:00")
    for seconds in (None, 0, -1, 10**9):
        for door, answer in lab.rest(
            who, "POST", f"/agents/{lab.mine.agent_id}/tokens", {"expires_in": seconds}
        ):
            assert str(stored(lab, made(answer))["expires_at"]) == "2031-01-01 00:00:00", (door, seconds)


@pytest.mark.parametrize("capabilities", [[], [CHAT], [FLOWS], ["manage_options"]])
def test_a_token_that_does_not_name_it_mints_nothing(
    lab: Lab, php: doors.AbilitiesPhp, capabilities: list[str]
) -> None:
    for agent in ("mine", "chiefs"):
        who, agent_id = lab.key(capabilities, agent=agent), lab.resources[agent].agent_id
        for door, answer in lab.rest(
            who, "POST", f"/agents/{agent_id}/tokens", {"capabilities": capabilities}
        ):
            assert answer.result == "403 rest_forbidden", (door, agent)
        refused = ability(php, who, "create-agent-token", agent_id=agent_id, capabilities=capabilities)
        assert refused.result == "403 ability_invalid_permissions"


def test_no_token_mints_for_another_agent(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """Neither for a stranger's, nor for one that its owner administers or owns as well."""
    sibling = lab.add_agent("sibling", "mallory")
    for who, agents in (
        (lab.key(), (sibling, lab.theirs, lab.chiefs)),
        (lab.key([MANAGE]), (sibling, lab.theirs, lab.chiefs)),
        (lab.key(agent="chiefs"), (lab.mine, lab.theirs)),
        (lab.key([MANAGE, "manage_options"], agent="chiefs"), (lab.mine, lab.theirs)),
    ):
        for agent in agents:
            for door, answer in lab.rest(
                who, "POST", f"/agents/{agent.agent_id}/tokens", {"capabilities": []}
            ):
                assert answer.result == "403 create_token_failed", (door, who, agent.name)
            refused = ability(php, who, "create-agent-token", agent_id=agent.agent_id, capabilities=[])
            assert refused.result == "403 rest_forbidden"
            line = ("agents", "token", "create", agent.slug, "--capabilities=[]")
            assert lab.command(who, *line).result.startswith("1 ")


def test_who_was_granted_an_agent_gives_what_is_his_at_most(lab: Lab) -> None:
    """The agent may be an administrator's; a token of it would else be a way to become one."""
    lab.command("boss", "agents", "access", "grant", lab.chiefs.slug, "deputy", "--role=admin")
    path = f"/agents/{lab.chiefs.agent_id}/tokens"
    for door, answer in lab.rest("deputy", "POST", path, {"capabilities": ["manage_options"]}):
        assert answer.result == "403 create_token_failed", door
    for door, answer in lab.rest("deputy", "POST", path):
        names = set(json.loads(stored(lab, made(answer))["capabilities"]))
        assert {MANAGE, FLOWS, "read"} <= names, door
        assert not names & {"manage_options", "edit_posts", "administrator", "edit_users"}, door


def test_a_limited_token_cannot_make_its_agent_more(lab: Lab) -> None:
    """Who manages flows passes the door of some abilities: that is not yet changing the agent."""
    who, mine = lab.key([FLOWS]), lab.mine
    for line in (
        ("agents", "config", mine.slug, "--set=tool_policy={}"),
        ("agents", "rename", mine.slug, "another"),
        ("agents", "access", "grant", mine.slug, "nobody", "--role=admin"),
        ("agents", "delete", mine.slug, "--yes"),
        ("agents", "create", "a-new-one"),
    ):
        assert lab.command(who, *line).result == "1 Sorry, you are not allowed to do that.", line
    run = "/wp-json/wp-abilities/v1/abilities/datamachine/{}/run"
    for name, given in (
        ("update-agent", {"agent_id": mine.agent_id, "agent_config": {"a": 1}}),
        ("rename-agent", {"old_slug": mine.slug, "new_slug": "another"}),
        ("create-agent", {"agent_slug": "a-new-one"}),
    ):
        answer = lab.answer(who, "POST", run.format(name), {"input": given})
        assert (answer.status, answer.json()["code"]) == (403, "rest_forbidden"), name
    deleted = lab.answer(who, "POST", run.format("delete-agent"), {"input": {"agent_id": mine.agent_id}})
    assert (deleted.status, deleted.json()["code"]) == (403, "rest_forbidden")


# Other tokens


def test_a_list_never_shows_a_secret(lab: Lab, php: doors.AbilitiesPhp) -> None:
    who = lab.key([MANAGE])
    raw = lab.tokens[who].raw
    digests = [
        str(row["token_hash"]) for row in lab.rows("SELECT token_hash FROM {datamachine_agent_tokens}")
    ]
    answers = [answer for _, answer in lab.rest(who, "GET", f"/agents/{lab.mine.agent_id}/tokens")]
    answers += [answer for _, answer in lab.rest(who, "GET", "/agents/me")]
    answers.append(ability(php, who, "list-agent-tokens", agent_id=lab.mine.agent_id))
    for style in ("table", "json"):
        answers.append(lab.command(who, "agents", "token", "list", lab.mine.slug, f"--format={style}"))
    for answer in answers:
        assert answer.result in ("200", "0"), answer
        assert raw[-64:] not in answer.text
        assert not [each for each in digests if each in answer.text]


def test_nobody_revokes_a_token_through_another_agent(lab: Lab, php: doors.AbilitiesPhp) -> None:
    victims = lab.add_token("victims", "chiefs").token_id
    for path in (
        f"/agents/{lab.mine.agent_id}/tokens/{victims}",
        f"/agents/{lab.chiefs.agent_id}/tokens/{victims}",
    ):
        for who in ("mallory", lab.key(), lab.key([MANAGE])):
            for door, answer in lab.rest(who, "DELETE", path):
                assert answer.result in ("404 revoke_token_failed", "403 revoke_token_failed"), (door, path)
    ability(php, "mallory", "revoke-agent-token", agent_id=lab.mine.agent_id, token_id=victims)
    lab.command("mallory", "agents", "token", "revoke", lab.mine.slug, str(victims))
    assert stored(lab, victims)["agent_id"] == lab.chiefs.agent_id


def test_php_code_cannot_borrow_another_agents_token(lab: Lab, php: doors.AbilitiesPhp) -> None:
    """The sidecar reads the row again: agent, owner and limit are the row's, whatever a context says."""
    full, narrow = lab.tokens[lab.key()].token_id, lab.tokens[lab.key([CHAT])].token_id
    theirs = lab.add_token("borrowed", "chiefs").token_id
    ended = lab.tokens[lab.key(expires_at="2020-01-01 00:00:00")].token_id
    mallory, mine = lab.accounts["mallory"].user_id, lab.mine.agent_id

    def asked(agent: int, token: int, ceiling: list[str] | None = None, user: int = mallory) -> str:
        return php.send(
            {
                "ability": "datamachine/get-agent",
                "input": {"agent_id": mine},
                "user": user,
                "agent": agent,
                "token": token,
                "ceiling": ceiling,
                "cli": False,
            }
        ).result

    assert asked(mine, full) == "200"
    assert asked(mine, full, [FLOWS]) == "200", "PHP may narrow"
    assert asked(mine, theirs).startswith(("401 ", "403 "))
    assert asked(lab.chiefs.agent_id, theirs) == "403 invalid_principal"
    # In PHP every refusal of an ability is one of 403.
    assert asked(mine, ended) == asked(mine, 999_999) == "403 datamachine_invalid_token"
    # A context that claims more than the row: the row's limit holds where it counts.
    told = php.send(
        {
            "ability": "datamachine/update-agent",
            "input": {"agent_id": mine, "agent_name": "Taken"},
            "user": mallory,
            "agent": mine,
            "token": narrow,
            "ceiling": None,
            "cli": False,
        }
    )
    assert told.result == "403 rest_forbidden"


def test_a_revoked_token_is_refused_at_once_at_both_doors(lab: Lab) -> None:
    who = lab.key()
    for _, answer in lab.rest(who, "GET", "/agents/me"):
        assert answer.result == "200"
    for _, answer in lab.rest(
        "mallory", "DELETE", f"/agents/{lab.mine.agent_id}/tokens/{lab.tokens[who].token_id}"
    ):
        assert answer.result in ("200", "404 revoke_token_failed")
        for door, refused in lab.rest(who, "GET", "/agents/me"):
            assert refused.result == REFUSED, door


def test_tokens_end_with_their_agent_and_its_owner(lab: Lab) -> None:
    lab.sign_in({"temp": {"role": "administrator"}})
    first, second = lab.add_agent("temp-1", "temp"), lab.add_agent("temp-2", "temp")
    one, other = lab.key(agent="temp-1"), lab.key(agent="temp-2")
    lab.command("boss", "agents", "delete", first.slug, "--yes")
    for door, answer in lab.rest(one, "GET", "/agents/me"):
        assert answer.result == REFUSED, door
    lab.instance.wp("user", "delete", "temp", "--yes")
    for door, answer in lab.rest(other, "GET", "/agents/me"):
        assert answer.result == "401 datamachine_owner_not_found", door
    assert (
        lab.rows("SELECT token_id FROM {datamachine_agent_tokens} WHERE agent_id = :id", id=first.agent_id)
        == []
    )
    assert second.slug
