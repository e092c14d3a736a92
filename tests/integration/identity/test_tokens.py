"""Tokens on a real site, on the tables of both generations: making, listing, revoking, and who may."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.abilities import Registry
from sidecar.errors import Forbidden, InvalidInput, NotFound, SidecarError, Unauthorized
from sidecar.identity import AccessRepository, AgentsService, Principal, TokensService, documents
from tests.integration.identity.conftest import OPERATOR, Site, administrator, subscriber
from tests.integration.identity.tokens import Bench, acting, bench_of, limited, scope

OWNER, FRIEND, STRANGER = 701, 702, 703


@pytest.fixture(scope="module")
def built(shared_site: Site) -> Iterator[Bench]:
    found = bench_of(shared_site)
    yield found
    found.runtime.close()


@pytest.fixture
def bench(built: Bench) -> Iterator[Bench]:
    """Each test begins at noon, with no agents but the site's own, no tokens and no lines of them."""
    built.clock.reset()
    yield built
    for table in ("agent_tokens", "logs"):
        built.site.sql(f"DELETE FROM wp_datamachine_{table}")
    built.site.sql("DELETE FROM wp_datamachine_agents WHERE agent_slug LIKE 'tk-%'")
    built.site.sql(f"DELETE FROM wp_datamachine_agent_access WHERE user_id = {FRIEND}")


@pytest.fixture
def service(bench: Bench) -> TokensService:
    return bench.runtime.get(TokensService)


def refused(code: str, kind: type[SidecarError], *asked: Any, **given: Any) -> SidecarError:
    """The error of a call that must fail."""
    work, *arguments = asked
    with pytest.raises(kind) as caught:
        work(*arguments, **given)
    assert caught.value.code == code
    return caught.value


# Making


