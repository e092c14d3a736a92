"""Attempts to do more with a token than it is for: widening it, making others, guessing and smuggling."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.security.lab import Lab, ability
from tests.matrix import doors

pytestmark = pytest.mark.usefixtures("unharmed", "no_failures")

MANAGE = "datamachine_manage_agents"
FLOWS = "datamachine_manage_flows"
CHAT = "datamachine_chat"
REFUSED = "401 datamachine_invalid_token"


@pytest.fixture
def no_failures(lab: Lab) -> Iterator[None]:
    lab.forget_failures()
    yield
    lab.forget_failures()


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


# Guessing


def wrong(lab: Lab) -> dict[str, str]:
    raw = lab.tokens[lab.key()].raw
    flipped = raw[:-1] + ("0" if raw[-1] != "0" else "1")
    return {
        "one character": flipped,
        "upper case": raw[:-64] + raw[-64:].upper(),
        "shorter": raw[:-1],
        "longer": raw + "0",
        "another slug": raw.replace(lab.mine.slug, lab.theirs.slug),
        "its hash": "datamachine_"
        + str(lab.rows("SELECT token_hash FROM {datamachine_agent_tokens} LIMIT 1")[0]["token_hash"]),
        "a wildcard": "datamachine_%",
        "SQL": "datamachine_'OR'1'='1",
        "a comment": "datamachine_x'/**/UNION/**/SELECT/**/1--",
    }


def test_near_misses_open_nothing(lab: Lab) -> None:
    for name, raw in wrong(lab).items():
        lab.tokens["wrong"] = type(lab.tokens[lab.key()])(0, raw, None)
        for door, answer in lab.rest("wrong", "GET", "/agents/me"):
            assert answer.result == REFUSED, (door, name)
    del lab.tokens["wrong"]


def test_a_hash_is_compared_whole_whatever_is_found(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """By construction: every token is compared in constant time, with or without a row."""
    compared: list[tuple[bytes, bytes]] = []
    known = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return known(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    good, ended = lab.tokens[lab.key()].raw, lab.tokens[lab.key(expires_at="2020-01-01 00:00:00")].raw
    for raw, row in ((good, True), (ended, True), ("datamachine_nobody", False)):
        compared.clear()
        lab.own_answer("GET", "/agents/me", [("Authorization", f"Bearer {raw}")])
        digest = hashlib.sha256(raw.encode()).hexdigest().encode()
        # The bridge proves itself with the same function; it knows no hashes of tokens.
        assert [other for one, other in compared if one == digest] == [digest if row else b""], raw


def test_php_compares_in_constant_time_too(lab: Lab) -> None:
    """What cannot be watched is read: the one place that decides on a row calls hash_equals first."""
    source = (
        lab.instance.path
        / "wp-content"
        / "plugins"
        / "datamachine-bridge"
        / "src"
        / "Identity"
        / "Tokens.php"
    ).read_text()
    rule = source[source.index("public static function refusal(") :]
    rule = rule[: rule.index("\n\t}")]
    first = next(line for line in rule.splitlines()[1:] if not line.strip().startswith("//"))
    assert first.strip().startswith("$known = hash_equals( self::hash( $presented )")
    assert "token_hash'] =" not in rule
    assert source.count("hash_equals(") == 1


def test_failures_are_counted_wherever_they_come_in(lab: Lab) -> None:
    """Thirty from one address, at both doors together; a good token is let in all the same."""
    good, statuses = lab.tokens[lab.key()].headers, []
    for number in range(34):
        wrong = {
            "Authorization": f"Bearer datamachine_guess{number}_{number}",
            "X-Forwarded-For": f"203.0.113.{number}",
        }
        if number % 2:
            answer = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=wrong)
            statuses.append(answer.status)
        else:
            statuses.append(lab.own_answer("GET", "/agents/me", list(wrong.items())).status)
    assert statuses == [401] * 30 + [429] * 4
    refused = lab.instance.request(
        "GET", "/wp-json/wp/v2/types", headers={"Authorization": "Bearer datamachine_x_1"}
    )
    assert refused.status == 429
    assert refused.json()["code"] == "datamachine_too_many_attempts"
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=good).status == 200
    assert lab.own_answer("GET", "/agents/me", list(good.items())).status == 200


def test_guesses_at_one_agent_from_everywhere_do_not_lock_it_out(lab: Lab) -> None:
    token = lab.tokens[lab.key()]
    for number in range(61):
        wrong = [("Authorization", f"Bearer datamachine_{lab.mine.slug}_{number}")]
        lab.own_answer("GET", "/agents/me", wrong, address=f"198.51.100.{number}")
    late = lab.own_answer("GET", "/agents/me", wrong, address="198.51.100.200")
    assert late.status == 429
    other = [("Authorization", "Bearer datamachine_somebody-else_1")]
    assert lab.own_answer("GET", "/agents/me", other, address="198.51.100.201").status == 401
    good = list(token.headers.items())
    assert lab.own_answer("GET", "/agents/me", good, address="198.51.100.200").status == 200


# Smuggling


def smuggled(raw: str, other: str) -> dict[str, list[tuple[str, str]]]:
    """Headers by what they try; ``raw`` and ``other`` are good tokens."""
    return {
        "two tokens": [("Authorization", f"Bearer {raw}"), ("Authorization", f"Bearer {other}")],
        "a token and a password": [
            ("Authorization", "Basic YWRtaW46eA=="),
            ("Authorization", f"Bearer {raw}"),
        ],
        "a list": [("Authorization", f"Bearer {raw}, Bearer {other}")],
        "a list of one kind": [("Authorization", f"Bearer {raw},{other}")],
        "both headers": [
            ("Authorization", f"Bearer {raw}"),
            ("X-Datamachine-Authorization", f"Bearer {other}"),
        ],
        "words after it": [("Authorization", f"Bearer {raw} {other}")],
        "a tab": [("Authorization", f"Bearer\t{raw}")],
        "a broken second one": [
            ("Authorization", f"Bearer {raw}"),
            ("X-Datamachine-Authorization", "Bearer datamachine_"),
        ],
    }


def test_two_credentials_are_refused_at_the_sidecars_door(lab: Lab) -> None:
    raw, other = lab.tokens[lab.key()].raw, lab.tokens[lab.key(agent="chiefs")].raw
    for name, headers in smuggled(raw, other).items():
        answer = lab.own_answer("GET", "/agents/me", headers)
        assert (answer.status, answer.code) == (401, "datamachine_invalid_token"), name
        lab.forget_failures()


def test_two_credentials_are_refused_in_wordpress(lab: Lab) -> None:
    """Through a real socket: what the web server makes of two headers of one name is part of the answer."""
    raw, other = lab.tokens[lab.key()].raw, lab.tokens[lab.key(agent="chiefs")].raw
    for name, headers in smuggled(raw, other).items():
        status, text = by_socket(lab, "GET", "/wp-json/datamachine/v1/agents/me", headers)
        # PHP's own server keeps one of two headers with one name; then that one alone speaks.
        one_is_left = name in ("two tokens", "a token and a password") and status == 200
        if not one_is_left:
            assert (status, json.loads(text)["code"]) == (401, "datamachine_invalid_token"), name
        lab.forget_failures()


def test_a_token_in_an_address_a_body_or_a_cookie_is_none(lab: Lab) -> None:
    raw = lab.tokens[lab.key()].raw
    rest = "/wp-json/datamachine/v1/agents/me"
    for query in (
        "token",
        "access_token",
        "bearer",
        "authorization",
        "Authorization",
        "HTTP_AUTHORIZATION",
        "raw_token",
    ):
        for text in (raw, f"Bearer%20{raw}"):
            assert lab.instance.request("GET", f"{rest}?{query}={text}").status == 401, query
            assert lab.own_answer("GET", f"/agents/me?{query}={text}", []).status == 401, query
    assert lab.instance.request("GET", rest, headers={"Cookie": f"Authorization=Bearer {raw}"}).status == 401
    assert lab.own_answer("GET", "/agents/me", [("Cookie", f"Authorization=Bearer {raw}")]).status == 401
    form = f"authorization=Bearer+{raw}&access_token={raw}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = lab.instance.request("POST", "/wp-json/datamachine/v1/agents", headers=headers, body=form)
    assert refused.status in (400, 401)


def test_a_token_wins_over_a_cookie_and_its_limit_too(lab: Lab) -> None:
    """An administrator's browser session does not lift a limited token."""
    both = {**lab.accounts["chief"].headers, **lab.tokens[lab.key([])].headers}
    refused = lab.instance.request("POST", "/wp-json/wp/v2/posts?title=x", headers=both)
    assert refused.status == 403
    me = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=both)
    assert me.json()["data"]["agent_slug"] == lab.mine.slug


