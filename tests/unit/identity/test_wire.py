"""Who PHP says acts, and how far that is believed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.bridge.context import CallContext
from sidecar.errors import Forbidden, Unauthorized
from sidecar.identity import Agent, Answers, Caller, Principal, Token, ceiling
from sidecar.identity.wire import principal_of

AGENT = Agent(2, "bot", "Bot", 4, None, {}, "", "")


#: Tokens of agent 2 by id, as the database has them now.
COLUMNS = {7: '["datamachine_chat","read"]', 8: None, 9: "[]"}


def _token(token_id: int) -> Token:
    column = COLUMNS[token_id]
    limit = ceiling.decoded(column)
    return Token(token_id, 2, "datamachine_", "", limit, None, None, "", ceiling.read(column))


class Agents:
    def get(self, agent_id: int) -> Agent | None:
        return AGENT if agent_id == 2 else None

    def acting(self, agent_id: int, token_id: int) -> tuple[Agent, Token | None] | None:
        if agent_id != 2:
            return None
        return AGENT, _token(token_id) if token_id in COLUMNS else None


def _principal(told: Any, *, source: str = "rest", user_id: int = 4, blog_id: int = 3) -> Principal:
    context = CallContext(user_id=user_id, blog_id=blog_id, source=source)  # type: ignore[arg-type]
    call = SimpleNamespace(params={"principal": told}, context=context)
    return principal_of(call, Agents())  # type: ignore[arg-type]


def test_a_user_with_what_wordpress_said() -> None:
    told = {"kind": "user", "user_id": 4, "actions": ["chat", "made_up"], "administrator": True}
    assert _principal(told) == Principal(
        "user", 4, blog_id=3, answers=Answers(frozenset({"chat"}), administrator=True)
    )
    assert _principal({"kind": "user", "user_id": 4, "actions": {0: "chat", 2: "use_tools"}}).answers == (
        Answers(frozenset({"chat", "use_tools"}))
    )


def test_without_a_word_wordpress_is_asked_later() -> None:
    assert _principal(None) == Principal.user(4, blog_id=3)


@pytest.mark.parametrize("source", ["web", "rest", "cron", "host", "queue"])
def test_the_command_line_is_one_only_from_the_command_line(source: str) -> None:
    told = {"kind": "cli", "user_id": 4, "actions": []}
    assert _principal(told, source=source).kind == "user"
    assert _principal(told, source="cli") == Principal.command_line(4, blog_id=3)


@pytest.mark.parametrize("source", ["web", "rest", "cli"])
def test_a_page_is_not_the_system(source: str) -> None:
    told = {"kind": "system", "user_id": 0, "actions": ["manage_flows"]}
    assert _principal(told, source=source).kind == "user"
    assert _principal(told, source="host") == Principal.system(blog_id=3)


@pytest.mark.parametrize("source", ["web", "rest", "cli"])
def test_code_that_vouches_for_its_caller_is_the_system(source: str) -> None:
    told = {"kind": "system", "user_id": 0, "actions": [], "authenticated": True}
    assert _principal(told, source=source) == Principal.system(blog_id=3)
    assert _principal({**told, "authenticated": 1}, source=source).kind == "user"
    assert _principal({**told, "kind": "user", "user_id": 4}, source=source).kind == "user"


def test_an_acting_agent_with_its_ceiling() -> None:
    told = {
        "kind": "user", "user_id": 4, "actions": ["chat"], "administrator": False, "network": False,
        "agent": {"agent_id": 2, "capabilities": ["datamachine_chat"], "token_id": 7},
    }  # fmt: skip
    assert _principal(told) == Principal(
        "agent", 4, 2, frozenset({"datamachine_chat"}), 7, 3, Answers(frozenset({"chat"}))
    )
    told["agent"] = {"agent_id": 2, "capabilities": ["datamachine_chat"], "token_id": None}
    assert (_principal(told).ceiling, _principal(told).token_id) == (frozenset({"datamachine_chat"}), None)
    told["agent"] = {"agent_id": 2, "capabilities": None, "token_id": None}
    assert (_principal(told).ceiling, _principal(told).token_id) == (None, None)
    told["agent"] = {"agent_id": 2, "capabilities": [], "token_id": None}
    assert _principal(told).ceiling == frozenset(), "an empty list limits to nothing"


@pytest.mark.parametrize(
    ("token_id", "told", "left"),
    [
        (7, None, {"datamachine_chat", "read"}),
        (7, ["datamachine_chat", "datamachine_manage_agents"], {"datamachine_chat"}),
        (7, [], set()),
        (8, None, None),
        (8, ["read"], {"read"}),
        (9, None, set()),
        (9, ["datamachine_manage_agents"], set()),
    ],
)
def test_a_tokens_limit_is_read_again(token_id: int, told: list[str] | None, left: set[str] | None) -> None:
    agent = {"agent_id": 2, "capabilities": told, "token_id": token_id}
    acting = _principal({"user_id": 4, "actions": [], "agent": agent})
    assert acting.ceiling == (None if left is None else frozenset(left))
    assert acting.token_id == token_id


def test_a_token_that_ended_since_wordpress_read_it_acts_no_more() -> None:
    with pytest.raises(Unauthorized) as refused:
        _principal({"user_id": 4, "agent": {"agent_id": 2, "capabilities": None, "token_id": 5}})
    assert refused.value.code == "datamachine_invalid_token"


def test_who_called_from_another_site() -> None:
    told = {"user_id": 4, "agent": {"agent_id": 2}}
    assert _principal(told).caller is None
    told["caller"] = {"site": "a.example", "agent": "bot", "chain_id": "c", "depth": 2}
    assert _principal(told).caller == Caller("a.example", "bot", "c", 2)
    told["caller"] = {"site": None, "depth": "2"}
    assert _principal(told).caller == Caller()


@pytest.mark.parametrize("agent_id", [0, 3, -2, "2", True, None])
def test_an_agent_that_is_gone_acts_no_more(agent_id: Any) -> None:
    with pytest.raises(Forbidden) as refused:
        _principal({"user_id": 4, "agent": {"agent_id": agent_id}})
    assert refused.value.code == "invalid_principal"


def test_an_agent_acts_for_its_owner_only() -> None:
    with pytest.raises(Forbidden):
        _principal({"user_id": 1, "actions": ["manage_agents"], "agent": {"agent_id": 2}})