def test_a_token_is_told_once_and_stored_as_a_hash(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-café-bot")
    made = service.create(administrator(), agent.agent_id, label=" ci <b>x</b>\n1 ", expires_in=3600)
    assert re.fullmatch(r"datamachine_tk-caf--bot_[0-9a-f]{64}", made.raw), "no header holds an é"
    assert bench.rows(agent, "token_id, token_hash, token_prefix, label, capabilities, last_used_at") == [
        [
            str(made.token.token_id),
            hashlib.sha256(made.raw.encode()).hexdigest(),
            "datamachine_",
            "ci x 1",
            "NULL",
            "NULL",
        ]
    ]
    assert bench.rows(agent, "created_at, expires_at") == [["2026-11-23 12:00:00", "2026-11-23 13:00:00"]]
    shown = documents.tokens(service.list(administrator(), agent.agent_id))
    assert shown["tokens"] == [
        {
            "token_id": str(made.token.token_id),
            "agent_id": str(agent.agent_id),
            "token_prefix": "datamachine_",
            "label": "ci x 1",
            "capabilities": None,
            "last_used_at": None,
            "expires_at": "2026-11-23 13:00:00",
            "created_at": "2026-11-23 12:00:00",
        }
    ]
    assert made.raw[-64:] not in f"{bench.log()} {bench.rows(agent)}"


def test_limits_are_bytes_as_php_writes_them(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-limits")
    for limit in (["a/b", "réad"], [], scope("read")):
        service.create(OPERATOR, agent.agent_id, capabilities=limit)
    first, second, third = [bytes.fromhex(row[0]).decode() for row in bench.rows(agent, "HEX(capabilities)")]
    assert (first, second) == ('["a\\/b","r\\u00e9ad"]', "[]")
    assert third.startswith('{"scope":"own","label":"Own","ability_categories":[],"ability_allow":[],')
    listed = {each.token_id: each.capabilities for each in service.list(OPERATOR, agent.agent_id)}
    assert [listed[number] for number in sorted(listed)] == [["a/b", "réad"], [], scope("read")]


@pytest.mark.parametrize("seconds", [None, 0, -5])
def test_without_seconds_there_is_no_end(bench: Bench, service: TokensService, seconds: int | None) -> None:
    made = service.create(OPERATOR, bench.agent("tk-endless").agent_id, expires_in=seconds)
    assert made.token.expires_at is None


def test_what_is_no_token(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-wrong").agent_id
    refused("agent_not_found", NotFound, service.create, OPERATOR, 99999)
    refused("agent_not_found", NotFound, service.create, OPERATOR, "tk-nobody")
    refused("token_label_too_long", InvalidInput, service.create, OPERATOR, agent, label="x" * 201)
    refused("invalid_label", InvalidInput, service.create, OPERATOR, agent, label="\ud800")
    refused("invalid_capabilities", InvalidInput, service.create, OPERATOR, agent, capabilities=[""])
    refused("invalid_expiry", InvalidInput, service.create, OPERATOR, agent, expires_in=10**12)
    refused("invalid_expiry", InvalidInput, service.create, OPERATOR, agent, expires_at="tomorrow")
    assert service.list(OPERATOR, agent) == []
    assert service.create(OPERATOR, agent, label="é" * 200).token.label == "é" * 200


def test_the_youngest_is_listed_first(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-order").agent_id
    first, second = service.create(OPERATOR, agent), service.create(OPERATOR, agent)
    bench.clock.move(1)
    third = service.create(OPERATOR, agent)
    found = [each.token_id for each in service.list(OPERATOR, agent)]
    assert found == [third.token.token_id, first.token.token_id, second.token.token_id]


def test_the_log_names_no_secret(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-logged")
    made = service.create(OPERATOR, agent.agent_id, label="l", capabilities=[], expires_in=60)
    service.revoke(OPERATOR, agent.agent_id, made.token.token_id)
    facts = {"agent_id": agent.agent_id, "token_id": made.token.token_id}
    assert bench.log() == [
        (
            "info",
            "Agent token created",
            {
                **facts,
                "agent_slug": "tk-logged",
                "label": "l",
                "has_expiry": True,
                "has_cap_restriction": True,
            },
        ),
        ("info", "Agent token revoked", facts),
    ]


# Who may


def test_roles(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-roles", OWNER).agent_id
    made = service.create(subscriber(OWNER), agent)
    assert made.token.capabilities is None, "an owner gives all he has"
    grants = bench.runtime.get(AccessRepository)
    for role, listed in (("viewer", False), ("operator", True)):
        grants.grant(agent, FRIEND, role)
        refused("rest_forbidden", Forbidden, service.create, subscriber(FRIEND), agent)
        refused("rest_forbidden", Forbidden, service.revoke, subscriber(FRIEND), agent, made.token.token_id)
        if listed:
            assert len(service.list(subscriber(FRIEND), agent)) == 1
        else:
            refused("rest_forbidden", Forbidden, service.list, subscriber(FRIEND), agent)
    refused("rest_forbidden", Forbidden, service.create, subscriber(STRANGER), agent)
    refused("rest_forbidden", Forbidden, service.list, subscriber(STRANGER), agent)
    refused("rest_forbidden", Unauthorized, service.create, Principal.user(0), agent)
    grants.grant(agent, FRIEND, "admin")
    service.revoke(subscriber(FRIEND), agent, made.token.token_id)
    assert service.list(OPERATOR, agent) == []


def test_who_was_granted_an_agent_gives_what_he_may_do_himself(bench: Bench, service: TokensService) -> None:
    editor = bench.site.user("tkeditor", "editor")
    agent = bench.agent("tk-shared").agent_id
    bench.runtime.get(AccessRepository).grant(agent, editor, "admin")
    try:
        made = service.create(subscriber(editor), agent)
        names = made.token.capabilities
        assert isinstance(names, list)
        assert {"edit_others_posts", "datamachine_view_logs", "read"} <= set(names)
        assert not {"manage_options", "datamachine_manage_agents", "administrator"} & set(names)
        narrow = service.create(subscriber(editor), agent, capabilities=["edit_posts"])
        assert narrow.token.capabilities == ["edit_posts"]
        refused(
            "token_too_wide", Forbidden, service.create, subscriber(editor), agent,
            capabilities=["manage_options"],
        )  # fmt: skip
    finally:
        bench.site.sql(f"DELETE FROM wp_datamachine_agent_access WHERE user_id = {editor}")


# Acting agents


def test_a_token_makes_none_of_another_agent(bench: Bench, service: TokensService) -> None:
    mine, other = bench.agent("tk-mine"), bench.agent("tk-other")
    for limit in (None, limited("manage_options")):
        token = service.create(OPERATOR, mine.agent_id, capabilities=limit).token
        refused("rest_forbidden", Forbidden, service.create, acting(mine, token), other.agent_id)
    assert service.list(OPERATOR, other.agent_id) == []


def test_a_token_makes_no_wider_one(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-narrow")
    own = service.create(OPERATOR, agent.agent_id, capabilities=limited("read")).token
    who = acting(agent, own)
    assert service.create(who, agent.agent_id).token.capabilities == limited("read")
    assert service.create(who, agent.agent_id, capabilities=["read"]).token.capabilities == ["read"]
    error = refused(
        "token_too_wide", Forbidden, service.create, who, agent.agent_id, capabilities=["read", "edit_posts"]
    )
    assert "edit_posts" in error.message
    assert len(bench.rows(agent)) == 3


def test_a_token_without_the_right_to_manage_agents_makes_lists_and_revokes_none(
    bench: Bench, service: TokensService
) -> None:
    agent = bench.agent("tk-unlisted")
    own = service.create(OPERATOR, agent.agent_id, capabilities=["datamachine_manage_flows"]).token
    who = acting(agent, own)
    refused("rest_forbidden", Forbidden, service.create, who, agent.agent_id, capabilities=[])
    refused("rest_forbidden", Forbidden, service.list, who, agent.agent_id)
    refused("rest_forbidden", Forbidden, service.revoke, who, agent.agent_id, own.token_id)


def test_filters_and_the_end_are_inherited(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-heir")
    own = service.create(OPERATOR, agent.agent_id, capabilities=scope("read"), expires_in=100).token
    who = acting(agent, own)
    same = service.create(who, agent.agent_id, expires_in=10**6).token
    assert (same.capabilities, same.expires_at) == (scope("read"), own.expires_at)
    endless = service.create(who, agent.agent_id, capabilities=["read"]).token
    assert (endless.capabilities, endless.expires_at) == (
        scope("read") | {"capabilities": ["read"]},
        own.expires_at,
    )
    short = service.create(who, agent.agent_id, expires_in=10).token
    assert short.expires_at == "2026-11-23 12:00:10"
    unlimited = service.create(OPERATOR, agent.agent_id, expires_in=100).token
    child = service.create(acting(agent, unlimited), agent.agent_id).token
    assert (child.capabilities, child.expires_at) == (None, unlimited.expires_at)


def test_a_token_that_is_gone_makes_none(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-gone")
    own = service.create(OPERATOR, agent.agent_id, expires_in=100).token
    who = acting(agent, own)
    bench.clock.move(100)
    refused("datamachine_invalid_token", Unauthorized, service.create, who, agent.agent_id)
    bench.clock.move(-100)
    service.revoke(OPERATOR, agent.agent_id, own.token_id)
    refused("datamachine_invalid_token", Unauthorized, service.create, who, agent.agent_id)
    assert bench.rows(agent) == []


# Revoking


def test_revoking(bench: Bench, service: TokensService) -> None:
    one, two = bench.agent("tk-one"), bench.agent("tk-two")
    made = service.create(OPERATOR, one.agent_id).token
    refused("token_not_found", NotFound, service.revoke, OPERATOR, two.agent_id, made.token_id)
    assert len(bench.rows(one)) == 1, "another agent's token stays"
    service.revoke(OPERATOR, "tk-one", made.token_id)
    refused("token_not_found", NotFound, service.revoke, OPERATOR, one.agent_id, made.token_id)
    for _ in range(3):
        service.create(OPERATOR, two.agent_id)
    service.create(OPERATOR, one.agent_id)
    assert service.revoke_all(OPERATOR, two.agent_id) == 3
    assert (len(bench.rows(one)), bench.rows(two)) == (1, [])


def test_deleting_an_agent_revokes_its_tokens(bench: Bench, service: TokensService) -> None:
    agent, other = bench.agent("tk-deleted"), bench.agent("tk-stays")
    service.create(OPERATOR, agent.agent_id)
    service.create(OPERATOR, other.agent_id)
    bench.runtime.get(AgentsService).delete(administrator(), agent.agent_id)
    assert (bench.rows(agent), len(bench.rows(other))) == ([], 1)


# Abilities


def test_abilities(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-able").agent_id
    run = bench.runtime.get(Registry).execute
    given = {"agent_id": str(agent), "capabilities": {"0": "read", "2": "edit_posts"}, "expires_in": "60"}
    made = run(administrator(), "datamachine/create-agent-token", given)
    assert list(made) == ["success", "token_id", "raw_token", "token_prefix", "message"]
    listed = run(administrator(), "datamachine/list-agent-tokens", {"agent_id": agent})
    assert [each["capabilities"] for each in listed["tokens"]] == [["read", "edit_posts"]]
    assert listed["tokens"][0]["expires_at"] is not None
    assert made["raw_token"] not in str(listed)
    gone = {"agent_id": agent, "token_id": made["token_id"]}
    assert run(administrator(), "datamachine/revoke-agent-token", gone) == documents.token_revoked()
    assert run(administrator(), "datamachine/revoke-agent-token", gone) == {
        "success": False,
        "error": "Token not found or does not belong to this agent",
    }
    for wrong in ({"capabilities": [""]}, {"expires_in": "soon"}, {"capabilities": "read"}):
        answer = run(administrator(), "datamachine/create-agent-token", {"agent_id": agent, **wrong})
        assert answer["success"] is False
    with pytest.raises(Forbidden):
        run(subscriber(STRANGER), "datamachine/create-agent-token", {"agent_id": agent})
    assert service.list(OPERATOR, agent) == []


# PHP code


def test_php_code_makes_and_revokes_by_the_same_service(bench: Bench, service: TokensService) -> None:
    agent = bench.agent("tk-php")
    said = bench.site.instance.wp(
        "eval",
        f"""
        $tokens = new \\DataMachine\\Core\\Database\\Agents\\AgentTokens();
        $end = '2999-01-01 00:00:00';
        $answers = array(
            $tokens->create_token( {agent.agent_id}, 'tk-php', 'of PHP', array( 'read' ), $end ),
            $tokens->create_token( 99999, 'nobody' ),
            $tokens->create_token( {agent.agent_id}, 'tk-php', str_repeat( 'x', 201 ) ),
        );
        \\DataMachine\\Abilities\\PermissionHelper::set_agent_context( {agent.agent_id}, 1, array( 'read' ) );
        $answers[] = $tokens->create_token( {agent.agent_id}, 'tk-php' );
        $answers[] = $tokens->revoke_all_for_agent( {agent.agent_id} );
        \\DataMachine\\Abilities\\PermissionHelper::clear_agent_context();
        $answers[] = $tokens->create_token( {agent.agent_id}, 'tk-php' );
        $answers[] = $tokens->revoke_token( $answers[5]['token_id'], {agent.agent_id} );
        $answers[] = $tokens->revoke_token( $answers[5]['token_id'], {agent.agent_id} );
        echo wp_json_encode( $answers );
        """,
    )
    made, unknown, long, limited_one, kept, second, first_time, again = json.loads(said.stdout)
    assert (unknown, long, limited_one, kept, first_time, again) == (None, None, None, 0, True, False)
    assert sorted(made) == ["raw_token", "token_id", "token_prefix"]
    assert second["token_id"] > int(made["token_id"])
    assert bench.rows(agent, "token_hash, label, capabilities, expires_at") == [
        [
            hashlib.sha256(made["raw_token"].encode()).hexdigest(),
            "of PHP",
            '["read"]',
            "2999-01-01 00:00:00",
        ]
    ]
    assert service.list(OPERATOR, agent.agent_id)[0].label == "of PHP"