def test_a_chain_of_agents_ends(lab: Lab) -> None:
    token = lab.tokens[lab.key()].headers
    for depth, status in (("2", 200), ("3", 429), ("99999999999", 429), ("-1", 200), ("3, 0", 429)):
        headers = {**token, "X-Datamachine-Chain-Depth": depth}
        inside = lab.instance.request("GET", "/wp-json/datamachine/v1/agents/me", headers=headers)
        own = lab.own_answer("GET", "/agents/me", list(headers.items()))
        assert (inside.status, own.status) == (status, status), depth


# Work that goes on afterwards


def test_a_job_that_a_limited_token_started_stays_below_it(lab: Lab) -> None:
    """Whoever works on it later; and a second start, by somebody who may more, does not lift the limit."""
    narrow, wide = lab.key([FLOWS], agent="chiefs"), lab.key(agent="chiefs")
    run = "/wp-json/wp-abilities/v1/abilities/datamachine/run-flow/run"
    planted = {"limit": None, "capabilities": None, "job": {"capabilities": None}}
    given = {"flow_id": lab.chiefs.flow_id, "initial_data": planted}
    started = lab.answer(narrow, "POST", run, {"input": given})
    assert started.status == 200, started.text
    job = started.json()["job_id"]
    assert limit_of(lab, job) == [FLOWS]
    lab.answer(wide, "POST", run, {"input": {"flow_id": lab.chiefs.flow_id, "job_id": job}})
    assert limit_of(lab, job) == [FLOWS]


@pytest.mark.parametrize("name", ["run-flow", "schedule-next-step", "execute-step"])
def test_a_limited_token_does_not_work_above_its_limit_through_another_job(lab: Lab, name: str) -> None:
    """What it hands to a step that somebody else has started would be published with the owner's rights."""
    job, run = lab.chiefs.job_id, f"/wp-json/wp-abilities/v1/abilities/datamachine/{name}/run"
    with lab.runtime.db.session() as session:
        tables = lab.runtime.db.tables()
        session.delete(tables.bridge_limits, {"job_id": job})
        session.update(tables.jobs, {"status": "processing"}, {"job_id": job})
    given = {
        "flow_id": lab.chiefs.flow_id,
        "job_id": job,
        "flow_step_id": lab.chiefs.step,
        "data_packets": [{"type": "fetch", "data": {"title": "planted", "body": "planted"}}],
    }
    answer = lab.answer(lab.key([FLOWS], agent="chiefs"), "POST", run, {"input": given})
    assert answer.status == 200, answer.text
    assert limit_of(lab, job) == [FLOWS]


def limit_of(lab: Lab, job: int) -> list[str] | None:
    rows = lab.rows("SELECT capabilities FROM {datamachine_bridge_limits} WHERE job_id = :id", id=job)
    return json.loads(rows[0]["capabilities"]) if rows else None


# Command lines


def test_a_bad_token_at_a_command_line_is_no_operator(lab: Lab) -> None:
    ended = lab.tokens[lab.key(expires_at="2020-01-01 00:00:00")].raw
    for raw in ("garbage", "datamachine_x", ended):
        for run in (
            lab.instance.datamachine,
            lambda *line, **env: lab.instance.wp("datamachine", *line, **env),
        ):
            said = run("agents", "list", check=False, DATAMACHINE_TOKEN=raw)
            assert said.returncode == 1, (raw, said.stdout)
            assert lab.theirs.slug not in said.stdout + said.stderr
            assert raw != ended or raw not in said.stderr


def test_a_limited_token_at_a_command_line_is_one(lab: Lab) -> None:
    raw = lab.tokens[lab.key([CHAT], agent="chiefs")].raw
    for run in (lab.instance.datamachine, lambda *line, **env: lab.instance.wp("datamachine", *line, **env)):
        for line in (
            ("agents", "delete", lab.theirs.slug, "--yes"),
            ("agents", "token", "create", lab.chiefs.slug),
        ):
            said = run(*line, check=False, DATAMACHINE_TOKEN=raw)
            assert said.returncode == 1, line
            assert "not allowed" in said.stderr, said.stderr


def by_socket(lab: Lab, method: str, path: str, headers: list[tuple[str, str]]) -> tuple[int, str]:
    """A request byte by byte."""
    place = urlsplit(lab.instance.url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {place.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=30) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.decode("utf-8", "replace").partition("\r\n\r\n")
    return int(head.split()[1]), body
